// What idle WebSockets cost: the memory of a gateway before and after a thousand of them, such as have done nothing, such as have each had
// a prewarm of Codex's size, compressed both ways, and such as have had a turn too. A gateway that has just started and has little to reuse
// shows the most for sockets alone; what they leave after work is seen in one that has worked before.
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { readUse, type Server } from "./processes.ts";

const AT_A_TIME = 50;
const SETTLE_MS = 8000;
/** Turns of the sockets before: code that runs for the first time, and what it makes for good, is not what a socket costs. */
const WARMING_TURNS = 20;
const ANSWER_MS = 30_000;
const END = /^\{"type":"(response\.completed|response\.failed|error)"/;

const PREWARM = { generate: false, input: [{ role: "developer", content: "You are a coding agent. ".repeat(700) }] };
const TURN = { input: "hello" };

/** Mebibytes that the sockets added, by what they had done; `bad` counts what was not answered as it must be. */
export interface SocketFigures {
  /** In a gateway that has done nothing else. */
  first: number;
  /** In one that has worked. */
  idle: number;
  prewarmed: number;
  used: number;
  /** The most of those in one that has worked. */
  most: number;
  bad: number;
}

/** Measures a gateway that has just been started. */
export async function measureSockets(gateway: Server, count: number): Promise<SocketFigures> {
  const url = `${gateway.origin.replace("http", "ws")}/v1/responses`;
  let bad = 0;
  const settled = async (): Promise<number> => {
    await sleep(SETTLE_MS);
    return readUse(gateway.pid).rssMb;
  };
  const askAll = (sockets: readonly WebSocket[], body: object): Promise<void> =>
    inGroups(sockets, async (socket) => {
      if ((await ask(socket, body)) !== "response.completed") bad += 1;
    });
  const open: WebSocket[] = [];
  const connectAll = (total: number): Promise<void> =>
    inGroups(
      Array.from({ length: total }, () => url),
      async (target) => void open.push(await connect(target)),
    );
  const closeAll = (): void => {
    for (const socket of open.splice(0)) socket.close();
  };
  try {
    const started = await settled();
    await connectAll(count);
    const first = (await settled()) - started;
    closeAll();
    await connectAll(AT_A_TIME);
    for (let turn = 0; turn < WARMING_TURNS; turn += 1) {
      await askAll(open, PREWARM);
      await askAll(open, TURN);
    }
    closeAll();
    const before = await settled();
    const grown = async (): Promise<number> => (await settled()) - before;
    await connectAll(count);
    const idle = await grown();
    await askAll(open, PREWARM);
    const prewarmed = await grown();
    await askAll(open, TURN);
    const used = await grown();
    return { first, idle, prewarmed, used, most: Math.max(idle, prewarmed, used), bad };
  } finally {
    for (const socket of open) socket.terminate();
  }
}

async function inGroups<Entry>(all: readonly Entry[], work: (entry: Entry) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += AT_A_TIME) await Promise.all(all.slice(from, from + AT_A_TIME).map(work));
}

async function connect(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: true });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return socket;
}

/** Sends a request, and gives the type of the event that ends its response. */
function ask(socket: WebSocket, body: object): Promise<string> {
  return new Promise((resolve) => {
    const done = (type: string): void => {
      clearTimeout(timer);
      socket.off("message", take);
      socket.off("close", gone);
      resolve(type);
    };
    const timer = setTimeout(done, ANSWER_MS, "none");
    const gone = (): void => done("closed");
    const take = (data: unknown): void => {
      const type = END.exec(String(data))?.[1];
      if (type !== undefined) done(type);
    };
    socket.on("message", take);
    socket.on("close", gone);
    socket.send(JSON.stringify({ type: "response.create", model: "sim", store: false, ...body }));
  });
}
