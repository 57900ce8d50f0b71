// Reasoning on its way back: in the form in which it came, to the provider that made it, and to nobody else.
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/kit/json.ts";
import { call, messages, output, said, sealed, thought, user, write } from "./write.ts";

const SECRET = "only for the owner";

/** The assistant message of a turn that thought this, and said something. */
function back(items: JsonObject[], quirks = {}): JsonObject | undefined {
  return messages([user("Hi"), ...items, said("Yes"), user("Ok")], { quirks })[1];
}

describe("its owner gets it", () => {
  test.each<[string, JsonObject, JsonObject]>([
    ["in reasoning_content", { form: "reasoning_content", text: "hm" }, { content: "Yes", reasoning_content: "hm" }],
    ["in reasoning", { form: "reasoning", text: "hm" }, { content: "Yes", reasoning: "hm" }],
    ["in tags, with their gap", { form: "think", text: "\nhm\n", gap: "\n\n" }, { content: "<think>\nhm\n</think>\n\nYes" }],
    ["in tags without a gap of their own", { form: "think", text: "hm" }, { content: "<think>hm</think>\n\nYes" }],
    [
      "in parts",
      { form: "parts", text: "hm" },
      {
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
          { type: "text", text: "Yes" },
        ],
      },
    ],
    [
      "in a field, with details",
      { form: "reasoning", text: "hm", details: [{ type: "reasoning.text", text: "hm", signature: "s" }] },
      { content: "Yes", reasoning: "hm", reasoning_details: [{ type: "reasoning.text", text: "hm", signature: "s" }] },
    ],
    [
      "in details alone",
      { form: "details", text: "", details: [{ type: "reasoning.encrypted", data: "xyz" }] },
      { content: "Yes", reasoning_details: [{ type: "reasoning.encrypted", data: "xyz" }] },
    ],
    [
      "as a signature of the message",
      { form: "details", text: "", extra: { "": { google: { thought_signature: "s" } } } },
      { content: "Yes", extra_content: { google: { thought_signature: "s" } } },
    ],
  ])("%s", (_name, state, message) => {
    expect(back([thought("shown", sealed(state))])).toEqual({ role: "assistant", ...message });
    expect(write({ input: [user("Hi"), thought("shown", sealed(state)), said("Yes")] }).losses).toEqual([]);
  });

  test("on the call that it signs", () => {
    const extra = { google: { thought_signature: "s" } };
    const state = sealed({ form: "details", text: "", extra: { b: extra } });
    const [, assistant] = messages([user("Hi"), thought("", state), call("a"), call("b"), output("a"), output("b")]);
    expect(assistant?.["tool_calls"]).toMatchObject([{ id: "a" }, { id: "b", extra_content: extra }]);
    expect(JSON.stringify(assistant).match(/thought_signature/g)).toHaveLength(1);
  });

  test("before calls, in each message of a tool loop", () => {
    const state = (text: string): string => sealed({ form: "reasoning_content", text });
    const written = messages([
      user("Hi"),
      thought("one", state("one")),
      call("a"),
      output("a"),
      thought("two", state("two")),
      call("b"),
      output("b"),
    ]);
    expect(written.filter(({ role }) => role === "assistant").map((message) => message["reasoning_content"])).toEqual(["one", "two"]);
  });

  test("several of one message, in the order in which they were thought", () => {
    const state = (form: string, text: string, more: JsonObject = {}): JsonObject => thought(text, sealed({ form, text, ...more }));
    expect(back([state("reasoning", "one"), state("reasoning", "two")])).toMatchObject({ reasoning: "onetwo" });
    expect(back([state("parts", "one"), state("parts", "two")])).toMatchObject({
      content: [{ thinking: [{ text: "one" }] }, { thinking: [{ text: "two" }] }, { text: "Yes" }],
    });
    expect(back([state("think", "one"), state("think", "two")])).toMatchObject({
      content: "<think>one</think>\n\n<think>two</think>\n\nYes",
    });
    const signed = (signature: string): JsonObject => ({ details: [{ type: "reasoning.text", text: "x", signature, index: 0 }] });
    expect(back([state("details", "", signed("1")), state("details", "", signed("2"))])).toMatchObject({
      reasoning_details: [{ signature: "1" }, { signature: "2" }],
    });
  });
});

describe("anybody else gets the readable part, in the target's own form, or nothing", () => {
  const foreign = thought("shown", sealed({ form: "reasoning", text: SECRET, details: [{ data: SECRET }] }, "other"));
  const others: [string, JsonObject, string][] = [
    ["another provider's", foreign, "dropped reasoning.other_provider"],
    ["another dialect's", thought("shown", sealed({ text: SECRET }, "acme", "messages")), "dropped reasoning.other_provider"],
    ["one that cannot be opened", thought("shown", `broken ${SECRET}`), "dropped reasoning.broken"],
    ["a stranger's", thought("shown", SECRET), "dropped reasoning.foreign"],
  ];

  test.each(others)("%s", (_name, item, loss) => {
    for (const reasoningBack of ["reasoning_content", "reasoning"] as const) {
      const { body, messages: written, losses } = write({ input: [user("Hi"), item, said("Yes")] }, { quirks: { reasoningBack } });
      expect(written[1]).toEqual({ role: "assistant", content: "Yes", [reasoningBack]: "shown" });
      expect(losses).toEqual([loss]);
      expect(JSON.stringify(body)).not.toContain(SECRET);
    }
    expect(back([item], { reasoningBack: "think" })).toEqual({ role: "assistant", content: "<think>shown</think>\n\nYes" });
    expect(back([item], { reasoningBack: "none" })).toEqual({ role: "assistant", content: "Yes" });
  });

  test("a summary is readable too", () => {
    const item = {
      type: "reasoning",
      summary: [
        { type: "summary_text", text: "a" },
        { type: "summary_text", text: "b" },
      ],
    };
    expect(back([item], { reasoningBack: "reasoning" })).toMatchObject({ reasoning: "a\n\nb" });
  });

  test("beside the owner's own only that one goes back, and the rest is a loss", () => {
    const { messages: written, losses } = write(
      { input: [user("Hi"), thought("lone"), thought("own", sealed({ form: "reasoning", text: "own" })), said("Yes")] },
      { quirks: { reasoningBack: "reasoning" } },
    );
    expect(written[1]).toMatchObject({ reasoning: "own" });
    expect(losses).toEqual(["dropped reasoning.readable"]);
  });

  test("what no form can carry is a loss", () => {
    expect(write({ input: [user("Hi"), thought("shown"), said("Yes")] }, { quirks: { reasoningBack: "none" } }).losses).toEqual([
      "dropped reasoning.readable",
    ]);
    expect(write({ input: [user("Hi"), thought(""), said("Yes")] }, { quirks: { reasoningBack: "none" } }).losses).toEqual([]);
  });

  test("a state of ours that makes no sense is read no further", () => {
    expect(back([thought("shown", sealed({ form: "else", text: SECRET }))], { reasoningBack: "reasoning" })).toEqual({
      role: "assistant",
      content: "Yes",
      reasoning: "shown",
    });
  });
});

describe("how much goes back", () => {
  const turn = (text: string): JsonObject[] => [thought(text, sealed({ form: "reasoning", text })), said(text)];
  const input = [user("one"), ...turn("a"), user("two"), ...turn("b")];
  const kept = (reasoningKeep: "all" | "turn" | "none"): unknown[] =>
    write({ input }, { quirks: { reasoningKeep } })
      .messages.filter(({ role }) => role === "assistant")
      .map((message) => message["reasoning"]);

  test("all of it, that of this turn, or none", () => {
    expect(kept("all")).toEqual(["a", "b"]);
    expect(kept("turn")).toEqual([undefined, "b"]);
    expect(kept("none")).toEqual([undefined, undefined]);
    expect(write({ input }, { quirks: { reasoningKeep: "turn" } }).losses).toEqual(["dropped reasoning.keep"]);
  });

  test("but signatures of calls always do", () => {
    const extra = { google: { thought_signature: "s" } };
    const state = sealed({ form: "reasoning", text: "hm", extra: { a: extra } });
    const [, assistant] = messages([user("Hi"), thought("hm", state), call("a"), output("a"), user("Ok")], {
      quirks: { reasoningKeep: "none" },
    });
    expect(assistant).toEqual({
      role: "assistant",
      content: "",
      tool_calls: [{ id: "a", type: "function", function: { name: "get", arguments: "{}" }, extra_content: extra }],
    });
  });

  test("a server that insists on the field gets it, filled", () => {
    const quirks = { reasoningBack: "reasoning_content" as const, reasoningFill: " " };
    const written = messages([user("Hi"), said("a"), user("Ok"), ...turn("b")], { quirks }).filter(({ role }) => role === "assistant");
    expect(written.map((message) => message["reasoning_content"])).toEqual([" ", " "]);
  });
});
