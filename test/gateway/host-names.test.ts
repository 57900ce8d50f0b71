// Names of hosts: one question for all who ask at once, and how long a name counts as unknown.
import type { LookupFunction } from "node:net";
import { expect, test } from "vitest";
import { createHostNames, type HostNames } from "../../src/gateway/host-names.ts";

type Callback = Parameters<LookupFunction>[2];

/** A name server that answers by hand, and a clock that a test moves on. */
function start(): { names: HostNames; asked: { hostname: string; tell: Callback }[]; at: (ms: number) => void } {
  const asked: { hostname: string; tell: Callback }[] = [];
  let time = 0;
  const names = createHostNames(
    (hostname, _, tell) => void asked.push({ hostname, tell }),
    () => time,
  );
  return { names, asked, at: (ms) => void (time = ms) };
}

/** What comes of a question: the address, or the error's code. */
function ask(names: HostNames, hostname: string): Promise<string> {
  return new Promise((resolve) => names.lookup(hostname, {}, (error, address) => resolve(error?.code ?? String(address))));
}

const failed = (code: string): NodeJS.ErrnoException => Object.assign(new Error(code), { code });

test("those who ask for a name at the same time share the answer", async () => {
  const { names, asked } = start();
  const answers = [ask(names, "one.example"), ask(names, "two.example"), ask(names, "one.example")];
  expect(asked.map(({ hostname }) => hostname)).toEqual(["one.example", "two.example"]);
  expect(names.isPending("one.example")).toBe(true);
  for (const { hostname, tell } of asked) tell(null, `address of ${hostname}`, 4);
  expect(await Promise.all(answers)).toEqual(["address of one.example", "address of two.example", "address of one.example"]);
  expect(names.isPending("one.example")).toBe(false);
});

test("what was found is asked for again: the system knows how long it holds", async () => {
  const { names, asked } = start();
  const first = ask(names, "one.example");
  asked[0]?.tell(null, "192.0.2.1", 4);
  await first;
  void ask(names, "one.example");
  expect(asked).toHaveLength(2);
});

test("a name that does not exist is unknown for five seconds, and no longer", async () => {
  const { names, asked, at } = start();
  const first = ask(names, "one.example");
  asked[0]?.tell(failed("ENOTFOUND"), "");
  expect(await first).toBe("ENOTFOUND");
  at(4_999);
  expect(await ask(names, "one.example")).toBe("ENOTFOUND");
  expect(asked).toHaveLength(1);
  at(5_000);
  const again = ask(names, "one.example");
  asked[1]?.tell(null, "192.0.2.1", 4);
  expect(await again).toBe("192.0.2.1");
});

test("a failure that may pass is not remembered", async () => {
  const { names, asked } = start();
  const first = ask(names, "one.example");
  asked[0]?.tell(failed("EAI_AGAIN"), "");
  expect(await first).toBe("EAI_AGAIN");
  void ask(names, "one.example");
  expect(asked).toHaveLength(2);
});
