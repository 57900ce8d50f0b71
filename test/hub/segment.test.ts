// One item in the making: what comes before it is open waits, and is told in order once it is.
import { expect, test } from "vitest";
import { CallSegment } from "../../src/hub/call-segment.ts";
import { MessageSegment, ReasoningSegment, type Draft } from "../../src/hub/segment.ts";

/** What an emitter heard, as short words. */
function listen(): { heard: string[]; emit: (draft: Draft) => void } {
  const heard: string[] = [];
  return {
    heard,
    emit: (draft) => {
      const place = "output_index" in draft ? `@${draft.output_index}` : "";
      const words = "delta" in draft ? ` ${draft.delta}` : "";
      heard.push(`${draft.type.replace("response.", "")}${place}${words}`);
    },
  };
}

test("a message that waits says all of it when it opens, then goes on", () => {
  const { heard, emit } = listen();
  const message = new MessageSegment("msg_1");
  message.text("a", []);
  message.refusal("no");
  message.annotation({ type: "url_citation" });
  expect(heard).toEqual([]);
  message.open(3, emit);
  message.text("b", []);
  const item = message.close("completed");
  expect(heard).toEqual([
    "output_item.added@3",
    "content_part.added@3",
    "output_text.delta@3 a",
    "output_text.done@3",
    "content_part.done@3",
    "content_part.added@3",
    "refusal.delta@3 no",
    "refusal.done@3",
    "content_part.done@3",
    "content_part.added@3",
    "output_text.annotation.added@3",
    "output_text.delta@3 b",
    "output_text.done@3",
    "content_part.done@3",
    "output_item.done@3",
  ]);
  expect(item).toMatchObject({ content: [{ text: "a" }, { refusal: "no" }, { text: "b", annotations: [{ type: "url_citation" }] }] });
});

test("a thought and a call that wait say what they have in one delta", () => {
  const { heard, emit } = listen();
  const thought = new ReasoningSegment("rs_1", "summary", () => "sealed");
  thought.reasoning("a");
  thought.reasoning("b");
  thought.state({});
  thought.open(0, emit);
  thought.close();
  const call = new CallSegment("fc_1", { call_id: "c", name: "get", call: "function" });
  call.args('{"x"');
  call.args(":1}");
  call.open(1, emit);
  call.close("completed");
  expect(heard).toEqual([
    "output_item.added@0",
    "reasoning_summary_part.added@0",
    "reasoning_summary_text.delta@0 ab",
    "reasoning_summary_text.done@0",
    "reasoning_summary_part.done@0",
    "output_item.done@0",
    "output_item.added@1",
    'function_call_arguments.delta@1 {"x":1}',
    "function_call_arguments.done@1",
    "output_item.done@1",
  ]);
});

test("a search whose arguments are no object has none", () => {
  const { emit } = listen();
  for (const [given, expected] of [
    ['{"query":"x"}', { query: "x" }],
    ["[1]", {}],
    ["{", {}],
    ["", {}],
  ] as const) {
    const search = new CallSegment("tsc_1", { call_id: "c", name: "tool_search", call: "tool_search" });
    search.open(0, emit);
    search.args(given);
    expect(search.close("completed")).toMatchObject({ type: "tool_search_call", execution: "client", arguments: expected });
  }
});
