// A state's thread for tests that never answers a question.
import { parentPort } from "node:worker_threads";
import type { FromThread, ToThread } from "../../../src/gateway/state/message.ts";

parentPort?.on("message", (message: ToThread) => {
  if (message.kind === "close") parentPort?.close();
});
parentPort?.postMessage({ kind: "ready", interrupted: 0, trouble: null, responses: 0 } satisfies FromThread, []);
