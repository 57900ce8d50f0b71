// Recognising: whether a text is one that a grammar describes. Promises one look at each character, whatever the expression: the
// automaton's states are walked all at once, and a set of states once met is remembered with its ways on.
import type { Automaton } from "./automaton.ts";
import { automatonOf } from "./automaton.ts";
import type { Expression } from "./expression.ts";

/** Tells whether texts fit. */
export interface Recogniser {
  fits(text: string): boolean;
}

/** Met sets of states that are remembered; past it, all are forgotten, so that memory stays bounded. */
const MOST_MET = 2000;
const ASCII = 128;

/** A set of states of the automaton, with its ways on as far as they have been asked for. */
interface Met {
  states: readonly number[];
  accepts: boolean;
  ways: (Met | undefined)[];
}

/** A recogniser of an expression without rules. Throws GrammarProblem where it is too large. */
export function createRecogniser(expression: Expression): Recogniser {
  const automaton = automatonOf(expression);
  const kinds = createKinds(automaton);
  let met = new Map<string, Met>();
  let start: Met | undefined;

  function meet(states: Iterable<number>): Met {
    const all = closure(automaton, states);
    const key = all.join(" ");
    const known = met.get(key);
    if (known !== undefined) return known;
    if (met.size >= MOST_MET) {
      met = new Map();
      start = undefined;
    }
    const fresh: Met = { states: all, accepts: all.includes(automaton.end), ways: [] };
    met.set(key, fresh);
    return fresh;
  }

  function step(from: Met, kind: number, point: number): Met {
    const to = new Set<number>();
    for (const index of from.states) {
      const state = automaton.states[index];
      if (state?.on?.some(([first, last]) => point >= first && point <= last)) to.add(state.to);
    }
    const next = meet(to);
    from.ways[kind] = next;
    return next;
  }

  return {
    fits(text) {
      if (met.size === 0) start = meet([automaton.start]);
      let now = (start ??= meet([automaton.start]));
      for (let at = 0; at < text.length;) {
        const point = text.codePointAt(at) ?? 0;
        at += point > 0xffff ? 2 : 1;
        const kind = kinds(point);
        now = now.ways[kind] ?? step(now, kind, point);
        if (now.states.length === 0) return false;
      }
      return now.accepts;
    },
  };
}

/** All states that can be reached for nothing, in order. */
function closure({ states }: Automaton, from: Iterable<number>): number[] {
  const all = new Set(from);
  for (const index of all) for (const next of states[index]?.free ?? []) all.add(next);
  return [...all].toSorted((left, right) => left - right);
}

/** Numbers the kinds of characters that the automaton can tell apart: the same number for any two that it cannot. */
function createKinds({ states }: Automaton): (point: number) => number {
  const bounds = [...new Set(states.flatMap(({ on }) => (on ?? []).flatMap(([first, last]) => [first, last + 1])))];
  bounds.sort((left, right) => left - right);
  const search = (point: number): number => {
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((bounds[middle] ?? 0) <= point) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const ascii = Array.from({ length: ASCII }, (_, point) => search(point));
  return (point) => ascii[point] ?? search(point);
}
