import { expect, test } from "vitest";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readHead } from "../../src/server/request-head.ts";
import type { RequestHead } from "../../src/server/request-head.ts";
import { rawClient } from "./raw-client.ts";

/** The head that Node reads from these lines. */
async function headOf(...lines: string[]): Promise<RequestHead> {
  const head = Promise.withResolvers<RequestHead>();
  const server = createServer((incoming, outgoing) => {
    head.resolve(readHead(incoming));
    outgoing.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address of this form.
  const client = rawClient((server.address() as AddressInfo).port);
  client.send(`${["GET / HTTP/1.1", ...lines, "Connection: close"].join("\r\n")}\r\n\r\n`);
  const result = await head.promise;
  await client.closed;
  server.close();
  return result;
}

test("names are in lower case and in the order of the wire", async () => {
  const { headers, pairs } = await headOf("Host: a", "X-B: 1", "X-A: 2");
  expect(pairs).toEqual([
    ["host", "a"],
    ["x-b", "1"],
    ["x-a", "2"],
    ["connection", "close"],
  ]);
  expect(headers["x-b"]).toBe("1");
});

test("every repetition is kept, also of headers that Node reads once or keeps as a list", async () => {
  const { headers, pairs } = await headOf(
    "Host: a",
    "Host: b",
    "Authorization: x",
    "X-A: 1",
    "x-a: 2",
    "Authorization: y",
    "Set-Cookie: c",
  );
  expect(headers).toMatchObject({ host: "a, b", authorization: "x, y", "x-a": "1, 2", "set-cookie": "c" });
  expect(pairs).toHaveLength(8);
});

test("a header named as a property of Object is a header and nothing more", async () => {
  const { headers, pairs } = await headOf("Host: a", "__proto__: polluted", "constructor: c");
  expect(pairs).toContainEqual(["__proto__", "polluted"]);
  expect(headers["constructor"]).toBe("c");
  expect(Object.getPrototypeOf(headers)).toBeNull();
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});
