// Events: the grammar of a Responses stream, as types. Promises that only `assemble.ts` makes them, in an order that the
// API's clients accept, with gapless sequence numbers.
import type { JsonObject } from "../kit/json.ts";
import type { OutputItem } from "./item.ts";
import type { ResponseSnapshot } from "./response.ts";

interface Numbered {
  sequence_number: number;
}

interface InItem extends Numbered {
  item_id: string;
  output_index: number;
}

interface InPart extends InItem {
  content_index: number;
}

/** Recorded without an item id. */
interface InCommand extends Numbered {
  output_index: number;
  command_index: number;
}

interface InSummary extends InItem {
  summary_index: number;
}

/** `response.created`, repeated `response.in_progress` as a heartbeat, and the terminal event. */
export interface LifecycleEvent extends Numbered {
  type: "response.created" | "response.queued" | "response.in_progress" | "response.completed" | "response.incomplete" | "response.failed";
  response: ResponseSnapshot;
}

export interface ItemEvent extends Numbered {
  type: "response.output_item.added" | "response.output_item.done";
  output_index: number;
  item: OutputItem;
}

/** A part of a message or of reasoning, empty when added, whole when done. */
export interface ContentPartEvent extends InPart {
  type: "response.content_part.added" | "response.content_part.done";
  part: ContentPart;
}

export type ContentPart =
  | { type: "output_text"; text: string; annotations: JsonObject[]; logprobs: JsonObject[] }
  | { type: "refusal"; refusal: string }
  | { type: "reasoning_text"; text: string };

export type Event =
  | LifecycleEvent
  | ItemEvent
  | ContentPartEvent
  | (InPart & { type: "response.output_text.delta"; delta: string; logprobs: JsonObject[] })
  | (InPart & { type: "response.output_text.done"; text: string; logprobs: JsonObject[] })
  | (InPart & { type: "response.output_text.annotation.added"; annotation_index: number; annotation: JsonObject })
  | (InPart & { type: "response.refusal.delta"; delta: string })
  | (InPart & { type: "response.refusal.done"; refusal: string })
  | (InPart & { type: "response.reasoning_text.delta"; delta: string })
  | (InPart & { type: "response.reasoning_text.done"; text: string })
  | (InSummary & {
      type: "response.reasoning_summary_part.added" | "response.reasoning_summary_part.done";
      part: { type: "summary_text"; text: string };
    })
  | (InSummary & { type: "response.reasoning_summary_text.delta"; delta: string })
  | (InSummary & { type: "response.reasoning_summary_text.done"; text: string })
  | (InItem & { type: "response.function_call_arguments.delta"; delta: string })
  | (InItem & { type: "response.function_call_arguments.done"; name: string; arguments: string })
  | (InItem & { type: "response.custom_tool_call_input.delta"; delta: string })
  | (InItem & { type: "response.custom_tool_call_input.done"; input: string })
  | (InCommand & { type: "response.shell_call_command.added" | "response.shell_call_command.done"; command: string })
  | (InCommand & { type: "response.shell_call_command.delta"; delta: string });
