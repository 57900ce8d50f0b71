// What a patch in apply_patch's form does to files: its headers and the size of each change. Promises linear time and no throw.
import type { FileDeed } from "./read-command.ts";

const header = /^\*\*\* (Add|Update|Delete) File: (.+)$/;
const moved = /^\*\*\* Move to: (.+)$/;
const done = { Add: "created", Update: "edited", Delete: "deleted" } as const;
/** The longest line that stands for a change. */
const LINE = 90;

interface Change {
  path: string;
  kind: keyof typeof done;
  target?: string;
  added: number;
  removed: number;
  place: string;
  first: string;
}

function described(change: Change): FileDeed[] {
  const counts = change.kind === "Delete" ? "" : `+${change.added} -${change.removed}`;
  const place = change.place === "" ? "" : ` at ${change.place}`;
  const first = change.first === "" ? "" : `: ${change.first}`;
  const deed = { path: change.path, done: done[change.kind], detail: `${counts}${place}${first}`.trim() };
  if (change.target === undefined) return [deed];
  return [
    { path: change.path, done: `renamed to ${change.target}`, detail: "" },
    { ...deed, path: change.target },
  ];
}

/** Counts one line of a change, and keeps the last place and the first added line that says something. */
function count(change: Change, line: string): void {
  if (line.startsWith("@@")) {
    const place = line.replaceAll("@@", "").trim().slice(0, LINE);
    if (place !== "") change.place = place;
  } else if (line.startsWith("+")) {
    change.added += 1;
    if (change.first === "" && /[\p{L}\p{N}]/u.test(line)) change.first = line.slice(1).trim().slice(0, LINE);
  } else if (line.startsWith("-")) change.removed += 1;
}

/** Every file that a patch names, in its order; none where the text is no patch. */
export function readPatch(patch: string): FileDeed[] {
  if (!patch.includes("*** ")) return [];
  const deeds: FileDeed[] = [];
  let change: Change | undefined;
  for (const raw of patch.split("\n")) {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    const [, kind, path] = header.exec(line) ?? [];
    if (path !== undefined && (kind === "Add" || kind === "Update" || kind === "Delete")) {
      if (change !== undefined) deeds.push(...described(change));
      change = { path: path.trim(), kind, added: 0, removed: 0, place: "", first: "" };
    } else if (line.startsWith("*** End Patch")) break;
    else if (change !== undefined) {
      const target = moved.exec(line)?.[1];
      if (target !== undefined) change.target = target.trim();
      else count(change, line);
    }
  }
  if (change !== undefined) deeds.push(...described(change));
  return deeds;
}
