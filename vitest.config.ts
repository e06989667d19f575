import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "test/peers/**"],
    setupFiles: ["test/setup.ts"],
    testTimeout: 30_000,
  },
});
