// A state's thread for tests that dies of its first question, and is well when it is started again.
import { parentPort, workerData } from "node:worker_threads";
import type { FromThread, ThreadData, ToThread } from "../../../src/gateway/state/message.ts";

// Whoever starts this file gives it a ThreadData; only the first start is to recover.
const { recover } = workerData as ThreadData;
const say = (message: FromThread): void => parentPort?.postMessage(message, []);

parentPort?.on("message", (message: ToThread) => {
  if (message.kind === "close") parentPort?.close();
  else if (recover) process.exit(1);
  else say({ kind: "replies", replies: [{ number: message.question.number, ok: true, answer: null }], responses: 0 });
});
say({ kind: "ready", interrupted: 0, trouble: null, responses: 0 });
