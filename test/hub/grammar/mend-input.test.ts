// Inputs of custom tools on their way back: mended where it is certain what was meant, passed on as they are where it is not.
import { describe, expect, test } from "vitest";
import { createAliases } from "../../../src/hub/alias.ts";
import { createInputChecks, grammarsOf } from "../../../src/hub/grammar/check-inputs.ts";
import { mendInput } from "../../../src/hub/grammar/mend-input.ts";
import { toolGrammar } from "../../../src/hub/grammar/tool-grammar.ts";
import { LossList } from "../../../src/hub/loss.ts";
import type { Piece } from "../../../src/hub/piece.ts";
import { createRaise } from "../../../src/hub/raise-calls.ts";
import { APPLY_PATCH, PATCH } from "./grammars.ts";

const FORMAT = { type: "grammar", syntax: "lark", definition: APPLY_PATCH } as const;
const SHORT = "*** Begin Patch\n*** Add File: a\n+x\n*** End Patch\n";

function mend(text: string): { text: string; state: string } {
  const grammar = toolGrammar("lark", APPLY_PATCH);
  if ("problem" in grammar) throw grammar.problem;
  return mendInput(text, (candidate) => grammar.recogniser.fits(candidate));
}

describe("mended", () => {
  test.each([
    ["a fence around it", `\`\`\`diff\n${PATCH}\`\`\``, PATCH],
    ["a fence without a line end before it ends", `\`\`\`\n${SHORT.trimEnd()}\`\`\`\n`, SHORT.trimEnd()],
    ["lines that end in CR LF", SHORT.replaceAll("\n", "\r\n"), SHORT],
    ["blank lines before and after", `\n  \n${SHORT}\n\n`, SHORT],
    ["a JSON string in the JSON string", JSON.stringify(PATCH), PATCH],
    ["escapes without the quotes", JSON.stringify(SHORT).slice(1, -1), SHORT],
    ["all at once", `"\\n\`\`\`patch\\r\\n${SHORT.replaceAll("\n", "\\r\\n")}\`\`\`"`, SHORT],
  ])("%s", (_what, given, expected) => {
    expect(mend(given)).toEqual({ text: expected, state: "mended" });
  });
});

describe("passed on as it is", () => {
  test.each([
    ["a patch without its end", "*** Begin Patch\n*** Add File: a\n+x\n"],
    ["a patch without its beginning", "*** Add File: a\n+x\n*** End Patch\n"],
    ["prose before a fence", `Here it is:\n\`\`\`\n${SHORT}\`\`\``],
    ["a line without its sign", "*** Begin Patch\n*** Add File: a\nx\n*** End Patch\n"],
    ["nothing", ""],
    ["blank lines", "\n\n\n"],
    ["a lone fence", "```"],
    ["a broken string", '"*** Begin Patch\\n'],
  ])("%s", (_what, given) => {
    expect(mend(given)).toEqual({ text: given, state: "off" });
  });

  test("a patch that fits, even where a way of mending would change it", () => {
    const crs = "*** Begin Patch\n*** Add File: a\n+x\r\n*** End Patch\n";
    expect(mend(crs)).toEqual({ text: crs, state: "fits" });
  });
});

function raise(input: string, holdCustom: boolean, mayMend = true): { text: string; parts: number; losses: string } {
  const losses = new LossList();
  const aliases = createAliases(64);
  const origin = { call: "custom", name: "apply_patch" } as const;
  aliases.declare(origin);
  const grammars = grammarsOf([{ origin, tool: { type: "custom", name: "apply_patch", format: FORMAT }, hidden: false }]);
  const raising = createRaise(aliases, { holdCustom, checkOf: createInputChecks(grammars, { losses, mend: mayMend }) });
  const out: Piece[] = [];
  raising.push({ kind: "call", key: 0, call_id: "c", name: "apply_patch", call: "function" }, out);
  for (const text of JSON.stringify({ input }).match(/[^]{1,7}/g) ?? []) raising.push({ kind: "args", key: 0, text }, out);
  raising.push({ kind: "call_end", key: 0, intact: true }, out);
  raising.finish(out);
  const parts = out.filter((piece) => piece.kind === "args");
  return { text: parts.map(({ text }) => text).join(""), parts: parts.length, losses: losses.header() };
}

describe("as calls come back", () => {
  const fenced = `\`\`\`\n${SHORT}\`\`\``;

  test("a held input is mended, and that is told", () => {
    expect(raise(fenced, true)).toEqual({ text: SHORT, parts: 1, losses: "lowered tool.apply_patch.input_repaired" });
  });

  test("nothing is mended where nothing may be", () => {
    expect(raise(fenced, true, false)).toMatchObject({ text: fenced, losses: "lowered tool.apply_patch.input_off_grammar" });
  });

  test("what has been streamed cannot be mended, and that it does not fit is told", () => {
    const { text, parts, losses } = raise(fenced, false);
    expect([text, losses]).toEqual([fenced, "lowered tool.apply_patch.input_off_grammar"]);
    expect(parts).toBeGreaterThan(3);
  });

  test.each([true, false])("an input that fits passes, and nothing is told (held: %j)", (holdCustom) => {
    expect(raise(PATCH, holdCustom)).toMatchObject({ text: PATCH, losses: "" });
  });

  test("an input that nothing can be done about is the client's, as it is", () => {
    expect(raise("rm -rf", true)).toEqual({ text: "rm -rf", parts: 1, losses: "lowered tool.apply_patch.input_off_grammar" });
  });
});
