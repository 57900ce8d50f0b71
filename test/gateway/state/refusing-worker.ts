// A state's thread for tests, whose disk is full: it answers every question with a refusal.
import { parentPort } from "node:worker_threads";
import type { FromThread, ToThread } from "../../../src/gateway/state/message.ts";

const say = (message: FromThread): void => parentPort?.postMessage(message, []);

parentPort?.on("message", (message: ToThread) => {
  if (message.kind === "close") parentPort?.close();
  else say({ kind: "replies", replies: [{ number: message.question.number, ok: false, message: "the disk is full" }], responses: 0 });
});
say({ kind: "ready", interrupted: 0, trouble: null, responses: 0 });
