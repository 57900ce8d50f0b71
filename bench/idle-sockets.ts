// What idle WebSockets cost: the memory of a gateway (Linux: its resident set) before and after a thousand of them, first such as have
// done nothing, then such as have each had a prewarm of Codex's size, compressed both ways, and a turn. `node bench/idle-sockets.ts [COUNT]`.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";

const COUNT = Number(process.argv[2] ?? 1000);
const AT_A_TIME = 50;
const SETTLE_MS = 8000;

const folder = await mkdtemp(join(tmpdir(), "waystation-bench-"));
const config = join(folder, "config.yaml");
await writeFile(config, JSON.stringify({ data_dir: join(folder, "data"), discover: false }));
const flags = ["--max-semi-space-size=8", "src/main.ts", "--config", config, "--port", "0"];
const gateway = spawn(process.execPath, flags, { stdio: ["ignore", "pipe", "inherit"] });

/** Mebibytes of the gateway's resident set. */
async function memory(): Promise<number> {
  const status = await readFile(`/proc/${gateway.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
}

async function eachOf(sockets: readonly WebSocket[], work: (socket: WebSocket) => Promise<void>): Promise<void> {
  for (let from = 0; from < sockets.length; from += AT_A_TIME) await Promise.all(sockets.slice(from, from + AT_A_TIME).map(work));
}

/** Sends a request, and waits for the end of its response. */
function ask(socket: WebSocket, body: object): Promise<void> {
  return new Promise((resolve) => {
    const take = (data: unknown): void => {
      if (!/^\{"type":"(response\.completed|response\.failed|error)"/.test(String(data))) return;
      socket.off("message", take);
      resolve();
    };
    socket.on("message", take);
    socket.send(JSON.stringify({ type: "response.create", model: "demo", store: false, ...body }));
  });
}

async function connect(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: true });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return socket;
}

async function settled(): Promise<number> {
  await sleep(SETTLE_MS);
  return memory();
}

try {
  const url = await new Promise<string>((resolve) => {
    let text = "";
    gateway.stdout.on("data", (chunk) => {
      text += String(chunk);
      const origin = /listening on http(\S+)/.exec(text)?.[1];
      if (origin !== undefined) resolve(`ws${origin}/v1/responses`);
    });
  });
  // Code that runs for the first time, and what it makes for good, is not what a socket costs.
  const first = await Promise.all(Array.from({ length: AT_A_TIME }, () => connect(url)));
  const prewarm = { generate: false, input: [{ role: "developer", content: "You are a coding agent. ".repeat(700) }] };
  for (let turn = 0; turn < 20; turn++) {
    await eachOf(first, (socket) => ask(socket, prewarm));
    await eachOf(first, (socket) => ask(socket, { input: "hello" }));
  }
  for (const socket of first) socket.close();
  const before = await settled();
  const sockets: WebSocket[] = [];
  for (let from = 0; from < COUNT; from += AT_A_TIME) {
    sockets.push(...(await Promise.all(Array.from({ length: Math.min(AT_A_TIME, COUNT - from) }, () => connect(url)))));
  }
  const idle = await settled();
  await eachOf(sockets, (socket) => ask(socket, prewarm));
  const warmed = await settled();
  await eachOf(sockets, (socket) => ask(socket, { input: "hello" }));
  const used = await settled();
  const line = (what: string, value: number): string => `${what}: ${value.toFixed(1)} MiB (${(value - before).toFixed(1)} more)\n`;
  process.stdout.write(`${COUNT} sockets\n${line("before", before)}${line("idle", idle)}${line("after a prewarm each", warmed)}`);
  process.stdout.write(line("after a turn each", used));
  for (const socket of sockets) socket.terminate();
} finally {
  gateway.kill();
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);
