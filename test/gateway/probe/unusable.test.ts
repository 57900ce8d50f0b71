// `check PROVIDER` against servers that cannot be used, stop in the middle, or repeat the key; and its own bounds.
import { describe, expect, test } from "vitest";
import { whole } from "../../support/chat-frames.ts";
import type { Step } from "../../support/fault-upstream.ts";
import { startFaultUpstream } from "../../support/fault-upstream.ts";
import { afterThis } from "../../support/gateway.ts";
import { serveModels, unknownAnswers } from "../../support/model-servers.ts";
import { KEY, check, command } from "./check.ts";
import { answerAs, STRICT } from "./habits.ts";

describe("what cannot be used ends with exit code 1 and advice:", () => {
  test.each<[string, Step, RegExp]>([
    [
      "a page of HTML",
      (exchange) => exchange.answer(200, "<html><body>Welcome</body></html>", { "content-type": "text/html" }),
      /Welcome.*check base_url/,
    ],
    [
      "a wrong key",
      (exchange) => exchange.answer(401, { error: { message: `Incorrect API key provided: ${KEY}` } }),
      /key was not accepted: set providers\.box\.key/,
    ],
    ["an unknown model", (exchange) => exchange.answer(404, { error: { message: "The model `m` does not exist" } }), /--model/],
    ["an endless line", pourForever, /more than 4 MiB/],
    ["a cut reply", (exchange) => (exchange.send("data: {"), exchange.hangUp()), /closed the connection/],
  ])("%s", async (_, step, words) => {
    const { code, error, out } = await check(step, { argv: [] });
    expect(error).toMatch(words);
    expect(code).toBe(1);
    expect(out + error).not.toContain(KEY);
  });

  test("silence", async () => {
    const { code, error } = await check(() => undefined, { argv: ["--timeout", "1"] });
    expect(error).toContain("said nothing within 1 s (--timeout)");
    expect(code).toBe(1);
  });

  test("nobody there", async () => {
    const upstream = await startFaultUpstream();
    await upstream.close();
    const { code, error } = await command(["check", "box", "--model", "m"], {
      providers: { box: { dialect: "chat", base_url: upstream.url } },
    });
    expect(error).toContain("refuses connections");
    expect(code).toBe(1);
  });

  test("a dialect in which it cannot be asked", async () => {
    const { code, error } = await command(["check", "nowhere"], {
      providers: { nowhere: { dialect: "responses", base_url: "http://127.0.0.1:9/v1" } },
    });
    expect(error).toContain("only servers of chat completions");
    expect(code).toBe(1);
  });
});

function pourForever(exchange: Parameters<Step>[0]): void {
  const block = "x".repeat(64 * 1024);
  exchange.send("data: ");
  const pour = (): void => {
    while (!exchange.socket.destroyed && exchange.send(block));
    if (!exchange.socket.destroyed) exchange.socket.once("drain", pour);
  };
  pour();
}

test("a server that falls silent in the middle is not waited for sixty times", async () => {
  let asked = 0;
  const { report, code } = await check((exchange) => ((asked += 1) > 4 ? exchange.reset() : answerAs({})(exchange)));
  expect(asked).toBeLessThan(10);
  expect(code).toBe(0);
  expect(JSON.stringify(report["findings"])).toContain("not asked");
});

test("no key is printed, even where the server repeats it in whatever it says", async () => {
  const { out, error } = await check((exchange) => exchange.answer(200, whole(`Your key is ${KEY}, and ${KEY.slice(0, 14)}`)), {
    argv: [],
  });
  const refused = await check(answerAs({ refuses: (sent) => ("stop" in sent ? `${KEY} may not use stop` : undefined) }));
  for (const text of [out, error, refused.out, refused.error]) expect(text).not.toContain(KEY);
  expect(refused.out).toContain("may not use stop");
});

test("the number of requests is announced, kept and told", async () => {
  const { out, upstream } = await check(answerAs(STRICT), { argv: [] });
  const [, most] = /at most (\d+) requests, which may cost money/.exec(out) ?? [];
  const [, made] = /\n(\d+) requests; \d+ tokens in/.exec(out) ?? [];
  expect(Number(made)).toBe(upstream.exchanges.length + upstream.others.length);
  expect(Number(made)).toBeLessThanOrEqual(Number(most));
});

test("a local server's only model is asked without being named", async () => {
  const server = await serveModels(unknownAnswers);
  afterThis(() => server.close());
  const { out } = await command(["check", "box"], { providers: { box: { dialect: "chat", base_url: `${server.origin}/v1` } } });
  expect(out).toMatch(/model asked +mystery/);
});

test.each([
  [["check", "bx"], 'there is no provider "bx"; did you mean "box"?'],
  [["check", "--model", "m"], "--model belongs to check PROVIDER"],
  [["check", "box", "more"], '"more" is one word too many for check'],
  [["check", "box", "--timeout", "0"], "--timeout must be a whole number of seconds"],
])("%j is a usage error", async (argv, words) => {
  const { code, error } = await command(argv, { providers: { box: { dialect: "chat", base_url: "http://127.0.0.1:9/v1" } } });
  expect(error).toContain(words);
  expect(code).toBe(2);
});
