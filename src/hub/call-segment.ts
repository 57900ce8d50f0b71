// A call in the making: a function's arguments, a custom tool's input, or what only comes whole. Promises that its `done` is
// built from all that came, and that nothing of it is closed twice.
import { asList, asObject, isObject, parseJson } from "../kit/json.ts";
import { BUILT_IN_PREFIX, builtInWire } from "./built-in.ts";
import type { BuiltInOutputCall, ItemStatus, OutputItem } from "./item.ts";
import type { CallKind } from "./piece.ts";
import type { Emit } from "./segment.ts";

/** What begins a call. */
export interface CallStart {
  call_id: string;
  name: string;
  namespace?: string;
  call: CallKind;
}

const PREFIX: Readonly<Record<CallKind, string>> = { function: "fc", custom: "ctc", tool_search: "tsc", ...BUILT_IN_PREFIX };

/** The id prefix of a call's item. */
export function callPrefix(kind: CallKind): string {
  return PREFIX[kind];
}

/** A call being written: a function's arguments, a custom tool's input, or a search's arguments (which are not streamed). */
export class CallSegment {
  readonly kind = "call";
  readonly id: string;
  /** Whether anything more can come. */
  whole = false;
  /** Whether it came whole; false = it was cut short. */
  intact = true;
  readonly #start: CallStart;
  #text = "";
  #index = 0;
  #emit: Emit | null = null;

  constructor(id: string, start: CallStart) {
    this.id = id;
    this.#start = start;
  }

  open(index: number, emit: Emit): void {
    this.#index = index;
    this.#emit = emit;
    emit({ type: "response.output_item.added", output_index: index, item: this.#item("in_progress", "") });
    if (this.#text !== "") this.#delta(this.#text);
  }

  args(text: string): void {
    this.#text += text;
    if (this.#emit !== null && text !== "") this.#delta(text);
  }

  close(status: ItemStatus): OutputItem {
    const at = { item_id: this.id, output_index: this.#index };
    if (this.#start.call === "function") {
      if (this.#text === "" && status === "completed") this.args("{}");
      this.#emit?.({ type: "response.function_call_arguments.done", ...at, name: this.#start.name, arguments: this.#text });
    } else if (this.#start.call === "custom") {
      this.#emit?.({ type: "response.custom_tool_call_input.done", ...at, input: this.#text });
    }
    const item = this.item(status);
    if (item.type === "shell_call") this.#commands(item);
    this.#emit?.({ type: "response.output_item.done", output_index: this.#index, item });
    return item;
  }

  /** A shell call's commands have events of their own, which the item's must equal. */
  #commands(item: BuiltInOutputCall): void {
    for (const [command_index, command] of asList(asObject(item["action"])?.["commands"]).entries()) {
      if (typeof command !== "string") continue;
      const at = { output_index: this.#index, command_index };
      this.#emit?.({ type: "response.shell_call_command.added", ...at, command: "" });
      this.#emit?.({ type: "response.shell_call_command.delta", ...at, delta: command });
      this.#emit?.({ type: "response.shell_call_command.done", ...at, command });
    }
  }

  item(status: ItemStatus): OutputItem {
    return this.#item(status, this.#text);
  }

  #delta(text: string): void {
    const at = { item_id: this.id, output_index: this.#index };
    if (this.#start.call === "function") this.#emit?.({ type: "response.function_call_arguments.delta", ...at, delta: text });
    else if (this.#start.call === "custom") this.#emit?.({ type: "response.custom_tool_call_input.delta", ...at, delta: text });
  }

  #item(status: ItemStatus, text: string): OutputItem {
    const { call_id, name, namespace, call } = this.#start;
    const place = namespace === undefined ? {} : { namespace };
    if (call === "function") return { id: this.id, type: "function_call", status, call_id, name, ...place, arguments: text };
    if (call === "custom") return { id: this.id, type: "custom_tool_call", status, call_id, name, ...place, input: text };
    if (call !== "tool_search") {
      // `id`, `type` and `status` are what the wire form begins with.
      return builtInWire(call, call_id, this.id, status, text) as BuiltInOutputCall;
    }
    const parsed = parseJson(text);
    return { id: this.id, type: "tool_search_call", status, call_id, execution: "client", arguments: isObject(parsed) ? parsed : {} };
  }
}
