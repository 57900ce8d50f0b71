// Calls and search results of the history, as a target reads them that knows plain functions only.
import { describe, expect, test } from "vitest";
import { createAliases } from "../../src/hub/alias.ts";
import type { Tool } from "../../src/hub/item.ts";
import { LossList } from "../../src/hub/loss.ts";
import { lowerCall, lowerSearchOutput } from "../../src/hub/lower-items.ts";

describe("the history", () => {
  const aliases = createAliases(64);

  test("calls read as calls of functions", () => {
    const losses = new LossList();
    const input = 'a "quoted"\nline';
    expect(lowerCall({ type: "custom_tool_call", call_id: "c", name: "patch", input }, aliases, true, losses)).toEqual({
      name: "patch",
      arguments: JSON.stringify({ input }),
    });
    expect(
      lowerCall({ type: "tool_search_call", call_id: "c", execution: "client", arguments: { query: "x" } }, aliases, true, losses),
    ).toEqual({
      name: "tool_search",
      arguments: '{"query":"x"}',
    });
    const call = (text: string) => ({ type: "function_call", call_id: "c", name: "exec", arguments: text }) as const;
    expect(lowerCall(call('{ "a":1}'), aliases, true, losses).arguments).toBe('{ "a":1}');
    expect(lowerCall(call(""), aliases, true, losses).arguments).toBe("{}");
    expect(losses.list()).toEqual([]);
    expect(lowerCall(call('{"a'), aliases, false, losses).arguments).toBe('{"a');
    expect(JSON.parse(lowerCall(call('{"a'), aliases, true, losses).arguments)).toEqual({ invalid_arguments: '{"a' });
    expect(losses.header()).toBe("lowered history.arguments");
  });

  test("what a search found is listed by the names that can be called", () => {
    const tools: Tool[] = [
      {
        type: "namespace",
        name: "mail",
        tools: [
          { type: "function", name: "send", description: `Sends\n  mail. ${"x".repeat(500)}` },
          { type: "function", name: "read" },
        ],
      },
      { type: "function", name: "exec" },
    ];
    const text = lowerSearchOutput({ type: "tool_search_output", call_id: "s", execution: "client", tools }, aliases);
    expect(text).toMatch(/- mail__send: Sends mail\. x+…\n- mail__read\n- exec$/);
    expect(text.length).toBeLessThan(400);
    expect(lowerSearchOutput({ type: "tool_search_output", call_id: "s", execution: "client", tools: [] }, aliases)).toBe(
      "No tools were found.",
    );
  });
});
