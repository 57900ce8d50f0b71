// The work that every target is given: who asks how often, and how the upstream answers.
import type { LoadPlan } from "./plan.ts";

/** Who is given the work: the upstream itself, the bare pipe, the gateway, the same gateway with `store: true`. */
export type TargetName = "direct" | "pipe" | "gateway" | "stored";

/** Which request is sent. `history` counts the mebibytes of turns before the question. */
export interface Scenario {
  name: string;
  about: string;
  stream: boolean;
  history: number;
  /** How the upstream answers. */
  upstream: { tokens: number; interval_us: number; coalesce: number };
  load: Pick<LoadPlan, "connections" | "durationS" | "warmupS" | "rate" | "ending" | "hangUp">;
  /** Rounds; absent = as many as asked for. */
  rounds?: number;
  /** A new process for each run, because memory is measured. */
  fresh?: boolean;
  /** Absent = direct, pipe and gateway. */
  targets?: readonly TargetName[];
}

/** The targets of most scenarios. */
export const TARGETS: readonly TargetName[] = ["direct", "pipe", "gateway"];

const AT_ONCE = { tokens: 40, interval_us: 0, coalesce: 4 };
/** An open loop that holds so many streams of a length in seconds open at once. */
const held = (streams: number, lengthS: number, durationS: number): Scenario["load"] => ({
  rate: Math.round(streams / lengthS),
  connections: streams * 2,
  durationS,
  warmupS: lengthS + 0.5,
});

/** All scenarios; `quick` makes the long ones short, for a look at whether everything works. */
export function scenarios(quick: boolean): Scenario[] {
  const s = (full: number, short: number): number => (quick ? short : full);
  const closed = (connections: number, durationS: number): Scenario["load"] => ({ connections, durationS, warmupS: 0.5 });
  const whole = { stream: false, history: 0, upstream: AT_ONCE };
  const stream = { stream: true, history: 0, upstream: AT_ONCE };
  return [
    { ...whole, name: "seq", about: "one connection, whole replies", load: closed(1, s(2, 1)) },
    { ...whole, name: "ns64", about: "64 connections, whole replies", load: closed(64, s(2, 1)) },
    { ...stream, name: "st64", about: "64 connections, streams of 40 tokens", load: closed(64, s(2, 1)) },
    {
      ...stream,
      name: "paced200",
      about: "200 streams at once, 50 tokens a second each",
      upstream: { tokens: 100, interval_us: 20_000, coalesce: 1 },
      load: held(200, 2, s(5, 2)),
      rounds: quick ? 1 : 2,
    },
    { ...whole, name: "big1", about: "a history of 1 MB, whole replies", history: 1, load: closed(1, s(3, 1)) },
    { ...whole, name: "big2", about: "a history of 2 MB, whole replies", history: 2, load: closed(1, s(3, 1)) },
    {
      ...stream,
      name: "store64",
      about: "64 streams at once, 50 tokens a second each, stored and not",
      upstream: { tokens: 40, interval_us: 20_000, coalesce: 1 },
      load: { ...held(64, 0.8, s(6, 2)), ending: true },
      targets: ["gateway", "stored"],
    },
    {
      ...stream,
      name: "storemax64",
      about: "64 connections, streams of 40 tokens as fast as they come, stored and not",
      load: { ...closed(64, s(3, 1)), ending: true },
      targets: ["gateway", "stored"],
    },
    {
      ...stream,
      name: "rss1000",
      about: "1,000 streams at once, 5 tokens a second each",
      upstream: { tokens: 30, interval_us: 200_000, coalesce: 1 },
      load: held(1000, 6, s(9, 2)),
      rounds: 1,
      fresh: true,
      targets: ["pipe", "gateway"],
    },
    {
      ...stream,
      name: "abort",
      about: "150 streams a second, 30 % of the clients hang up",
      upstream: { tokens: 40, interval_us: 10_000, coalesce: 1 },
      load: { rate: 150, connections: 400, durationS: s(60, 5), warmupS: 1, hangUp: 30 },
      rounds: 1,
      fresh: true,
      targets: ["pipe", "gateway"],
    },
  ];
}

const INSTRUCTIONS = "You are a coding agent. ".repeat(40);
const QUESTION = "Say tokens. ".repeat(20);
const LOREM = "Lorem ipsum dolor sit amet. ";
/** Characters of one message of the history: fifty turns of user and assistant to the mebibyte. */
const MESSAGE_SIZE = 2 ** 20 / 100;

/** A turn that continues a stored response, with the question of `requestBody`. */
export function questionBody(previous: string, store: boolean): string {
  return JSON.stringify({ model: "sim", instructions: INSTRUCTIONS, previous_response_id: previous, input: QUESTION, store });
}

/** The same request in both protocols; `store` is of the Responses API alone. */
export function requestBody(dialect: LoadPlan["dialect"], scenario: Pick<Scenario, "stream" | "history">, store = false): string {
  const text = LOREM.repeat(Math.ceil(MESSAGE_SIZE / LOREM.length)).slice(0, MESSAGE_SIZE);
  const past = Array.from({ length: scenario.history * 100 }, (_, index) => (index % 2 === 0 ? "user" : "assistant"));
  const { stream } = scenario;
  if (dialect === "chat") {
    const history = past.map((role) => ({ role, content: text }));
    const messages = [{ role: "system", content: INSTRUCTIONS }, ...history, { role: "user", content: QUESTION }];
    return JSON.stringify({ model: "sim", messages, stream });
  }
  const message = (role: string, part: string, content: string): object => ({
    type: "message",
    role,
    content: [{ type: part, text: content }],
  });
  const input = past.map((role) => message(role, role === "user" ? "input_text" : "output_text", text));
  return JSON.stringify({
    model: "sim",
    instructions: INSTRUCTIONS,
    input: [...input, message("user", "input_text", QUESTION)],
    store,
    stream,
  });
}
