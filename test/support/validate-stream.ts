// A strict judge of Responses event streams: whatever the contract forbids is a violation, whether a client would notice or
// not. Promises never to throw on any input, and to report nothing for a stream that the service itself would send.
import { isObject, parseJson, type JsonObject } from "../../src/kit/json.ts";
import { checkErrorEvent, checkEvent, checkSequence } from "./validate-event.ts";
import { addItem, checkOutput, readItemEvent, type StreamItem } from "./validate-item.ts";
import { checkResponse, isLifecycle, isTerminal } from "./validate-response.ts";
import { show, type Report, type StreamEvent, type Violation } from "./violation.ts";

export type { Violation } from "./violation.ts";

/** What is known of a stream after the events so far. */
interface StreamState {
  place: number;
  sequence: number;
  first: JsonObject | undefined;
  isQueued: boolean;
  isRunning: boolean;
  isOver: boolean;
  hasError: boolean;
  items: StreamItem[];
}

/** Judges the events of one whole response, in order; empty = the stream obeys the contract. */
export function validateEvents(events: readonly unknown[]): Violation[] {
  const violations: Violation[] = [];
  const state: StreamState = {
    place: -1,
    sequence: -1,
    first: undefined,
    isQueued: false,
    isRunning: false,
    isOver: false,
    hasError: false,
    items: [],
  };
  for (const event of events) {
    state.place += 1;
    const type = isObject(event) && typeof event["type"] === "string" ? event["type"] : "";
    const report: Report = (rule, message) => violations.push({ rule, at: state.place, type, message });
    if (!isObject(event) || type === "") report("event.type", "no type");
    else readEvent(state, { ...event, type }, report);
  }
  if (!state.isOver) violations.push({ rule: "life.end", at: -1, type: "", message: "the stream has no terminal event" });
  return violations;
}

function readEvent(state: StreamState, event: StreamEvent, report: Report): void {
  if (state.isOver) report("life.after", "an event after the terminal event");
  checkEvent(event, report);
  state.sequence = checkSequence(event, state.sequence, report);
  if (event.type === "keepalive") return;
  if (event.type === "error") {
    state.hasError = true;
    return checkErrorEvent(event, report);
  }
  if (isLifecycle(event.type)) return readLifecycle(state, event, report);
  if (!state.isRunning) report("life.order", "output before response.in_progress");
  if (event.type === "response.output_item.added") return addItem(state.items, event, report);
  if ("output_index" in event) readItemEvent(state.items, event, report);
}

function readLifecycle(state: StreamState, event: StreamEvent, report: Report): void {
  const response = event["response"];
  checkResponse(event.type, response, state.first, report);
  const current = isObject(response) ? response : {};
  state.first ??= current;
  if ((event.type === "response.created") !== (state.place === 0)) report("life.first", "response.created comes first, and only there");
  if (event.type !== "response.completed" && current["status"] === "queued" && current["background"] !== true) {
    report("life.queued", "queued without background");
  }
  if (event.type === "response.queued") {
    if (state.isRunning || state.isQueued) report("life.order", "queued too late");
    state.isQueued = true;
  }
  // Repeated, it is a heartbeat that every client can read.
  if (event.type === "response.in_progress" && !state.isRunning) {
    if (state.first["status"] === "queued" && !state.isQueued) report("life.queued", "no response.queued for a queued response");
    if (state.items.length > 0) report("life.order", "in_progress after output");
    state.isRunning = true;
  }
  if (!isTerminal(event.type)) return;
  state.isOver = true;
  if (!state.isRunning && event.type === "response.completed") report("life.order", "completed without in_progress");
  if (state.hasError && event.type !== "response.failed") report("life.error", `an error, then ${event.type}`);
  checkOutput(state.items, event, report);
}

const FRAME = /^event: ([^\n]+)\ndata: ([^\n]+)$/;

/** How to judge a body. */
export interface JudgeOptions {
  /** The body is a stream that was resumed after these events: with them it must be one whole stream. */
  resumeAfter?: readonly unknown[];
}

/** Judges the text of one whole SSE body: its framing, then its events. */
export function validateSse(text: string, { resumeAfter = [] }: JudgeOptions = {}): Violation[] {
  const violations: Violation[] = [];
  const events: unknown[] = [...resumeAfter];
  let place = resumeAfter.length;
  let isDone = false;
  const report = (rule: string, message: string, type = ""): void => void violations.push({ rule, at: place, type, message });
  if (text.includes("\r")) report("frame.line", "a carriage return");
  const frames = text.split("\n\n");
  if (frames.pop() !== "") report("frame.end", "the last frame is not ended by an empty line");
  for (const frame of frames) {
    const [, name, data] = FRAME.exec(frame) ?? [];
    if (frame === "data: [DONE]" && !isDone) isDone = true;
    else if (isDone) report("frame.after", "a frame after [DONE]");
    else if (name === undefined || data === undefined) report("frame.form", JSON.stringify(frame.slice(0, 100)));
    else {
      const event = parseJson(data);
      const type = isObject(event) ? event["type"] : undefined;
      if (event === undefined) report("frame.json", data.slice(0, 100), name);
      else if (type !== name) report("frame.event", `event: ${name}, but type ${show(type)}`, name);
      events.push(event);
    }
    place += 1;
  }
  return [...violations, ...validateEvents(events)];
}
