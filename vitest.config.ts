// The fast tests: all but those that need real agent CLIs, which have a configuration of their own in test/clients.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/clients/**"],
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
