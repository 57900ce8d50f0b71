// The floor for a gateway on Node: bytes in, bytes out, nothing read. `node bench/pipe.ts UPSTREAM` prints where it listens.
// What it costs is what node:http and undici cost; anything a gateway adds shows as the difference.
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";
import { Pool } from "undici";

const upstream = process.argv[2];
if (upstream === undefined) throw new Error("usage: node bench/pipe.ts UPSTREAM");
const pool = new Pool(upstream, { connections: 4096, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });

/** Headers that belong to one hop alone. */
const HOP = new Set(["host", "connection", "keep-alive", "transfer-encoding", "expect"]);

function passed(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined && !HOP.has(name)) kept[name] = value;
  return kept;
}

async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const hasBody = request.method !== "GET" && request.method !== "HEAD";
  const reply = await pool.request({
    path: request.url ?? "/",
    method: hasBody ? "POST" : "GET",
    headers: passed(request.headers),
    body: hasBody ? request : null,
    signal: gone.signal,
  });
  response.writeHead(reply.statusCode, passed(reply.headers));
  pipeline(reply.body, response, () => {});
}

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  forward(request, response).catch(() => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
});
server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => {
  // A server that listens on TCP has an address of this form.
  process.stdout.write(`pipe listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.on("SIGTERM", () => process.exit(0));
