// The files of a conversation with what was last done to each. Promises one entry per path; a change outweighs later readings.
import type { FileDeed } from "./read-command.ts";

interface FileState {
  done: string;
  detail: string;
  changes: number;
}

/** Collects what was done to files. */
export class FileLog {
  readonly #files = new Map<string, FileState>();

  /** Notes that something was done; the newest change is what counts, and its file moves to the end. */
  note(deed: FileDeed): void {
    const known = this.#files.get(deed.path);
    const isReading = deed.done === "read";
    const wasMade = known?.done === "created" && deed.done === "edited";
    const next: FileState =
      isReading && known !== undefined
        ? known
        : { done: wasMade ? "created, then edited" : deed.done, detail: deed.detail, changes: (known?.changes ?? 0) + (isReading ? 0 : 1) };
    this.#files.delete(deed.path);
    this.#files.set(deed.path, next);
  }

  /** One entry per file, `path: what was last done`; those only read come first, then changed ones, each oldest first. */
  entries(): string[] {
    const all = [...this.#files].map(([path, state]) => {
      const times = state.changes > 1 ? ` (${state.changes} changes)` : "";
      return { changes: state.changes, entry: `${path}: ${state.done}${times}${state.detail === "" ? "" : `, last ${state.detail}`}` };
    });
    const group = (isChanged: boolean) => all.filter(({ changes }) => changes > 0 === isChanged).map(({ entry }) => entry);
    return [...group(false), ...group(true)];
  }
}
