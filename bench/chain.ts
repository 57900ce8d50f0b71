// What a stored history of 2 MB costs: to read it back, and to continue it by its id, beside the same turn with the whole of it as input.
// One request at a time, the ways taken in turn, so that a busy moment of the machine hits all of them.
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { isObject, parseJson, type JsonObject } from "../src/kit/json.ts";
import { median, percentiles, type Percentiles } from "./plan.ts";
import { questionBody, requestBody } from "./scenario.ts";

const WARMING = 5;
/** Before each way, so that none is charged with what the one before left to do. */
const PAUSE_MS = 40;
const HISTORY = { stream: false, history: 2 } as const;

/** Milliseconds. */
export interface ChainFigures {
  /** `GET /v1/responses/ID`. */
  response: Percentiles;
  /** All pages of `GET /v1/responses/ID/input_items`, a hundred items each. */
  items: Percentiles;
  /** As many replies of the same lengths from a server that has them ready. */
  bytes: Percentiles;
  /** A turn that continues the history, itself stored and not. */
  chained: Percentiles;
  chainedStored: Percentiles;
  /** The same turn, sent whole and not stored. */
  whole: Percentiles;
  /** What reading back adds to bytes that are ready, and continuing to sending: the medians of the differences within a round. */
  addedReading: number;
  added: number;
  addedStored: number;
  bad: number;
}

/** Measures a gateway in so many rounds; `upstream` is the simulated server that it asks. Both by their origins. */
export async function measureChain(origin: string, upstream: string, rounds: number): Promise<ChainFigures> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const url = `${origin}/v1/responses`;
  let bad = 0;
  let spent = 0;
  let length = 0;
  const send = async (target: string, body?: Buffer): Promise<JsonObject> => {
    const from = performance.now();
    const reply = await exchange(agent, target, body);
    spent += performance.now() - from;
    length = reply.text.length;
    const read = parseJson(reply.text);
    if (reply.status === 200 && isObject(read)) return read;
    bad += 1;
    return {};
  };
  /** Only the waiting for replies is timed, not what we make of them. */
  const timed = async (work: () => Promise<boolean>): Promise<number> => {
    await sleep(PAUSE_MS);
    spent = 0;
    if (!(await work())) bad += 1;
    return spent;
  };
  const turn = (body: Buffer): Promise<number> => timed(async () => (await send(url, body))["status"] === "completed");
  try {
    const first = await send(url, Buffer.from(requestBody("responses", HISTORY, true)));
    const id = String(first["id"]);
    const whole = Buffer.from(requestBody("responses", HISTORY));
    const chained = Buffer.from(questionBody(id, false));
    const chainedStored = Buffer.from(questionBody(id, true));
    let lengths: number[] = [];
    const readAll = async (): Promise<boolean> => {
      let seen = 0;
      lengths = [];
      for (let after: string | null = ""; after !== null;) {
        const page = await send(`${url}/${id}/input_items?limit=100&order=asc${after === "" ? "" : `&after=${after}`}`);
        lengths.push(length);
        seen += Array.isArray(page["data"]) ? page["data"].length : 0;
        after = page["has_more"] === true ? String(page["last_id"]) : null;
      }
      return seen === HISTORY.history * 100 + 1;
    };
    const readBytes = async (): Promise<boolean> => {
      for (const count of lengths) await send(`${upstream}/bytes?count=${count}`);
      return lengths.length > 0;
    };
    const times = { response: [], items: [], bytes: [], chained: [], chainedStored: [], whole: [] } as Record<Way, number[]>;
    for (let round = 0; round < WARMING + rounds; round += 1) {
      const taken: Record<Way, number> = {
        response: await timed(async () => (await send(`${url}/${id}`))["id"] === id),
        items: await timed(readAll),
        bytes: await timed(readBytes),
        chained: await turn(chained),
        chainedStored: await turn(chainedStored),
        whole: await turn(whole),
      };
      if (round >= WARMING) for (const way of WAYS) times[way].push(taken[way]);
    }
    const over = (way: Way, floor: Way): number => median(times[way].map((time, round) => time - (times[floor][round] ?? Number.NaN)));
    const shown = Object.fromEntries(WAYS.map((way) => [way, percentiles(times[way])])) as Record<Way, Percentiles>;
    const [added, addedStored] = [over("chained", "whole"), over("chainedStored", "whole")];
    return { ...shown, addedReading: over("items", "bytes"), added, addedStored, bad };
  } finally {
    agent.destroy();
  }
}

const WAYS = ["response", "items", "bytes", "chained", "chainedStored", "whole"] as const;
type Way = (typeof WAYS)[number];

function exchange(agent: Agent, url: string, body: Buffer | undefined): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { "content-type": "application/json", "content-length": body.length };
    const call = request(url, { agent, method: body === undefined ? "GET" : "POST", headers }, (reply) => {
      const parts: Buffer[] = [];
      reply.on("data", (part: Buffer) => parts.push(part));
      reply.on("end", () => resolve({ status: reply.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
      reply.on("error", reject);
    });
    call.on("error", reject);
    call.end(body);
  });
}
