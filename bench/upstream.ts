// A simulated chat-completions server for the bench: answers at once or at a set pace, from buffers made beforehand, so
// that it costs as little as a server on Node can. A process of its own: `node bench/upstream.ts` prints where it listens.
// GET /control?tokens=&interval_us=&coalesce= sets what the next requests get; GET /stats tells what was seen; GET /bytes?count= is so many
// bytes of JSON, made once.
import { createServer, type AddressInfo, type Socket } from "node:net";

/** What a reply looks like. `coalesce` tokens go into one write where there is no pace. */
interface Setting {
  tokens: number;
  interval_us: number;
  coalesce: number;
}

/** A reply ready to send: whole, or as the writes of a stream. */
interface Replies {
  setting: Setting;
  whole: Buffer;
  stream: Record<"plain" | "usage", readonly Buffer[]>;
}

/** A request whose reply is under way. */
interface Exchange {
  writes: readonly Buffer[];
  next: number;
  startedAt: number;
  intervalMs: number;
  timer?: NodeJS.Timeout;
}

const HEAD_LIMIT = 64 * 1024;
const stats = { requests: 0, completed: 0, aborted: 0, active: 0, bytesIn: 0 };
const blobs = new Map<number, Buffer>();
let replies = prepare({ tokens: 40, interval_us: 0, coalesce: 4 });

/** The text of a reply: tok0 tok1 tok2 ... */
function words(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `tok${index} `);
}

function httpChunk(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}

function frame(choice: object | undefined, usage?: object): Buffer {
  const body = { id: "chatcmpl-sim", object: "chat.completion.chunk", created: 1700000000, model: "sim", choices: choice ? [choice] : [] };
  return httpChunk(`data: ${JSON.stringify(usage === undefined ? body : { ...body, usage })}\n\n`);
}

function json(status: number, body: object): Buffer {
  const text = JSON.stringify(body);
  return Buffer.from(
    `HTTP/1.1 ${status} ${status === 200 ? "OK" : "Error"}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

function prepare(setting: Setting): Replies {
  const tokens = words(setting.tokens);
  const usage = { prompt_tokens: 10, completion_tokens: tokens.length, total_tokens: tokens.length + 10 };
  const delta = (content: object, finish_reason: string | null = null): Buffer => frame({ index: 0, delta: content, finish_reason });
  const head = Buffer.from(
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n",
  );
  const group = setting.interval_us > 0 ? 1 : setting.coalesce;
  const texts = tokens.map((content) => delta({ content }));
  const middle: Buffer[] = [];
  for (let from = 0; from < texts.length; from += group) middle.push(Buffer.concat(texts.slice(from, from + group)));
  const first = Buffer.concat([head, delta({ role: "assistant", content: "" }), middle[0] ?? Buffer.alloc(0)]);
  const end = (last: Buffer[]): Buffer =>
    Buffer.concat([delta({}, "stop"), ...last, httpChunk("data: [DONE]\n\n"), Buffer.from("0\r\n\r\n")]);
  const message = { role: "assistant", content: tokens.join("") };
  return {
    setting,
    whole: json(200, {
      id: "chatcmpl-sim",
      object: "chat.completion",
      created: 1700000000,
      model: "sim",
      choices: [{ index: 0, message, finish_reason: "stop" }],
      usage,
    }),
    stream: {
      plain: [first, ...middle.slice(1), end([])],
      usage: [first, ...middle.slice(1), end([frame(undefined, usage)])],
    },
  };
}

function pump(socket: Socket, exchange: Exchange, onEnd: () => void): void {
  for (; exchange.next < exchange.writes.length; exchange.next += 1) {
    const wait = exchange.startedAt + exchange.next * exchange.intervalMs - performance.now();
    if (exchange.intervalMs > 0 && wait > 0.5) {
      exchange.timer = setTimeout(pump, wait, socket, exchange, onEnd);
      return;
    }
    socket.write(exchange.writes[exchange.next] ?? "");
  }
  onEnd();
}

function has(body: Buffer, key: string): boolean {
  return body.includes(`"${key}":true`) || body.includes(`"${key}": true`);
}

/** What a request gets: the writes of its reply, and whether it counts. */
function answer(method: string, path: string, body: Buffer): { writes: readonly Buffer[]; isModelCall: boolean; isPaced: boolean } {
  const url = new URL(path, "http://upstream");
  const own = (status: number, value: object) => ({ writes: [json(status, value)], isModelCall: false, isPaced: false });
  if (method === "POST" && url.pathname.endsWith("/chat/completions")) {
    if (!has(body, "stream")) return { writes: [replies.whole], isModelCall: true, isPaced: false };
    return { writes: replies.stream[has(body, "include_usage") ? "usage" : "plain"], isModelCall: true, isPaced: true };
  }
  if (url.pathname === "/control") {
    const read = (name: keyof Setting): number => Number(url.searchParams.get(name) ?? replies.setting[name]);
    replies = prepare({ tokens: read("tokens"), interval_us: read("interval_us"), coalesce: read("coalesce") });
    return own(200, { ok: true });
  }
  if (url.pathname === "/stats") return own(200, stats);
  if (url.pathname === "/bytes") {
    const count = Number(url.searchParams.get("count") ?? 0);
    const blob = blobs.get(count) ?? json(200, { text: "x".repeat(count) });
    blobs.set(count, blob);
    return { writes: [blob], isModelCall: false, isPaced: false };
  }
  if (url.pathname.endsWith("/models"))
    return own(200, { object: "list", data: [{ id: "sim", object: "model", created: 1700000000, owned_by: "sim" }] });
  return own(404, { error: { message: `no such path: ${path}`, type: "invalid_request_error", param: null, code: null } });
}

/** The body of a chunked request as far as it is here; undefined until it is whole. */
function unchunk(raw: Buffer): { body: Buffer; used: number } | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const end = raw.indexOf("\r\n", at);
    if (end < 0) return undefined;
    const size = Number.parseInt(raw.toString("latin1", at, end), 16);
    if (!(raw.length >= end + 4 + size)) return undefined;
    if (size === 0) return { body: Buffer.concat(parts), used: end + 4 };
    parts.push(raw.subarray(end + 2, end + 2 + size));
    at = end + 4 + size;
  }
}

function serve(socket: Socket): void {
  let received: Buffer[] = [];
  let length = 0;
  let needed = 0;
  let exchange: Exchange | undefined;
  let isModelCall = false;
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    if (exchange === undefined) return;
    clearTimeout(exchange.timer);
    if (!isModelCall) return;
    stats.aborted += 1;
    stats.active -= 1;
  });
  const begin = (head: string, body: Buffer): void => {
    const [method = "", path = ""] = head.split(" ", 2);
    const reply = answer(method, path, body);
    isModelCall = reply.isModelCall;
    if (isModelCall) {
      stats.requests += 1;
      stats.active += 1;
      stats.bytesIn += body.length;
    }
    const intervalMs = reply.isPaced ? replies.setting.interval_us / 1000 : 0;
    exchange = { writes: reply.writes, next: 0, startedAt: performance.now(), intervalMs };
    pump(socket, exchange, () => {
      exchange = undefined;
      if (isModelCall) {
        stats.completed += 1;
        stats.active -= 1;
      }
      if (length > 0) read();
    });
  };
  const read = (): void => {
    if (exchange !== undefined || length < needed) return;
    const all = received.length === 1 && received[0] !== undefined ? received[0] : Buffer.concat(received);
    received = [all];
    const headEnd = all.indexOf("\r\n\r\n");
    if (headEnd < 0) {
      if (length > HEAD_LIMIT) socket.destroy();
      return;
    }
    const head = all.toString("latin1", 0, headEnd);
    const rest = all.subarray(headEnd + 4);
    const isChunked = /^transfer-encoding:.*chunked/im.test(head);
    const size = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    const whole = isChunked ? unchunk(rest) : rest.length >= size ? { body: rest.subarray(0, size), used: size } : undefined;
    // A long body is put together once, when all of it is here.
    needed = whole === undefined && !isChunked ? headEnd + 4 + size : 0;
    if (whole === undefined) return;
    const left = rest.subarray(whole.used);
    received = left.length > 0 ? [left] : [];
    length = left.length;
    begin(head, whole.body);
  };
  socket.on("data", (bytes: Buffer) => {
    received.push(bytes);
    length += bytes.length;
    read();
  });
}

const server = createServer(serve);
server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => {
  // A server that listens on TCP has an address of this form.
  process.stdout.write(`upstream listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.on("SIGTERM", () => process.exit(0));
