// Reasoning in tags of another name, a pair around each piece of it, as Bedrock's older end sends it: read as one thought, however
// the bytes are cut, and given back in the same tags.
import { describe, expect, test } from "vitest";
import { ThinkSplitter } from "../../../src/dialects/chat/think.ts";
import { asList } from "../../../src/kit/json.ts";
import { chatBody, sealed } from "../../support/chat-body.ts";
import { recordedSse, recordings } from "../../support/corpus.ts";
import { translateStream } from "../../support/translate.ts";

const PIECES = "<reasoning>They ask.</reasoning><reasoning> I know.</reasoning>\nIt is <b>.";

/** What a text becomes when it comes in pieces of this many characters. */
function split(text: string, size: number, tag?: string, isOpened?: boolean): { reasoning: string; text: string; gap: string } {
  const got = { reasoning: "", text: "", gap: "" };
  const splitter = new ThinkSplitter(
    {
      reasoning: (more) => (got.reasoning += more),
      text: (more) => (got.text += more),
      gap: (more) => (got.gap += more),
    },
    tag,
    isOpened,
  );
  for (let at = 0; at < text.length; at += size) splitter.push(text.slice(at, at + size));
  splitter.end();
  return got;
}

describe("tags of another name", () => {
  test.each([1, 2, 3, 7, 11, 1000])("in cuts of %i", (size) => {
    expect(split(PIECES, size, "reasoning")).toEqual({ reasoning: "They ask. I know.", text: "It is <b>.", gap: "\n" });
  });

  test("are text where the quirk does not name them, and a second pair of think tags is text", () => {
    expect(split(PIECES, 5)).toMatchObject({ reasoning: "", text: PIECES });
    expect(split("<think>a</think><think>b</think>c", 5)).toMatchObject({ reasoning: "a", text: "<think>b</think>c" });
  });

  test("what only looks like another pair is text", () => {
    expect(split("<reasoning>a</reasoning><reason>b", 4, "reasoning")).toMatchObject({ reasoning: "a", text: "<reason>b" });
    expect(split("<reasoning>a</reasoning>", 4, "reasoning")).toMatchObject({ reasoning: "a", text: "" });
  });

  test("many pairs in one piece take no deep stack", () => {
    expect(split("<reasoning>a</reasoning>".repeat(50_000), 10_000_000, "reasoning").reasoning).toBe("a".repeat(50_000));
  });

  test("go back as they came", () => {
    const thought = {
      type: "reasoning",
      id: "rs_1",
      summary: [],
      encrypted_content: sealed("bedrock-chat", { form: "think", text: "hm", gap: "" }),
    };
    const said = { type: "message", role: "assistant", content: [{ type: "output_text", text: "Hi" }] };
    const { body } = chatBody("bedrock-chat", "openai.gpt-oss-20b-1:0", {
      input: [thought, said, { type: "message", role: "user", content: "Go on." }],
    });
    expect(asList(body["messages"])[0]).toEqual({ role: "assistant", content: "<reasoning>hm</reasoning>Hi" });
  });
});

describe("a tag that the template opened", () => {
  test.each([1, 2, 5, 1000])("is where the reply begins, in cuts of %i", (size) => {
    const expected = { reasoning: "They ask.\n", text: "It is <b>.", gap: "\n\n" };
    expect(split("They ask.\n</think>\n\nIt is <b>.", size, "think", true)).toEqual(expected);
    expect(split("<think>They ask.\n</think>\n\nIt is <b>.", size, "think", true)).toEqual(expected);
  });

  test("is none where nobody says so", () => {
    expect(split("They ask.</think>It is.", 3).text).toBe("They ask.</think>It is.");
  });

  test("is read so where the quirk says so", () => {
    const chunks = ["They", " ask.</thi", "nk>\n\nIt is."].map(
      (content) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`,
    );
    const { response } = translateStream([Buffer.from(`${chunks.join("")}data: [DONE]\n\n`)], { quirks: { thinkOpened: true } });
    expect(response["output"]).toMatchObject([
      { type: "reasoning", content: [{ text: "They ask." }] },
      { type: "message", content: [{ text: "It is." }] },
    ]);
  });
});

const recorded = recordings("chat", ["bedrock"]).flatMap((recording) => {
  const sse = recordedSse(recording);
  // Text with log probabilities is passed on as it is, and is not asked for there.
  return sse === undefined || sse.includes('"logprobs":{') ? [] : [[recording.id, sse] as const];
});

test.skipIf(recorded.length === 0).each(recorded.length === 0 ? [["(no corpus)", ""] as const] : recorded)("%s", (_, sse) => {
  const { response } = translateStream([Buffer.from(sse)], { quirks: { thinkTag: "reasoning" } });
  const output = JSON.stringify(response["output"]);
  expect(output).toContain('"type":"reasoning"');
  expect(output).not.toContain("reasoning>");
});
