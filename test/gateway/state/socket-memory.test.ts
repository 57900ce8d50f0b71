import { expect, test } from "vitest";
import { historyOf, SocketMemory } from "../../../src/gateway/state/socket-memory.ts";

const ROOMY = { entries: 10, depth: 10, bytes: 1000, totalBytes: 2000 };

const list = (...names: string[]): string => JSON.stringify(names);

/** What a memory has of a response, oldest first; undefined where it has nothing. */
function recalled(memory: SocketMemory, id: string): string[] | undefined {
  const found = memory.hold(id);
  if (found === undefined) return undefined;
  memory.release(found);
  return historyOf(found);
}

/** Remembers a response that continues another. */
function go(memory: SocketMemory, id: string, parent: string | null, items: string): void {
  const held = parent === null ? null : (memory.hold(parent) ?? null);
  memory.keep(id, held, items);
  if (held !== null) memory.release(held);
}

test("histories are shared by those that continue them, and a forgotten response lives on in them alone", () => {
  const memory = new SocketMemory({ bytes: 0 });
  go(memory, "a", null, list("one"));
  go(memory, "b", "a", list("two"));
  go(memory, "c", "a", list("three"));
  expect(memory.bytes).toBe(list("one").length + list("two").length + list("three").length);
  memory.forget("a");
  expect(recalled(memory, "a")).toBeUndefined();
  expect(recalled(memory, "b")).toEqual([list("one"), list("two")]);
  expect(recalled(memory, "c")).toEqual([list("one"), list("three")]);
  memory.forget("b");
  memory.forget("c");
  expect(memory.bytes).toBe(0);
});

test("what a turn holds is there until it lets go, even if it is forgotten meanwhile", () => {
  const memory = new SocketMemory({ bytes: 0 });
  go(memory, "a", null, list("one"));
  const held = memory.hold("a");
  memory.forget("a");
  if (held === undefined) throw new Error("it was not there");
  memory.keep("b", held, list("two"));
  memory.release(held);
  expect(recalled(memory, "b")).toEqual([list("one"), list("two")]);
  memory.close();
  expect(memory.bytes).toBe(0);
});

test("the oldest go where there are too many, or too much of them", () => {
  const few = new SocketMemory({ bytes: 0 }, { ...ROOMY, entries: 2 });
  for (const [id, parent] of [
    ["a", null],
    ["b", "a"],
    ["c", "b"],
  ] as const)
    go(few, id, parent, list(id));
  expect(["a", "b", "c"].map((id) => recalled(few, id)?.length)).toEqual([undefined, 2, 3]);
  const small = new SocketMemory({ bytes: 0 }, { ...ROOMY, bytes: 30 });
  go(small, "a", null, list("x".repeat(10)));
  go(small, "b", null, list("x".repeat(10)));
  go(small, "c", null, list("x".repeat(10)));
  expect(["a", "b", "c"].map((id) => recalled(small, id) !== undefined)).toEqual([false, true, true]);
  expect(small.bytes).toBeLessThanOrEqual(30);
});

test("a response larger than all that may be remembered is not, and leaves nothing", () => {
  const memory = new SocketMemory({ bytes: 0 }, { ...ROOMY, bytes: 30 });
  go(memory, "a", null, list("one"));
  go(memory, "b", "a", list("x".repeat(40)));
  expect(recalled(memory, "b")).toBeUndefined();
  expect(memory.bytes).toBe(0);
});

test("where all connections together have too much, the one that adds to it forgets first", () => {
  const total = { bytes: 0 };
  const bounds = { ...ROOMY, totalBytes: 30 };
  const [one, other] = [new SocketMemory(total, bounds), new SocketMemory(total, bounds)];
  go(one, "a", null, list("x".repeat(10)));
  go(other, "b", null, list("x".repeat(10)));
  go(other, "c", null, list("x".repeat(10)));
  expect([recalled(one, "a"), recalled(other, "b"), recalled(other, "c")].map((found) => found !== undefined)).toEqual([true, false, true]);
  one.close();
  other.close();
  // A turn that ends after its connection.
  go(one, "d", null, list("four"));
  expect(total.bytes).toBe(0);
});

test("a chain that is too long is not remembered to its end, even if nothing is in it", () => {
  const memory = new SocketMemory({ bytes: 0 }, { ...ROOMY, entries: 1, depth: 3 });
  for (const id of [1, 2, 3, 4]) go(memory, `r${id}`, id === 1 ? null : `r${id - 1}`, list());
  expect(recalled(memory, "r3")).toEqual([list(), list(), list()]);
  expect(recalled(memory, "r4")).toBeUndefined();
});
