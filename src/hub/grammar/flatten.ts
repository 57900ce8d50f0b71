// Rules put in the place of their names. Promises an expression without rules, for grammars in which no rule contains itself: those
// are what finite automata and regular expressions can say.
import type { Expression, Grammar } from "./expression.ts";
import { GrammarProblem, choice, repeat, sequence } from "./expression.ts";

/** A small grammar can stand for a huge expression: rules that use others twice, twelve deep. */
const MOST_PARTS = 20_000;

/** The whole of a grammar as one expression. Throws GrammarProblem where a rule contains itself, is missing, or all is too much. */
export function flatten(grammar: Grammar): Expression {
  const done = new Map<string, Expression>();
  const open = new Set<string>();
  let parts = 0;

  function ruleOf(name: string): Expression {
    const known = done.get(name);
    if (known !== undefined) {
      parts += sizeOf(known, MOST_PARTS);
      return known;
    }
    const body = grammar.rules.get(name);
    if (body === undefined) throw new GrammarProblem(`rule ${name}`, `The grammar uses ${name}, which it does not define.`);
    if (open.has(name)) throw new GrammarProblem(`recursion in ${name}`, `The rule ${name} of the grammar contains itself.`);
    open.add(name);
    const whole = flat(body);
    open.delete(name);
    done.set(name, whole);
    return whole;
  }

  function flat(expression: Expression): Expression {
    if (++parts > MOST_PARTS) throw new GrammarProblem("size", "The grammar stands for too large an expression.");
    switch (expression.kind) {
      case "text":
      case "set":
        return expression;
      case "rule":
        return ruleOf(expression.name);
      case "sequence":
        return sequence(expression.parts.map(flat));
      case "choice":
        return choice(expression.options.map(flat));
      case "repeat":
        return repeat(flat(expression.of), expression.least, expression.most);
    }
  }

  return flat({ kind: "rule", name: grammar.start });
}

function sizeOf(expression: Expression, most: number): number {
  const inner =
    expression.kind === "sequence"
      ? expression.parts
      : expression.kind === "choice"
        ? expression.options
        : expression.kind === "repeat"
          ? [expression.of]
          : [];
  let size = 1;
  for (const each of inner) if (size < most) size += sizeOf(each, most - size);
  return size;
}
