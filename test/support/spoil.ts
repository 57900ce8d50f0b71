// Streams spoilt on purpose, the same way for the same seed, for tests of what must notice.
import { isObject, type Json, type JsonObject } from "../../src/kit/json.ts";

/** A source of whole numbers from 0 to below its argument. */
export type Random = (below: number) => number;

/** A source of random numbers, the same for the same seed. */
export function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
}

/** The events with the sequence numbers that belong to their places. */
export function number(events: readonly JsonObject[]): JsonObject[] {
  return events.map((event, index) => ({ ...event, sequence_number: index }));
}

/** The value with the field at `path` set; `undefined` deletes it. */
export function put(value: Json | undefined, [key, ...rest]: readonly (string | number)[], field: Json | undefined): Json | undefined {
  if (key === undefined) return field;
  if (Array.isArray(value)) return value.map((entry, index) => (index === key ? (put(entry, rest, field) ?? null) : entry));
  if (!isObject(value)) return value;
  const { [key]: old, ...others } = value;
  const changed = put(old, rest, field);
  return changed === undefined ? others : { ...others, [key]: changed };
}

/** The value with something changed somewhere inside it. */
function spoil(value: Json | undefined, random: Random): Json | undefined {
  if (Array.isArray(value) && value.length > 0 && random(5) > 0) {
    const place = random(value.length);
    if (random(4) === 0) return value.filter((_, index) => index !== place);
    return value.map((entry, index) => (index === place ? (spoil(entry, random) ?? null) : entry));
  }
  if (isObject(value) && random(8) > 0) {
    const key = Object.keys(value)[random(Object.keys(value).length)] ?? "extra";
    const what = random(5);
    if (what > 1) return { ...value, [key]: spoil(value[key], random) };
    return what === 0 ? put(value, [key], undefined) : { ...value, [key]: null };
  }
  if (typeof value === "string") return [`${value}x`, "", value.slice(1), "completed", "incomplete"][random(5)];
  if (typeof value === "number") return value + random(3) - 1;
  return typeof value === "boolean" ? !value : 1;
}

/** The stream with one event lost, doubled, swapped, or changed, or with its end cut off. */
export function mutate(events: readonly JsonObject[], random: Random): JsonObject[] {
  const place = random(events.length);
  const other = random(events.length);
  switch (random(6)) {
    case 0:
      return number(events.filter((_, index) => index !== place));
    case 1:
      return number(events.flatMap((event, index) => (index === place ? [event, event] : [event])));
    case 2:
      return number(events.map((event, index) => events[index === place ? other : index === other ? place : index] ?? event));
    case 3:
      return events.slice(0, place);
    default:
      return events.map((event, index) => {
        const spoilt = index === place ? spoil(event, random) : event;
        return isObject(spoilt) ? spoilt : {};
      });
  }
}
