// Conversations made to be dear or to break it: the extract runs in the gateway's own thread, so that each must be read in linear time.
// Where one is not, its test runs for minutes and fails by the usual timeout.
import { expect, test } from "vitest";
import { extract } from "../../../src/hub/compaction/extract.ts";
import { writeHandOver } from "../../../src/hub/compaction/write-hand-over.ts";
import type { Item } from "../../../src/hub/item.ts";
import { call, customCall, ended, message, output } from "../../support/agent-sessions-parts.ts";

const KIB = 1024;
const edit = (path: string): Item[] => [call(path.slice(0, 9), "edit", { path }), output(path.slice(0, 9), "error: no such file")];
const long = ended(1, "line\n".repeat(50 * KIB));

test.each<[string, Item[]]>([
  ["a path of spaces", [...edit(`a${" ".repeat(256 * KIB)}b`), ...edit("b")]],
  ["a script of many commands with a long output", [customCall("1", "exec", 'cmd:"make a.b"\n'.repeat(20 * KIB)), output("1", long)]],
  [
    "a list of many commands with a long output",
    [call("1", "shell", { commands: Array.from({ length: 20 * KIB }, (_, at) => `make ${at}`) }), output("1", long)],
  ],
  [
    "commands of escaped quotes",
    Array.from({ length: 2 * KIB }, (_, at) => [
      call(`c${at}`, "exec_command", { cmd: '\\"'.repeat(3000) }),
      output(`c${at}`, "ok"),
    ]).flat(),
  ],
  ["sentences without an end", [message("user", `${"a".repeat(1200)}\n`.repeat(8 * KIB))]],
  ["more demands than arguments fit into one call", [message("user", "Hi."), message("developer", "You must.\n".repeat(200 * KIB))]],
])("%s", (_, items) => {
  const written = writeHandOver(extract(items, { tokens: 2000, bytesPerToken: 4 }));
  expect(written).not.toBe("");
  expect(Buffer.byteLength(written)).toBeLessThanOrEqual(8000);
});
