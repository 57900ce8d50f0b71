// Finite automata: an expression as states and steps. Promises at most two ways on from each state by nothing, so that what is
// built from them stays small; and a named problem for an expression that would need too many states.
import type { CodePoints } from "./code-points.ts";
import type { Expression } from "./expression.ts";
import { GrammarProblem } from "./expression.ts";
import { pointsOf } from "./code-points.ts";

/** More states than any tool's grammar needs; `~1..10000` is refused by it. */
const MOST_STATES = 4000;

/** A state goes on by a character of `on`, or for nothing to those in `free`. */
export interface State {
  on: CodePoints | undefined;
  to: number;
  free: number[];
}

/** An automaton that has read a text of the expression when it stands in `end`. */
export interface Automaton {
  states: readonly State[];
  start: number;
  end: number;
}

/** The automaton of an expression without rules. Throws GrammarProblem. */
export function automatonOf(expression: Expression): Automaton {
  const states: State[] = [];

  function state(on: CodePoints | undefined, to: number, free: number[]): number {
    if (states.length >= MOST_STATES) throw new GrammarProblem("size", "The grammar needs too many states.");
    return states.push({ on, to, free }) - 1;
  }

  /** Adds the states of an expression that lead to `next`, and gives the first. */
  function before(next: number, part: Expression): number {
    switch (part.kind) {
      case "text":
        return Array.from(part.text).reduceRight((to, character) => state(pointsOf(character), to, []), next);
      case "set":
        return state(part.set, next, []);
      case "sequence":
        return part.parts.reduceRight(before, next);
      case "choice":
        return state(
          undefined,
          next,
          part.options.map((option) => before(next, option)),
        );
      case "repeat":
        return repeated(next, part.of, part.least, part.most);
      case "rule":
        throw new GrammarProblem(`rule ${part.name}`, `The rule ${part.name} was not put in its place.`);
    }
  }

  function repeated(next: number, of: Expression, least: number, most: number): number {
    let to = next;
    if (most === Number.POSITIVE_INFINITY) {
      const again = state(undefined, next, [next]);
      states[again]?.free.push(before(again, of));
      to = again;
    } else {
      for (let count = least; count < most; count++) to = state(undefined, next, [next, before(to, of)]);
    }
    for (let count = 0; count < least; count++) to = before(to, of);
    return to;
  }

  const end = state(undefined, 0, []);
  const start = before(end, expression);
  return { states, start, end };
}
