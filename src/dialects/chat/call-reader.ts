// Tool calls of a chat reply: deltas that arrive whole, split, unnamed, unindexed, interleaved or repeated become calls.
// Promises each call once, with its name before its arguments, keyed by index and id as the vendors really use them.
import type { IdSource } from "../../kit/ids.ts";
import type { Json, JsonObject } from "../../kit/json.ts";
import { asNumber, asObject, asString, parseJson } from "../../kit/json.ts";
import { fault } from "../../hub/fault.ts";
import type { Piece } from "../../hub/piece.ts";
import { clientCallId } from "./call-id.ts";

interface OpenCall {
  key: number;
  index: number;
  /** The upstream's id; empty where it gave none. */
  id: string;
  name: string;
  args: string;
  /** Our id, once the call has been announced. */
  callId: string | null;
  ended: boolean;
}

/** Reads the calls of one reply. */
export class CallReader {
  readonly #ids: IdSource;
  readonly #calls: OpenCall[] = [];
  readonly #used = new Set<string>();
  #current: OpenCall | null = null;

  constructor(ids: IdSource) {
    this.#ids = ids;
  }

  /** Takes one entry of `tool_calls`. Returns our id of the call it belongs to, once that is known. */
  push(entry: JsonObject, out: Piece[]): string | null {
    const body = asObject(entry["function"]) ?? asObject(entry["custom"]) ?? {};
    const id = asString(entry["id"]) ?? "";
    const name = asString(body["name"]) ?? "";
    const args = argumentsText(body["arguments"] ?? body["input"]);
    let call = this.#find(asNumber(entry["index"]), id, name, args);
    if (call === undefined) {
      this.#endWhole(out);
      call = {
        key: this.#calls.length,
        index: asNumber(entry["index"]) ?? this.#calls.length,
        id,
        name,
        args: "",
        callId: null,
        ended: false,
      };
      this.#calls.push(call);
    }
    this.#current = call;
    if (call.id === "") call.id = id;
    // Some servers repeat the name, or send it empty, in later deltas (SGLang, LM Studio): the first one counts.
    if (call.name === "") call.name = name;
    // What is whole gets nothing more; a call that is sent whole a second time is the same call.
    if (call.ended || (args !== "" && args === call.args && isWhole(args))) return call.callId;
    call.args += args;
    this.#say(call, args, out);
    return call.callId;
  }

  /** Ends every call: nothing more comes. With `cut`, a call whose arguments are no JSON was cut short. */
  end(out: Piece[], cut: boolean): void {
    for (const call of this.#calls) {
      if (call.ended) continue;
      call.ended = true;
      if (call.callId === null) {
        if (call.args !== "") out.push({ kind: "fault", fault: fault("bad_reply", "The upstream called a tool without naming it.") });
        continue;
      }
      out.push({ kind: "call_end", key: call.key, intact: !cut || isWhole(call.args) });
    }
  }

  get count(): number {
    return this.#calls.length;
  }

  #find(index: number | undefined, id: string, name: string, args: string): OpenCall | undefined {
    const call = index === undefined ? this.#unindexed(id, name) : this.#calls.findLast((one) => one.index === index);
    if (call === undefined || name === "") return call;
    // Parsers that number every parallel call 0 tell them apart by id (Ollama), or only by a name after whole arguments.
    if (id !== "" && call.id !== "" && id !== call.id) return undefined;
    const again = id !== "" && id === call.id;
    if (!again && call.name !== "" && isWhole(call.args) && (args !== "" || call.name !== name)) return undefined;
    return call;
  }

  #unindexed(id: string, name: string): OpenCall | undefined {
    if (id !== "") return this.#calls.find((call) => call.id === id);
    return name === "" ? (this.#current ?? undefined) : undefined;
  }

  /** Calls that are whole JSON get nothing more once another begins. */
  #endWhole(out: Piece[]): void {
    for (const call of this.#calls) {
      if (call.ended || call.callId === null || !isWhole(call.args)) continue;
      call.ended = true;
      out.push({ kind: "call_end", key: call.key, intact: true });
    }
  }

  #say(call: OpenCall, more: string, out: Piece[]): void {
    if (call.callId !== null) {
      if (more !== "") out.push({ kind: "args", key: call.key, text: more });
      return;
    }
    if (call.name === "") return;
    call.callId = this.#mint(call.id);
    out.push({ kind: "call", key: call.key, call_id: call.callId, name: call.name, call: "function" });
    if (call.args !== "") out.push({ kind: "args", key: call.key, text: call.args });
  }

  #mint(upstream: string): string {
    const id = upstream === "" ? "" : clientCallId(upstream);
    const unique = id === "" || this.#used.has(id) ? this.#ids("call") : id;
    this.#used.add(unique);
    return unique;
  }
}

function argumentsText(value: Json | undefined): string {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : "";
}

function isWhole(args: string): boolean {
  return args.trimEnd().endsWith("}") && parseJson(args) !== undefined;
}
