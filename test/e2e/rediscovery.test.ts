// Model servers that come and go while the gateway runs: what is started later works without a restart.
import { expect, test } from "vitest";
import { providers } from "../../providers/index.ts";
import type { Provider } from "../../src/contract.ts";
import { asList, asObject, type JsonObject } from "../../src/kit/json.ts";
import { startChatScript } from "../support/chat-script.ts";
import { startFaultUpstream } from "../support/fault-upstream.ts";
import { afterThis, startGateway } from "../support/gateway.ts";
import { serveChat } from "../support/local-chat.ts";
import { ask, body, errorOf, eventsOf, jsonOf, lastResponse, outputText, send } from "./client.ts";

/** The known providers, their local ones looked for at this port instead of their usual ones. */
function lookingAt(port: number): Provider[] {
  return providers.map((provider) => (provider.local ? { ...provider, local: { ...provider.local, ports: [port] } } : provider));
}

/** A port at which nothing listens. */
async function closedPort(): Promise<number> {
  const upstream = await startFaultUpstream();
  await upstream.close();
  return upstream.port;
}

/** A clock that a test moves on: discovery looks again after a while only. */
function clock(): { now: () => number; pass: () => void } {
  let time = 0;
  return { now: () => time, pass: () => (time += 3000) };
}

async function listed(url: string): Promise<string[]> {
  const list = (await (await fetch(`${url}/v1/models`)).json()) as JsonObject; // the body is a JSON object
  return asList(list["data"]).map((entry) => String(asObject(entry)?.["id"]));
}

const ask1 = (model: string): JsonObject => body({ model, stream: true });

test("a local server that is started after the gateway works without a restart", async () => {
  const port = await closedPort();
  const time = clock();
  const { url } = await startGateway({ discover: true }, { providers: lookingAt(port), now: time.now });
  expect(errorOf(await ask(url, ask1("late-model")))).toMatchObject({ status: 400, code: "model_not_found", param: "model" });
  afterThis(await serveChat(port, "llamacpp", ["late-model"]));
  time.pass();
  const response = lastResponse(eventsOf(await ask(url, ask1("late-model"))));
  expect(response["model"]).toBe("late-model");
  expect(outputText(response)).toBe("I am late-model");
  expect(await listed(url)).toContain("late-model");
});

test("a list of models is asked for again when it is looked at", async () => {
  const port = await closedPort();
  const time = clock();
  const { url } = await startGateway({ discover: true }, { providers: lookingAt(port), now: time.now });
  const before = await fetch(`${url}/v1/models`);
  await before.body?.cancel();
  afterThis(await serveChat(port, "llamacpp", ["late-model"]));
  time.pass();
  expect(await listed(url)).toContain("late-model");
  const after = await fetch(`${url}/v1/models`);
  await after.body?.cancel();
  expect(after.headers.get("etag")).not.toBe(before.headers.get("etag"));
});

test("a server that was replaced by one with another model serves that one", async () => {
  const port = await closedPort();
  const time = clock();
  const stop = await serveChat(port, "llamacpp", ["old-model"]);
  const { url } = await startGateway({ discover: true }, { providers: lookingAt(port), now: time.now });
  expect(outputText(lastResponse(eventsOf(await ask(url, ask1("old-model")))))).toBe("I am old-model");
  await stop();
  afterThis(await serveChat(port, "llama-swap", ["new-model"]));
  time.pass();
  expect(outputText(lastResponse(eventsOf(await ask(url, ask1("new-model")))))).toBe("I am new-model");
  expect(await listed(url)).not.toContain("old-model");
});

test("a server that is gone is named in the answer, and works again once it is back", async () => {
  const port = await closedPort();
  const time = clock();
  const stop = await serveChat(port, "llamacpp", ["here-and-gone"]);
  const { url } = await startGateway({ discover: true, limits: { retries: 0 } }, { providers: lookingAt(port), now: time.now });
  await stop();
  const error = errorOf(await ask(url, ask1("here-and-gone")));
  expect(error.status).toBe(502);
  expect(error.message).toContain(`127.0.0.1:${port}`);
  afterThis(await serveChat(port, "llamacpp", ["here-and-gone"]));
  expect(outputText(lastResponse(eventsOf(await ask(url, ask1("here-and-gone")))))).toBe("I am here-and-gone");
});

test("a configured server that is started later works without a restart", async () => {
  const port = await closedPort();
  const { url } = await startGateway({
    providers: { box: { dialect: "chat", base_url: `http://127.0.0.1:${port}/v1` } },
    models: { "*": { provider: "box" } },
    limits: { retries: 0 },
  });
  expect(errorOf(await ask(url, ask1("anything")))).toMatchObject({ status: 502 });
  afterThis(await serveChat(port, "llamacpp", ["anything"]));
  expect(outputText(lastResponse(eventsOf(await ask(url, ask1("anything")))))).toBe("I am anything");
});

test("a server that dawdles over its list holds a request up for no longer than a second", async () => {
  const script = await startChatScript([{ id: "known", object: "model" }]);
  afterThis(() => script.close());
  const slow = await startFaultUpstream();
  afterThis(() => slow.close());
  slow.silent();
  const { url } = await startGateway(
    { discover: true, providers: { box: { dialect: "chat", base_url: script.url } } },
    { providers: lookingAt(slow.port) },
  );
  const error = errorOf(await ask(url, body({ model: "unheard-of" })));
  expect(error).toMatchObject({ status: 400, code: "model_not_found" });
  script.play({ text: "at once" });
  expect(outputText(jsonOf(await ask(url, body({ model: "known" }))))).toBe("at once");
});

test("a client that leaves while servers are looked for has its turn closed as its own end", async () => {
  const slow = await startFaultUpstream();
  afterThis(() => slow.close());
  const time = clock();
  const { url, log } = await startGateway({ discover: true }, { providers: lookingAt(slow.port), now: time.now });
  slow.silent();
  time.pass();
  const sent = send(url, body({ model: "unheard-of", stream: true }));
  await expect.poll(() => log.turns.length).toBe(1);
  sent.leave();
  expect((await log.ended(0)).end).toMatchObject({ state: "client_closed", status: null });
});
