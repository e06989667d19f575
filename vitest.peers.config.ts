import { defineConfig } from "vitest/config";

/** Real servers as opponents: needs the programs that tools/install-peers.sh installs. */
export default defineConfig({
  test: { include: ["test/peers/**/*.test.ts"], setupFiles: ["test/setup.ts"], testTimeout: 30_000 },
});
