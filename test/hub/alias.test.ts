// Names of tools for a target: short enough, clean, the same in every turn, and found again.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ToolOrigin } from "../../src/hub/alias.ts";
import { aliasOf, createAliases, toolKey } from "../../src/hub/alias.ts";

const tool = (name: string, namespace?: string): ToolOrigin => ({
  call: "function",
  name,
  ...(namespace === undefined ? {} : { namespace }),
});

describe("the name of a tool", () => {
  test.each([
    [tool("exec_command"), "exec_command"],
    [tool("exec", "functions"), "exec"],
    [tool("spawn_agent", "multi_agent_v1"), "multi_agent_v1__spawn_agent"],
    [tool("add_two", "mcp__demo"), "mcp__demo__add_two"],
    [{ call: "tool_search", name: "tool_search" } as const, "tool_search"],
  ])("%j is %s", (origin, alias) => {
    expect(createAliases(64).declare(origin)).toBe(alias);
  });

  test("one that is too long or unclean is cut and hashed, and differs from its like", () => {
    const long = "a".repeat(70);
    const names = [tool(`${long}1`), tool(`${long}2`), tool("x", long), tool("wetter.heute"), tool("wetter/heute"), tool("wetter_heute")];
    const aliases = names.map((origin) => aliasOf(origin, 64));
    expect(new Set(aliases).size).toBe(names.length);
    for (const alias of aliases) expect(alias).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(aliases[0]).toMatch(/^a{55}_[0-9a-f]{8}$/);
    expect(aliases[3]).toMatch(/^wetter_heute_[0-9a-f]{8}$/);
    expect(aliases[5]).toBe("wetter_heute");
  });

  test("of two that collide, the first declared keeps its name", () => {
    const [one, two] = [tool("b__c", "a"), tool("c", "a__b")];
    const book = createAliases(64);
    expect(book.declare(one)).toBe("a__b__c");
    expect(book.declare(two)).toMatch(/^a__b__c_[0-9a-f]{8}$/);
    expect(book.originOf(book.nameOf(one))).toEqual(one);
    expect(book.originOf(book.nameOf(two))).toEqual(two);
  });

  test("a client's own function called tool_search stays apart from the search", () => {
    const book = createAliases(64);
    const search = book.declare({ call: "tool_search", name: "tool_search" });
    const own = book.declare({ call: "function", name: "tool_search" });
    expect(own).not.toBe(search);
    expect(book.originOf(search)?.call).toBe("tool_search");
    expect(book.originOf(own)?.call).toBe("function");
  });

  test("a (namespace, name) declared twice keeps its first meaning", () => {
    const book = createAliases(64);
    book.declare({ call: "custom", name: "exec", namespace: "functions" });
    expect(book.declare({ call: "function", name: "exec" })).toBe("exec");
    expect(book.originOf("exec")).toEqual({ call: "custom", name: "exec", namespace: "functions" });
  });
});

describe("calls of the history", () => {
  test.each([
    [
      { type: "function_call", call_id: "c", name: "spawn_agent", namespace: "multi_agent_v1", arguments: "{}" } as const,
      "multi_agent_v1__spawn_agent",
    ],
    [{ type: "custom_tool_call", call_id: "c", name: "exec", namespace: "functions", input: "" } as const, "exec"],
    [{ type: "tool_search_call", call_id: "c", execution: "client", arguments: {} } as const, "tool_search"],
  ])("%j", (item, name) => {
    expect(createAliases(64).nameFor(item)).toBe(name);
  });

  test("one to a tool that is declared no more has the name it had, unless another tool has it now", () => {
    const book = createAliases(64);
    expect(book.nameOf(tool("c", "a__b"))).toBe("a__b__c");
    book.declare(tool("b__c", "a"));
    expect(book.nameOf(tool("c", "a__b"))).toMatch(/^a__b__c_[0-9a-f]{8}$/);
  });
});

describe("a name that comes back", () => {
  const book = createAliases(64);
  for (const origin of [tool("exec"), tool("send", "mail"), tool("send", "chat"), tool("read", "mail")]) book.declare(origin);

  test.each([
    ["functions.exec", tool("exec")],
    ["functions__exec", tool("exec")],
    ["mail.send", tool("send", "mail")],
    ["read", tool("read", "mail")],
    ["mail__read<|constrain|>json", tool("read", "mail")],
    // Which of the two? Nobody knows: it is no tool.
    ["send", undefined],
    ["", undefined],
    ["toString", undefined],
  ])("%s", (name, origin) => {
    expect(book.originOf(name)).toEqual(origin);
  });

  test("a tool declared later is found too", () => {
    expect(book.originOf("functions.late")).toBeUndefined();
    book.declare(tool("late"));
    expect(book.originOf("functions.late")).toEqual(tool("late"));
  });
});

const word = fc.oneof(
  fc.constantFrom("a", "b", "a__b", "b__a", "__", "_", "exec", "tool_search", "functions", "ä", "a.b"),
  fc.string({ unit: fc.constantFrom("a", "b", "_", "-", "é"), minLength: 1, maxLength: 90 }),
);
const anyOrigin: fc.Arbitrary<ToolOrigin> = fc
  .record({ call: fc.constantFrom("function", "custom", "tool_search"), name: word, namespace: fc.option(word, { nil: undefined }) })
  .map(({ call, name, namespace }) => ({ call, name, ...(namespace === undefined ? {} : { namespace }) }));

test("any tools have clean, short, unique names that lead back to them", () => {
  fc.assert(
    fc.property(fc.array(anyOrigin, { maxLength: 30 }), fc.constantFrom(20, 40, 64, 128), (origins, limit) => {
      const book = createAliases(limit);
      const first = new Map<string, ToolOrigin>();
      for (const origin of origins) {
        book.declare(origin);
        if (!first.has(toolKey(origin))) first.set(toolKey(origin), origin);
      }
      const names = [...first.values()].map((origin) => book.nameOf(origin));
      expect(new Set(names).size).toBe(names.length);
      for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]+$/);
      for (const name of names) expect(name.length).toBeLessThanOrEqual(limit);
      for (const origin of first.values()) expect(book.originOf(book.nameOf(origin))).toBe(origin);
    }),
    { numRuns: 500 },
  );
});

test("more tools change no name that there was, and without a collision the order does not matter", () => {
  fc.assert(
    fc.property(fc.array(anyOrigin, { maxLength: 12 }), fc.array(anyOrigin, { maxLength: 12 }), (before, more) => {
      const small = createAliases(64);
      const large = createAliases(64);
      const names = before.map((origin) => small.declare(origin));
      expect([...before, ...more].map((origin) => large.declare(origin)).slice(0, names.length)).toEqual(names);
      const all = [...before, ...more];
      const plain = new Map(all.map((origin) => [toolKey(origin), aliasOf(origin, 64)]));
      if (new Set(plain.values()).size < plain.size) return;
      const reversed = createAliases(64);
      for (const origin of all.toReversed()) expect(reversed.declare(origin)).toBe(aliasOf(origin, 64));
    }),
    { numRuns: 500 },
  );
});
