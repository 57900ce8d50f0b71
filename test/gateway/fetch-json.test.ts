// The GET that discovery asks with: whatever stands at the other end, it answers with JSON or with nothing, and in time.
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { createFetchJson } from "../../src/gateway/fetch-json.ts";

const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`;
}

describe("a question to a server", () => {
  const fetchJson = createFetchJson();

  test("brings its JSON, with the headers that were given", async () => {
    const url = await serve((request, response) => response.end(JSON.stringify({ got: request.headers["x-key"] })));
    expect(await fetchJson(url, { "x-key": "k" })).toEqual({ got: "k" });
  });

  test.each<[string, RequestListener]>([
    ["an error status", (_, response) => response.writeHead(500).end("{}")],
    ["a redirect", (_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end()],
    ["what is no JSON", (_, response) => response.end("<html>")],
    ["a cut connection", (_, response) => response.socket?.destroy()],
    ["an answer that never ends", (_, response) => response.write("[")],
    ["no answer", () => undefined],
    ["nine megabytes", (_, response) => response.end(`"${"x".repeat(9 * 1024 * 1024)}"`)],
  ])("brings nothing for %s", async (_, listener) => {
    expect(await fetchJson(await serve(listener))).toBeUndefined();
  });

  test.each(["http://127.0.0.1:1/", "http://nowhere.invalid/", "not a url", "file:///etc/passwd"])(
    "brings nothing from %s",
    async (url) => {
      expect(await fetchJson(url)).toBeUndefined();
    },
  );

  test("goes straight to the server, whatever proxy the environment names", async () => {
    const url = await serve((_, response) => response.end("1"));
    const before = process.env["http_proxy"];
    process.env["http_proxy"] = "http://127.0.0.1:1";
    try {
      expect(await createFetchJson()(url)).toBe(1);
    } finally {
      if (before === undefined) delete process.env["http_proxy"];
      else process.env["http_proxy"] = before;
    }
  });
});
