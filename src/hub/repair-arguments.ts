// Repair of the arguments that a model gave a function, by the function's schema. Promises that only what has one possible reading is
// changed: anything else stays as the model wrote it, for the client to answer.
import type { JsonObject } from "../kit/json.ts";
import { isObject, parseJson } from "../kit/json.ts";
import { FENCE } from "./fence.ts";
import type { ValueRepair } from "./repair-values.ts";
import { repairValues } from "./repair-values.ts";

/** How arguments were repaired: a fence around them, JSON of JSON, a last brace that was missing, or a value. */
export type ArgumentRepair = ValueRepair | "fenced" | "unclosed";

/** The arguments, and each repair of them. */
export interface RepairedArguments {
  text: string;
  repairs: ArgumentRepair[];
}

/** Repairs arguments (JSON text). `finished` = the model ended by itself: what is missing then was forgotten, not cut off. */
export function repairArguments(text: string, schema: JsonObject, finished: boolean): RepairedArguments {
  const whole = asObjectText(text, finished);
  if (whole === undefined) return { text, repairs: [] };
  const repaired = repairValues(whole.text, schema);
  return { text: repaired.text, repairs: [...whole.repairs, ...repaired.repairs] };
}

/** The arguments as the text of an object; undefined where they are none. */
function asObjectText(text: string, finished: boolean): RepairedArguments | undefined {
  const value = parseJson(text);
  if (isObject(value)) return { text, repairs: [] };
  if (typeof value === "string") return isObject(parseJson(value)) ? { text: value, repairs: ["encoded"] } : undefined;
  if (value !== undefined) return undefined;
  const trimmed = text.trim();
  if (trimmed.startsWith(FENCE) && trimmed.endsWith(FENCE)) {
    const inside = trimmed.slice(FENCE.length, -FENCE.length).replace(/^[a-z]*\s/i, "");
    return isObject(parseJson(inside)) ? { text: inside.trim(), repairs: ["fenced"] } : undefined;
  }
  const closed = `${trimmed}}`;
  return finished && isObject(parseJson(closed)) ? { text: closed, repairs: ["unclosed"] } : undefined;
}
