// Tests that run real clients against the real gateway: slower than the others, and in need of npm's registry once.
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: resolve(import.meta.dirname, "../.."),
    include: ["test/clients/**/*.test.ts"],
    globalSetup: ["test/clients/install-clients.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
});
