// Reads the body of a Responses create call into a hub request. Promises: the first offence in a fixed order is refused in OpenAI's
// words and shape; whatever is accepted but not carried is a declared loss; one linear pass that copies no text.
import type { LossList } from "../../hub/loss.ts";
import type { HubRequest } from "../../hub/request.ts";
import { asList, isObject } from "../../kit/json.ts";
import type { Json, JsonObject } from "../../kit/json.ts";
import { checkChain } from "./check-chain.ts";
import { readCompactionWish, withoutTrigger } from "./compaction-wish.ts";
import { optionalBoolean, optionalInteger, optionalNumber, optionalString } from "./check.ts";
import { writeEcho } from "./echo.ts";
import { readInput } from "./read-items.ts";
import { readInclude, readMetadata, readReasoningWish, readStop, readText } from "./read-settings.ts";
import { readToolChoice } from "./read-tool-choice.ts";
import { readTools } from "./read-tools.ts";
import { emptyArray, emptyString, missing, refuse, wrongBody } from "./refuse.ts";
import { readSetAside } from "./set-aside.ts";
import { readStateWish, refuseStored } from "./stored.ts";
import type { StoredContext } from "./stored.ts";
import { BOUNDS } from "./wire.ts";

/** How to read. */
export interface ReadRequestOptions {
  /** Refuse a top-level field that nobody knows instead of declaring its loss. */
  strict?: boolean;
  /** What the store has for it. Absent: nothing is kept, and a request that leans on something is refused. */
  stored?: StoredContext;
  /** False: the request is only got ready, so that it may have no input yet. */
  generate?: boolean;
  /** The whole is to be compacted: calls may be open. */
  compacts?: true;
}

/**
 * Reads a create body (OpenAPI 2.3.0). The body is consumed: its objects become the hub's, put right where they stand.
 * Throws a FaultError (status 400; 404 for an item that is only referred to) and nothing else.
 */
export function readRequest(body: Json, losses: LossList, options: ReadRequestOptions = {}): HubRequest {
  if (!isObject(body)) throw wrongBody(body);
  const model = readModel(body);
  const { stored } = options;
  const wish = stored?.wish ?? readStateWish(body);
  if (stored === undefined) refuseStored(wish);
  const instructions = optionalString(body, "instructions", null) ?? null;
  const start = stored?.history.length ?? 0;
  const mayBeEmpty = start > 0 || options.generate === false;
  const given = withoutTrigger(givenInput(body, instructions, mayBeEmpty));
  if (given.isTriggered && start === 0 && asList(given.input).length === 0) throw emptyArray("input");
  const input = readInput(given.input, losses, stored);
  const compacts = given.isTriggered || options.compacts === true;
  if (!compacts && (wish.previous !== null || wish.conversation !== null)) checkChain(input, start);
  const tools = readTools(body, null, losses);
  const choice = readToolChoice(body["tool_choice"], tools, input);
  const request = {
    model,
    instructions,
    input,
    tools,
    tool_choice: choice,
    parallel_tool_calls: optionalBoolean(body, "parallel_tool_calls", null) ?? true,
    stream: optionalBoolean(body, "stream", null) ?? false,
    reasoning: readReasoningWish(body, losses),
    text: readText(body),
    max_output_tokens: optionalInteger(body, "max_output_tokens", null, BOUNDS.minOutputTokens) ?? null,
    temperature: optionalNumber(body, "temperature", null, 0, 2) ?? null,
    top_p: optionalNumber(body, "top_p", null, 0, 1) ?? null,
    top_logprobs: optionalInteger(body, "top_logprobs", null, 0, BOUNDS.topLogprobs) ?? null,
    frequency_penalty: optionalNumber(body, "frequency_penalty", null, -2, 2) ?? null,
    presence_penalty: optionalNumber(body, "presence_penalty", null, -2, 2) ?? null,
    stop: readStop(body),
    seed: optionalInteger(body, "seed", null) ?? null,
    include: readInclude(body),
    prompt_cache_key: optionalString(body, "prompt_cache_key", null) ?? null,
    safety_identifier: optionalString(body, "safety_identifier", null, BOUNDS.safetyIdentifier) ?? null,
    user: optionalString(body, "user", null) ?? null,
  };
  const metadata = readMetadata(body);
  const compaction = readCompactionWish(body, compacts);
  const aside = readSetAside(body, losses, { strict: options.strict ?? false, keeps: stored?.keeps ?? false });
  return { ...request, ...compaction, echo: writeEcho(request, { body, metadata, aside, state: stored?.wish ?? null }) };
}

function readModel(body: JsonObject): string {
  const model = optionalString(body, "model", null);
  if (model === undefined) throw missing("model");
  if (model === "") throw emptyString("model");
  return model;
}

/** The input, which must be there; an empty list will do where instructions or a history say everything, and then also none. */
function givenInput(body: JsonObject, instructions: string | null, mayBeEmpty: boolean): Json {
  const input = body["input"];
  if (input === undefined || input === null) {
    if (mayBeEmpty) return [];
    if (body["messages"] === undefined) throw missing("input");
    const hint = "'messages' belongs to Chat Completions; the Responses API takes the conversation as 'input'.";
    throw refuse("input", "missing_required_parameter", `Missing required parameter: 'input'. ${hint}`);
  }
  if (Array.isArray(input) && input.length === 0 && (instructions ?? "") === "" && !mayBeEmpty) throw emptyArray("input");
  return input;
}
