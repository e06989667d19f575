import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [...configDefaults.exclude, "test/peers/**"],
    setupFiles: ["test/setup.ts"],
    testTimeout: 60_000,
    // Half of the time of a run would go into loading the same sources once a file.
    isolate: false,
    // Many tests wait for servers and time-outs of their own rather than work.
    maxWorkers: 4,
  },
});
