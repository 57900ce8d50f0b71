// Whatever the items and however small the budget, the extract does not throw, fits, and is the same each time.
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { extract } from "../../../src/hub/compaction/extract.ts";
import { fitHandOver } from "../../../src/hub/compaction/fit-hand-over.ts";
import type { HandOver } from "../../../src/hub/compaction/hand-over.ts";
import { findHandOver, writeHandOver } from "../../../src/hub/compaction/write-hand-over.ts";
import type { Item, Tool } from "../../../src/hub/item.ts";
import { message, reply } from "../../support/agent-sessions-parts.ts";

/** More runs than the usual find rarer mistakes: `WAYSTATION_RUNS=20000 npm test -- test/hub/compaction`. */
const RUNS = { numRuns: Number(process.env["WAYSTATION_RUNS"] ?? 300) };
// Many runs on a busy machine take their time.
vi.setConfig({ testTimeout: 60_000 });

/** Text that looks like what the extract reads: marks, tags, headings, quotes, and any characters between. */
const scrap = fc.constantFrom(
  ..."# Hand-over of the work so far\n|## Task\n|- |  |\n\n|<environment_context>|</environment_context>|*** Update File: a.ts\n|*** Move to: b.ts\n|+x\n".split(
    "|",
  ),
  ..."must never |不要。|\"|'|`|\\|{|}|[|]|:|: |&& |>|<<EOF\n|cat a/b.ts|rm -rf x/y|exit code 1|FAIL a.test.ts|(c1): |Newest request: |```\n|…".split(
    "|",
  ),
  "Another language model started to solve this problem and produced a summary:\n",
  "(3 more left out)",
  "Process running with session ID 7",
  "\ud800",
);
const text = fc
  .array(fc.oneof(scrap, scrap, fc.string({ unit: "binary", maxLength: 12 })), { maxLength: 25 })
  .map((parts) => parts.join(""));
const long = fc.oneof({ weight: 9, arbitrary: text }, { weight: 1, arbitrary: text.map((one) => one.repeat(200)) });
const id = fc.constantFrom("c1", "c2", "c3", "");
const name = fc.constantFrom("exec_command", "shell", "apply_patch", "update_plan", "edit", "read", "ask_user", "exec", "");
const object = fc.dictionary(
  fc.constantFrom("cmd", "command", "path", "plan", "todos", "input", "session_id", "__proto__"),
  fc.oneof(long, fc.jsonValue()),
  {
    noNullPrototype: true,
  },
);
const given = fc.oneof(
  long,
  fc.json(),
  object.map((value) => JSON.stringify(value)),
);
const parts = fc.array(
  long.map((one) => ({ type: "input_text" as const, text: one })),
  { maxLength: 3 },
);
const wire = fc.dictionary(
  fc.constantFrom("type", "action", "operation", "output", "status"),
  fc.oneof(fc.constant("web_search_call"), fc.jsonValue()),
  {
    noNullPrototype: true,
  },
);

const item: fc.Arbitrary<Item> = fc.oneof(
  fc.tuple(fc.constantFrom("user", "developer", "system"), long).map(([role, said]) => message(role, said)),
  fc.record({ type: fc.constant("message"), role: fc.constant("user"), content: parts }),
  long.map(reply),
  fc.record({ type: fc.constant("function_call"), call_id: id, name, arguments: given }),
  fc.record({ type: fc.constant("function_call_output"), call_id: id, output: fc.oneof(given, parts) }),
  fc.record({ type: fc.constant("custom_tool_call"), call_id: id, name, input: given }),
  fc.record({ type: fc.constant("custom_tool_call_output"), call_id: id, output: fc.oneof(given, parts) }),
  fc.record({
    type: fc.constant("tool_search_call"),
    call_id: fc.option(id),
    execution: fc.constant("client"),
    arguments: fc.constant({}),
  }),
  fc.record({
    type: fc.constant("tool_search_output"),
    call_id: fc.option(id),
    execution: fc.constant("client"),
    tools: fc.constant<Tool[]>([]),
  }),
  fc.record({ type: fc.constant("built_in_call"), tool: fc.constantFrom("local_shell", "shell", "apply_patch"), call_id: id, wire }),
  fc.record({ type: fc.constant("built_in_output"), tool: fc.constantFrom("local_shell", "shell", "apply_patch"), call_id: id, wire }),
  fc.record({
    type: fc.constant("reasoning"),
    summary: fc.array(
      long.map((one) => ({ type: "summary_text" as const, text: one })),
      { maxLength: 2 },
    ),
  }),
  fc.record({ type: fc.constant("agent_message"), author: name, recipient: name, text: long }),
  fc.record({ type: fc.constant("compaction"), encrypted_content: text }),
  wire.map((whole): Item => ({ type: "opaque", wire: whole })),
);
const items = fc.array(item, { maxLength: 40 });
const budget = fc.record({ tokens: fc.integer({ min: 200, max: 4000 }), bytesPerToken: fc.double({ min: 2, max: 8, noNaN: true }) });

const list = fc.array(text, { maxLength: 20 });
const handOver: fc.Arbitrary<HandOver> = fc.record({
  task: text,
  constraints: list,
  decisions: list,
  files: list,
  commands: list,
  open_calls: list,
  plan: list,
  failures: list,
  next: text,
});

test("any items fit into any budget, in the same way each time", () => {
  fc.assert(
    fc.property(items, budget, (conversation, limit) => {
      const written = writeHandOver(extract(conversation, limit));
      expect(Buffer.byteLength(written)).toBeLessThanOrEqual(limit.tokens * limit.bytesPerToken);
      expect(writeHandOver(extract(structuredClone(conversation), limit))).toBe(written);
    }),
    RUNS,
  );
});

test("a conversation that begins with its own extract fits again", () => {
  fc.assert(
    fc.property(items, items, budget, (before, after, limit) => {
      const first = message("user", writeHandOver(extract(before, limit)));
      const written = writeHandOver(extract([first, ...after], limit));
      expect(Buffer.byteLength(written)).toBeLessThanOrEqual(limit.tokens * limit.bytesPerToken);
    }),
    RUNS,
  );
});

test("any hand-over is cut to any number of bytes", () => {
  fc.assert(
    fc.property(handOver, fc.integer({ min: 0, max: 6000 }), (whole, bytes) => {
      const written = writeHandOver(fitHandOver(whole, bytes));
      expect(Buffer.byteLength(written)).toBeLessThanOrEqual(bytes);
      // To give up and say nothing would fit as well.
      if (bytes >= 2000 && writeHandOver(whole) !== "") expect(written).not.toBe("");
    }),
    RUNS,
  );
});

test("what is written is read back, and written the same", () => {
  fc.assert(
    fc.property(handOver, (whole) => {
      const written = writeHandOver(whole);
      const read = findHandOver(written);
      fc.pre(read !== undefined);
      const again = findHandOver(writeHandOver(read));
      expect(again).toEqual(read);
    }),
    RUNS,
  );
});
