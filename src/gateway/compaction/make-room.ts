// Compaction within a turn: where the input of a request passes its threshold, what the turn goes on with, and the item that ends its
// output. Promises that a threshold which no compaction can reach does not compact at each turn, and that what the model has not
// yet answered stays as it is.
import { isCall, isModelSpeech, isOutput } from "../../hub/pair-calls.ts";
import { readInput } from "../../dialects/responses/read-items.ts";
import { BOUNDS } from "../../dialects/responses/wire.ts";
import type { LastItem } from "../../hub/assemble.ts";
import type { InputText, Item, Part } from "../../hub/item.ts";
import { LossList } from "../../hub/loss.ts";
import type { HubRequest } from "../../hub/request.ts";
import type { Usage } from "../../hub/usage.ts";
import type { IdSource } from "../../kit/ids.ts";
import type { Json } from "../../kit/json.ts";
import { promptBytes } from "../estimate.ts";
import { prepare } from "../prepare.ts";
import type { Services } from "../services.ts";
import type { Target } from "../target.ts";
import { ASSUMED_WINDOW, targetKey } from "../target.ts";
import { countRequest } from "../tokens/count-request.ts";
import type { UpstreamRequest } from "../upstream.ts";
import type { Compactor } from "./compactor.ts";
import { handOverMessage, isGiven, isHandOver, isSetting } from "./raise.ts";
import { recordBytes } from "./record.ts";
import { sealCompaction } from "./sealed.ts";

/** A turn that goes on with less. */
export interface Room {
  request: HubRequest;
  usage: Usage | null;
  /** The compaction, of what the turn then said: after it, as recorded of the service. */
  last: LastItem;
}

/** What it takes. */
export interface RoomOptions {
  services: Services;
  compactor: Compactor;
  ids: IdSource;
  targets: readonly [Target, ...Target[]];
}

/** The share of a window that is the threshold where the client leaves it to us. */
const DEFAULT_SHARE = 0.8;
/** How many times too large or too small an estimate may be: by four bytes a token, and by what is known of the target. */
const DOUBT = 2;
const KNOWN_DOUBT = 1.2;
/** The share of the threshold that must have come since the last compaction, and that of the whole input. */
const NEW_SHARE = 0.25;
const LEAST_SHARE = 0.1;
/** The share of the threshold that the words of users may take, and what has not been answered. */
const WORDS_SHARE = 0.25;
const TAIL_SHARE = 0.4;

/** Makes room; null where there is enough, or none can be made. */
export async function makeRoom(request: HubRequest, options: RoomOptions): Promise<Room | null> {
  const { compaction } = request;
  if (compaction?.when !== "above") return null;
  const { services, targets } = options;
  const [target] = targets;
  const prepared = await prepare(request, target, services.keyRing.unseal, new LossList());
  const bytes = promptBytes(prepared.request.body);
  const { threshold: given } = compaction;
  const threshold = given === "default" ? DEFAULT_SHARE * (target.contextWindow ?? ASSUMED_WINDOW) : given;
  const tokens = await tokensOf(prepared.request, target, services, threshold);
  if (tokens <= threshold) return null;
  const perToken = bytes / tokens;
  const plan = planRoom(request.input, threshold * perToken);
  if (plan.newBytes < Math.max(NEW_SHARE * threshold, LEAST_SHARE * tokens) * perToken) return null;
  return fold(request, plan, options);
}

/** Tokens of a request, counted where an estimate by its bytes is so near to the threshold that it may be on the wrong side of it. */
async function tokensOf(request: UpstreamRequest, target: Target, services: Services, threshold: number): Promise<number> {
  const key = targetKey(target);
  const { calibration } = services;
  const estimate = promptBytes(request.body) / calibration.bytesPerToken(key);
  const doubt = calibration.known(key) === undefined ? DOUBT : KNOWN_DOUBT;
  if (estimate * doubt < threshold || estimate > threshold * doubt) return estimate;
  return (await countRequest(services, target, request)).tokens;
}

interface Plan {
  /** Kept before the hand-over, and after it. */
  before: Item[];
  tail: Item[];
  settings: Item[];
  folded: Item[];
  /** Bytes of what would be folded and was not there at the last compaction. */
  newBytes: number;
}

function planRoom(items: readonly Item[], thresholdBytes: number): Plan {
  const tail = tailOf(items, TAIL_SHARE * thresholdBytes);
  const head = items.slice(0, items.length - tail.length);
  const words = new Set(latestWords(head, WORDS_SHARE * thresholdBytes));
  const isKept = (item: Item): boolean => isGiven(item) && (item.role !== "user" || words.has(item));
  const settings = head.filter(isSetting);
  const folded = head.filter((item) => !isSetting(item) && !isKept(item));
  const since = folded.slice(folded.findLastIndex(isHandOver) + 1);
  return { before: head.filter(isKept), tail, settings, folded, newBytes: since.reduce((sum, item) => sum + recordBytes(item), 0) };
}

/** What the model has not answered: the latest words of others, or the latest calls with their outputs; none where that is too long. */
function tailOf(items: readonly Item[], mostBytes: number): Item[] {
  let at = items.length;
  const goBack = (isOf: (item: Item) => boolean): void => {
    for (let item = items[at - 1]; item !== undefined && isOf(item); item = items[at - 1]) at -= 1;
  };
  goBack((item) => isOutput(item) || isGiven(item));
  if (items.slice(at).some(isOutput)) goBack((item) => isCall(item) || isModelSpeech(item));
  const tail = items.slice(at);
  return tail.reduce((sum, item) => sum + recordBytes(item), 0) <= mostBytes ? tail : [];
}

/** The newest words of users that fit. */
function latestWords(items: readonly Item[], mostBytes: number): Item[] {
  let left = mostBytes;
  const words = items.filter((item) => isGiven(item) && item.role === "user").toReversed();
  const end = words.findIndex((item) => (left -= Math.max(recordBytes(item), JSON.stringify(item).length / 16)) < 0);
  return end === -1 ? words : words.slice(0, end);
}

async function fold(request: HubRequest, plan: Plan, { services, compactor, ids, targets }: RoomOptions): Promise<Room> {
  const { before, tail, settings, folded } = plan;
  const items = request.input.slice(0, request.input.length - tail.length);
  const { handOver, usage } = await compactor.compact({ door: "threshold", request, items, folded, targets });
  const last: LastItem = (output) => {
    // Output items are plain JSON in wire form; reading puts objects right in place, so it gets its own.
    const said = readInput(structuredClone(output) as unknown as Json, new LossList());
    const seal = (keep: (item: Item) => Item): string => {
      const compaction = { handOver, before: before.map(keep), after: [...tail, ...said].map(keep), isWhole: true };
      return sealCompaction(compaction, request.model, services.keyRing.seal);
    };
    const whole = seal((item) => item);
    // A longer one would be refused when it comes back.
    const blob = whole.length <= BOUNDS.blob ? whole : seal(withoutAttachments);
    return { id: ids("cmp"), type: "compaction", encrypted_content: blob };
  };
  return { request: { ...request, input: [...before, ...settings, handOverMessage(handOver), ...tail] }, usage, last };
}

/** The item with words in place of its images, files and sounds. */
function withoutAttachments(item: Item): Item {
  if (item.type === "message") return { ...item, content: item.content.map(wordsFor) };
  if (item.type !== "function_call_output" && item.type !== "custom_tool_call_output") return item;
  return typeof item.output === "string" ? item : { ...item, output: item.output.map(wordsFor) };
}

function wordsFor<P extends Part>(part: P): P | InputText {
  const isText = part.type === "input_text" || part.type === "output_text" || part.type === "refusal";
  return isText ? part : { type: "input_text", text: `(An attachment, ${part.type}, was too large to be kept.)` };
}
