// Reads the options of a command that knows its own. Promises that nothing is ignored: an unknown option, or a value where
// none belongs, is a usage error with a suggestion.
import { parseArgs } from "node:util";
import { suggest } from "../config/suggest.ts";
import { UsageError } from "./command-line.ts";

/** An option: a flag, or one with a value that is named so in messages; `short` is its letter. */
export interface OptionShape {
  value?: string;
  short?: string;
}

/** What was given: flags have an empty value; words are what stands between the options. */
export interface GivenOptions<Name extends string> {
  options: ReadonlyMap<Name, string>;
  words: string[];
}

/** Reads the arguments after the command's name. Throws UsageError. */
export function readOptions<Name extends string>(
  command: string,
  args: readonly string[],
  shapes: Readonly<Record<Name, OptionShape>>,
): GivenOptions<Name> {
  // The keys of a record of that type.
  const names = Object.keys(shapes) as Name[];
  const kinds = names.map((name) => [
    name,
    {
      type: shapes[name].value === undefined ? ("boolean" as const) : ("string" as const),
      ...(shapes[name].short === undefined ? {} : { short: shapes[name].short }),
    },
  ]);
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(kinds),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const options = new Map<Name, string>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") words.push(token.value);
    if (token.kind !== "option") continue;
    const name = names.find((known) => known === token.name);
    if (name === undefined)
      throw new UsageError(
        `${command} has no option ${token.rawName}; ${suggest(
          token.rawName,
          names.map((known) => `--${known}`),
          "options",
        )}`,
      );
    const placeholder = shapes[name].value;
    if (placeholder === undefined && token.value !== undefined) throw new UsageError(`${token.rawName} takes no value; write it alone`);
    if (placeholder !== undefined && (token.value === undefined || token.value === "")) {
      throw new UsageError(`${token.rawName} needs a value; write ${token.rawName} ${placeholder}`);
    }
    options.set(name, token.value ?? "");
  }
  return { options, words };
}

/** A whole number among the options; undefined where it is not given. Throws UsageError. */
export function wholeNumber(options: ReadonlyMap<string, string>, name: string, least: number, most: number): number | undefined {
  const text = options.get(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < least || value > most)
    throw new UsageError(`--${name} must be a whole number from ${least} to ${most}`);
  return value;
}
