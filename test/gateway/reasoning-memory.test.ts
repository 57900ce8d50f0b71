// The memory of reasoning: bounded, and never across clients, conversations, providers or calls.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ReasoningMemory, ownerOf } from "../../src/gateway/reasoning-memory.ts";
import type { CallItem } from "../../src/hub/alias.ts";

const call = (id: string, args = "{}", name = "look"): CallItem => ({ type: "function_call", call_id: id, name, arguments: args });
const thought = (...seals: string[]): { seals: string[]; bindsCalls: boolean } => ({ seals, bindsCalls: false });

describe("a memory", () => {
  test("recalls what led to each call of a reply, as one", () => {
    const memory = new ReasoningMemory();
    expect(memory.isEmpty).toBe(true);
    memory.keep("me", [call("a"), call("b")], { seals: ["s1", "s2"], bindsCalls: true });
    const found = memory.recall("me", call("a"));
    expect(found).toMatchObject({ seals: ["s1", "s2"], bindsCalls: true });
    expect(memory.recall("me", call("b"))?.seals).toBe(found?.seals);
    expect(memory.isEmpty).toBe(false);
  });

  test("knows a call whose arguments were written anew, and one whose repeated id was numbered", () => {
    const memory = new ReasoningMemory();
    memory.keep("me", [call("call_0", '{"a": 1, "b": [2]}')], thought("s"));
    expect(memory.recall("me", call("call_0", '{"a":1,"b":[2]}'))?.seals).toEqual(["s"]);
    expect(memory.recall("me", call("call_0_2", '{"a":1,"b":[2]}'))?.seals).toEqual(["s"]);
  });

  test.each<[string, string, CallItem]>([
    ["another owner", "you", call("a")],
    ["another id", "me", call("b")],
    ["other arguments", "me", call("a", '{"x":1}')],
    ["another tool", "me", call("a", "{}", "listen")],
    ["another kind", "me", { type: "custom_tool_call", call_id: "a", name: "look", input: "{}" }],
  ])("does not know %s", (_, owner, asked) => {
    const memory = new ReasoningMemory();
    memory.keep("me", [call("a")], thought("s"));
    memory.keep("you", [call("z")], thought("s"));
    expect(memory.recall(owner, asked)).toBeUndefined();
  });

  test("knows calls of every kind", () => {
    const memory = new ReasoningMemory();
    const calls: CallItem[] = [
      { type: "custom_tool_call", call_id: "c", name: "apply_patch", input: "*** Begin" },
      { type: "tool_search_call", call_id: "t", execution: "client", arguments: { query: "x" } },
      { type: "built_in_call", tool: "shell", call_id: "s", wire: {} },
    ];
    memory.keep("me", calls, thought("s"));
    for (const one of calls) expect(memory.recall("me", structuredClone(one))?.seals).toEqual(["s"]);
  });

  test("of the same call keeps the later", () => {
    const memory = new ReasoningMemory();
    memory.keep("me", [call("a")], thought("old"));
    memory.keep("me", [call("a")], thought("new"));
    expect(memory.recall("me", call("a"))?.seals).toEqual(["new"]);
  });

  test("forgets the least used beyond its count", () => {
    const memory = new ReasoningMemory({ entries: 2, bytes: 1000 });
    for (const id of ["a", "b"]) memory.keep("me", [call(id)], thought(id));
    memory.recall("me", call("a"));
    memory.keep("me", [call("c")], thought("c"));
    expect(["a", "b", "c"].map((id) => memory.recall("me", call(id))?.seals[0])).toEqual(["a", undefined, "c"]);
  });

  test("forgets the least used beyond its bytes, and never takes more than these", () => {
    const memory = new ReasoningMemory({ entries: 100, bytes: 10 });
    memory.keep("me", [call("a")], thought("1234"));
    memory.keep("me", [call("b")], thought("1234", "56"));
    memory.keep("me", [call("c")], thought("12345678901"));
    expect(["a", "b", "c"].map((id) => memory.recall("me", call(id)) !== undefined)).toEqual([true, true, false]);
    memory.keep("me", [call("d")], thought("1"));
    expect(["a", "b", "d"].map((id) => memory.recall("me", call(id)) !== undefined)).toEqual([false, true, true]);
  });

  test("is a bounded map, whatever is kept and asked", () => {
    const id = fc.constantFrom("a", "b", "c", "d", "e", "f");
    const step = fc.tuple(fc.constantFrom("me", "you"), fc.uniqueArray(id, { minLength: 1, maxLength: 3 }), fc.nat(6), fc.boolean());
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const memory = new ReasoningMemory({ entries: 3, bytes: 12 });
        const latest = new Map<string, string>();
        for (const [number, [owner, ids, length, asks]] of steps.entries()) {
          if (asks) memory.recall(owner, call(ids[0] ?? ""));
          const seal = String(number).padEnd(length, "x");
          memory.keep(
            owner,
            ids.map((one) => call(one)),
            thought(seal),
          );
          for (const one of ids) latest.set(`${owner} ${one}`, seal);
          const found = new Set<readonly string[]>();
          for (const who of ["me", "you"])
            for (const one of ["a", "b", "c", "d", "e", "f"]) {
              const recalled = memory.recall(who, call(one));
              if (recalled === undefined) continue;
              expect(recalled.seals).toEqual([latest.get(`${who} ${one}`)]);
              found.add(recalled.seals);
            }
          expect(found.size).toBeLessThanOrEqual(3);
          expect([...found].flat().join("").length).toBeLessThanOrEqual(12);
        }
      }),
    );
  });
});

describe("whose reasoning it is", () => {
  test("is told by credential, conversation and provider together", () => {
    const owners = [
      ownerOf("box", { authorization: "Bearer one" }, "s"),
      ownerOf("box", { authorization: "Bearer two" }, "s"),
      ownerOf("box", { authorization: "Bearer one" }, "t"),
      ownerOf("box", { authorization: "Bearer one" }, null),
      ownerOf("other", { authorization: "Bearer one" }, "s"),
      ownerOf("box", { "x-api-key": "Bearer one" }, "s"),
      ownerOf("box", {}, "s"),
    ];
    expect(new Set(owners).size).toBe(owners.length);
    expect(owners.join("")).not.toContain("one");
  });

  test("is not told of a client that shows neither credential nor conversation", () => {
    expect(ownerOf("box", { "user-agent": "curl" }, null)).toBeNull();
  });
});
