import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "test/peers/**"],
    setupFiles: ["test/setup.ts"],
    testTimeout: 30_000,
    // Many tests wait for servers and time-outs of their own rather than work.
    maxWorkers: 4,
  },
});
