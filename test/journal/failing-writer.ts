// A writer's thread for tests: it answers batches as the text in them says. The data directory holds no log; what it was
// given is told in the file `written` there. One told to hang hangs until there is a file `release`.
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import type { BatchMessage, FromWriter, ToWriter, WriterData } from "../../src/journal/message.ts";

// Whoever starts this file gives it a WriterData.
const data = workerData as WriterData;
const refused = new Set<string>();

function say(message: FromWriter): void {
  parentPort?.postMessage(message, []);
}

function answer(message: BatchMessage): void {
  const { number, rows, arena, large } = message;
  const passing = rows.includes("refuse-once");
  const refusal = { message: passing ? "no room" : "never", passing };
  if (rows.includes("die") && arena !== undefined) throw new Error("out of memory");
  if (rows.includes("refuse") && !refused.has(rows)) {
    refused.add(rows);
    say({ kind: "done", number, refusal, arena, large });
    return;
  }
  if (rows.includes("hang") && !existsSync(join(data.dataDir, "release"))) {
    setTimeout(() => answer(message), 5);
    return;
  }
  appendFileSync(join(data.dataDir, "written"), `${arena === undefined ? "rows" : "whole"} ${rows}\n`);
  say({ kind: "done", number, refusal: null, arena, large });
}

parentPort?.on("message", (message: ToWriter) => (message.kind === "close" ? parentPort?.close() : answer(message)));

say({ kind: "ready", interrupted: 0, trouble: null });
