// Events as a Responses stream, or the final response as one JSON body. Promises OpenAI's framing, field lists as recorded, and that
// nothing is serialised twice: snapshots and items are kept.
import type { Event, LifecycleEvent } from "../../hub/event.ts";
import type { OutputItem } from "../../hub/item.ts";
import type { ResponseSnapshot } from "../../hub/response.ts";
import type { Json } from "../../kit/json.ts";
import type { Framing } from "./framing.ts";
import { SSE } from "./framing.ts";

/** Writes the reply of one turn. */
export class ResponsesWriter {
  readonly #framing: Framing;
  readonly #items = new Map<OutputItem, string>();
  #echo: string | null = null;
  /** The running snapshot is the same in `created` and the `in_progress` after it; it is not kept for a heartbeat that may never come. */
  #running: string | null = null;
  #whole: { response: ResponseSnapshot; text: string } | null = null;
  /** What stands around number and text in the run of deltas being written. */
  #delta: { item: string; type: string; part: number | null; start: string; middle: string } = {
    item: "",
    type: "",
    part: null,
    start: "",
    middle: "",
  };

  constructor(framing: Framing = SSE) {
    this.#framing = framing;
  }

  /** One event as a frame. */
  event(event: Event): string {
    switch (event.type) {
      case "response.created":
      case "response.queued":
      case "response.in_progress":
      case "response.completed":
      case "response.incomplete":
      case "response.failed":
        return this.#frame(event.type, `"sequence_number":${event.sequence_number},"response":${this.#snapshot(event)}`);
      case "response.output_item.added":
        return this.#frame(
          event.type,
          `"sequence_number":${event.sequence_number},"output_index":${event.output_index},"item":${JSON.stringify(event.item)}`,
        );
      case "response.output_item.done":
        return this.#frame(
          event.type,
          `"sequence_number":${event.sequence_number},"output_index":${event.output_index},"item":${this.#item(event.item)}`,
        );
      case "response.output_text.delta":
        return this.#text(
          event,
          event.content_index,
          event.logprobs.length === 0 ? ',"logprobs":[]' : `,"logprobs":${JSON.stringify(event.logprobs)}`,
        );
      case "response.refusal.delta":
      case "response.reasoning_text.delta":
        return this.#text(event, event.content_index, "");
      case "response.function_call_arguments.delta":
      case "response.custom_tool_call_input.delta":
        return this.#text(event, null, "");
      default: {
        const { type, ...rest } = event;
        return this.#frame(type, JSON.stringify(rest).slice(1, -1));
      }
    }
  }

  /** The response as the body of a whole reply. What was written last is kept: an ended response is written down and sent. */
  whole(response: ResponseSnapshot): string {
    if (this.#whole?.response !== response) this.#whole = { response, text: this.#response(response) };
    return this.#whole.text;
  }

  #frame(type: string, fields: string): string {
    return this.#framing.open(type) + fields + this.#framing.close;
  }

  #text(event: Event & { delta: string; item_id: string; output_index: number }, contentIndex: number | null, tail: string): string {
    if (this.#delta.item !== event.item_id || this.#delta.type !== event.type || this.#delta.part !== contentIndex) {
      const at = contentIndex === null ? "" : `,"content_index":${contentIndex}`;
      const middle = `,"item_id":"${event.item_id}","output_index":${event.output_index}${at},"delta":`;
      const start = `${this.#framing.open(event.type)}"sequence_number":`;
      this.#delta = { item: event.item_id, type: event.type, part: contentIndex, start, middle };
    }
    const { start, middle } = this.#delta;
    return `${start}${event.sequence_number}${middle}${JSON.stringify(event.delta)}${tail}${this.#framing.close}`;
  }

  #snapshot(event: LifecycleEvent): string {
    if (event.response.status !== "in_progress") return this.whole(event.response);
    const running = this.#running ?? this.#response(event.response);
    this.#running = event.type === "response.created" ? running : null;
    return running;
  }

  #response(response: ResponseSnapshot): string {
    const { service_tier: tier, ...rest } = response.echo;
    this.#echo ??= JSON.stringify(rest).slice(1, -1);
    const head = JSON.stringify({
      id: response.id,
      object: "response",
      created_at: response.created_at,
      status: response.status,
      completed_at: response.completed_at,
      error: response.error,
      incomplete_details: response.incomplete_details,
    });
    const output = response.output.map((item) => this.#item(item)).join(",");
    const echo = this.#echo === "" ? "" : `,${this.#echo}`;
    return `${head.slice(0, -1)},"output":[${output}],"usage":${JSON.stringify(response.usage)}${echo}${writeTier(tier, response.status)}}`;
  }

  #item(item: OutputItem): string {
    let text = this.#items.get(item);
    if (text === undefined) this.#items.set(item, (text = JSON.stringify(item)));
    return text;
  }
}

/** The tier that served is known at the end: recorded running replies say `auto`, ended ones `default`. */
function writeTier(tier: Json | undefined, status: ResponseSnapshot["status"]): string {
  if (tier === undefined) return "";
  return `,"service_tier":${JSON.stringify(tier === "auto" && status !== "in_progress" && status !== "queued" ? "default" : tier)}`;
}
