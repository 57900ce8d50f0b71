// Places within JSON text that is known to be valid: where its values begin and end. Promises linear time, no recursion, and no change
// to the text.

/** A member of an object: where its key stands (with its quotes) and where its value does. */
export interface MemberPlace {
  keyFrom: number;
  keyTo: number;
  from: number;
  to: number;
}

/** The first place at or after `at` that is no white space. */
export function skipSpace(text: string, at: number): number {
  let index = at;
  while (index < text.length && " \t\n\r".includes(text.charAt(index))) index += 1;
  return index;
}

/** Where the value that begins here ends. */
export function endOfValue(text: string, from: number): number {
  const first = text.charAt(from);
  if (first === '"') return endOfString(text, from);
  if (first !== "{" && first !== "[") return endOfScalar(text, from);
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '"') at = endOfString(text, at) - 1;
    else if (character === "{" || character === "[") depth += 1;
    else if ((character === "}" || character === "]") && --depth === 0) return at + 1;
  }
  return text.length;
}

/** The members of the object that begins here. */
export function membersOf(text: string, from: number): MemberPlace[] {
  const members: MemberPlace[] = [];
  for (let at = skipSpace(text, from + 1); text.charAt(at) === '"';) {
    const keyTo = endOfString(text, at);
    const value = skipSpace(text, skipSpace(text, keyTo) + 1);
    const to = endOfValue(text, value);
    members.push({ keyFrom: at, keyTo, from: value, to });
    at = skipSpace(text, to);
    if (text.charAt(at) === ",") at = skipSpace(text, at + 1);
  }
  return members;
}

/** Where the entries of the list that begins here begin. */
export function entriesOf(text: string, from: number): number[] {
  const entries: number[] = [];
  for (let at = skipSpace(text, from + 1); at < text.length && text.charAt(at) !== "]";) {
    entries.push(at);
    at = skipSpace(text, endOfValue(text, at));
    if (text.charAt(at) === ",") at = skipSpace(text, at + 1);
  }
  return entries;
}

function endOfString(text: string, from: number): number {
  for (let at = from + 1; ;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return text.length;
    let slash = quote;
    while (text.charAt(slash - 1) === "\\") slash -= 1;
    if ((quote - slash) % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

function endOfScalar(text: string, from: number): number {
  let at = from;
  while (at < text.length && !" \t\n\r,]}".includes(text.charAt(at))) at += 1;
  return at;
}
