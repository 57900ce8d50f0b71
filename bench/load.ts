// The load driver: many clients on raw sockets, in a closed or an open loop, each reply judged. A process of its own:
// `node bench/load.ts PLAN` (a LoadPlan as JSON) prints one LoadResult as JSON.
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { percentiles, type LoadPlan, type LoadResult } from "./plan.ts";
import { Reply } from "./reply.ts";

/** One in so many replies is read to the last token; reading all would make the driver the slowest part. */
const SAMPLE_EVERY = 16;
const TIMEOUT_MS = 30_000;
/** How long replies may still come after the measured time. */
const DRAIN_MS = 15_000;

/** One client. `reply` is set while it waits for one. */
interface Client {
  socket: Socket | undefined;
  reply: Reply | undefined;
  startedAt: number;
  isReused: boolean;
  isSample: boolean;
}

const plan: LoadPlan = JSON.parse(process.argv[2] ?? "");
const url = new URL(plan.url);
const body = readFileSync(plan.body);
const request = Buffer.concat([
  Buffer.from(
    `POST ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/json\r\n` +
      `accept: ${plan.stream ? "text/event-stream" : "application/json"}\r\ncontent-length: ${body.length}\r\n\r\n`,
  ),
  body,
]);
/** Clients that hang up do it here: early enough that the upstream still has most to say, however late a busy target is. */
const hangUpAt = Buffer.from(`"tok${Math.floor(plan.tokens / 4)} `);
/** Where upstream writes come together, a delta has several tokens. */
const last = Buffer.from(`tok${plan.tokens - 1} `);
const bad: LoadResult["bad"] = { status: 0, truncated: 0, content: 0, error: 0, timeout: 0, unfinished: 0 };
const firstToken: number[] = [];
const ending: number[] = [];
const total: number[] = [];
let completed = 0;
let good = 0;
let hungUp = 0;
let readWhole = 0;
let begun = 0;

const startAt = performance.now();
const warmAt = startAt + plan.warmupS * 1000;
const stopAt = warmAt + plan.durationS * 1000;
const clients: Client[] = Array.from({ length: plan.connections }, () => ({
  socket: undefined,
  reply: undefined,
  startedAt: 0,
  isReused: false,
  isSample: false,
}));
/** Open loop: requests that are due while every client is busy, by the moment they were due. */
const waiting: number[] = [];
let arrivals = 0;

function begin(client: Client, dueAt: number): void {
  begun += 1;
  client.startedAt = dueAt;
  client.isSample = begun % SAMPLE_EVERY === 1;
  // Spread evenly, the same in every run.
  const hangsUp = plan.hangUp !== undefined && (begun * 61) % 100 < plan.hangUp;
  client.reply = new Reply({
    dialect: plan.dialect,
    stream: plan.stream,
    tokens: plan.tokens,
    isSample: client.isSample,
    ...(hangsUp ? { hangUpAt } : {}),
    ...(plan.ending === true ? { last } : {}),
  });
  client.isReused = client.socket !== undefined;
  client.socket ??= dial(client);
  client.socket.write(request);
}

function dial(client: Client): Socket {
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
  socket.on("data", (bytes: Buffer) => {
    if (socket !== client.socket) return;
    if (client.reply === undefined) return drop(client);
    const progress = client.reply.read(bytes);
    if (progress === "whole") finish(client, client.reply);
    if (progress === "broken") fail(client, "error");
    if (progress === "hang_up") {
      hungUp += 1;
      drop(client);
      next(client);
    }
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    if (socket !== client.socket) return;
    const { reply } = client;
    drop(client);
    if (reply === undefined) return;
    // A server may close a kept connection at the moment it is used again: that is no failure, the request goes once more.
    if (client.isReused && !reply.hasBegun) return begin(client, client.startedAt);
    client.reply = reply;
    if (reply.close() === "whole") finish(client, reply);
    else fail(client, reply.hasBegun ? "truncated" : "error");
  });
  return socket;
}

function drop(client: Client): void {
  const { socket } = client;
  client.socket = undefined;
  client.reply = undefined;
  socket?.destroy();
}

function finish(client: Client, reply: Reply): void {
  const now = performance.now();
  completed += 1;
  client.reply = undefined;
  if (!reply.keepAlive) drop(client);
  if (reply.status !== 200) bad.status += 1;
  else if (!reply.isEnded) bad.truncated += 1;
  else if ((client.isSample || !plan.stream) && !reply.isRight) bad.content += 1;
  else {
    if (client.isSample || !plan.stream) readWhole += 1;
    if (now >= warmAt && now < stopAt) good += 1;
    if (client.startedAt >= warmAt) {
      total.push(now - client.startedAt);
      if (reply.firstAt !== undefined) firstToken.push(reply.firstAt - client.startedAt);
      if (reply.lastAt !== undefined && reply.endedAt !== undefined) ending.push(reply.endedAt - reply.lastAt);
    }
  }
  next(client);
}

function fail(client: Client, how: "truncated" | "error" | "timeout"): void {
  bad[how] += 1;
  drop(client);
  // Whoever refuses connections must not make the driver spin.
  setTimeout(next, 5, client);
}

function next(client: Client): void {
  if (client.reply !== undefined) return;
  const due = waiting.shift();
  if (due !== undefined) begin(client, due);
  else if (plan.rate === undefined && performance.now() < stopAt) begin(client, performance.now());
}

/** Open loop: starts everything that is due by now, on an open connection where there is one. */
function arrive(rate: number): void {
  for (let due = startAt + (arrivals * 1000) / rate; due <= performance.now() && due < stopAt; due = startAt + (arrivals * 1000) / rate) {
    arrivals += 1;
    const idle = clients.find((client) => client.reply === undefined && client.socket !== undefined);
    const client = idle ?? clients.find((other) => other.reply === undefined && other.socket === undefined);
    if (client === undefined) waiting.push(due);
    else begin(client, due);
  }
  if (performance.now() < stopAt) setTimeout(arrive, 1, rate);
}

function tell(busy: number): void {
  const cpu = process.cpuUsage();
  const driverMs = (cpu.user + cpu.system) / 1000;
  const result: LoadResult = {
    completed,
    rate: good / plan.durationS,
    hungUp,
    bad: { ...bad, unfinished: busy + waiting.length },
    readWhole,
    firstToken: percentiles(firstToken),
    ending: percentiles(ending),
    total: percentiles(total),
    driverMs,
    driverLoad: driverMs / (performance.now() - startAt),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}

function watch(): void {
  const now = performance.now();
  const busy = clients.filter((client) => client.reply !== undefined);
  for (const client of busy) if (now - client.startedAt > TIMEOUT_MS) fail(client, "timeout");
  if (now > stopAt && (busy.length === 0 || now > stopAt + DRAIN_MS)) tell(busy.length);
  else setTimeout(watch, now > stopAt ? 20 : 500);
}

if (plan.rate === undefined) for (const client of clients) begin(client, performance.now());
else arrive(plan.rate);
watch();
