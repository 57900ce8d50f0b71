// One reader of a background response's stream: first what is kept, then what comes. Promises the numbers of the first telling, that the
// body ends right after the terminal event, and that a reader who leaves or does not read holds up nobody.
import type { Headers } from "../../contract.ts";
import type { ReplyPort } from "../port.ts";
import type { BackgroundStream } from "./background-stream.ts";
import type { StateStore } from "./store.ts";

/** Whose stream goes where. */
export interface EventsReader {
  store: StateStore;
  owner: string;
  id: string;
  /** The number of the first event that is wanted. */
  from: number;
  /** Undefined where the response does not run here any more. */
  stream: BackgroundStream | undefined;
  port: ReplyPort;
  headers: Headers;
}

/** Headers of every stream of events. */
const EVENT_STREAM: Headers = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  "x-accel-buffering": "no",
};

/** Serves a reader to its end. Never rejects: what the store refuses breaks the connection off, so that the reader may resume. */
export async function serveEvents(reader: EventsReader): Promise<void> {
  const { port } = reader;
  const gone = Promise.withResolvers<"gone">();
  let drained = Promise.withResolvers<void>();
  port.onGone(() => gone.resolve("gone"));
  port.onDrain(() => {
    drained.resolve();
    drained = Promise.withResolvers();
  });
  port.start(200, { ...EVENT_STREAM, ...reader.headers });
  const write = async (bytes: Uint8Array): Promise<"gone" | void> => {
    const wait = drained.promise;
    if (bytes.length > 0 && !port.write(bytes)) return Promise.race([gone.promise, wait]);
    return undefined;
  };
  try {
    await readAll(reader, write, gone.promise);
    port.end();
  } catch {
    port.destroy();
  }
}

async function readAll(
  { store, owner, id, from, stream }: EventsReader,
  write: (bytes: Uint8Array) => Promise<"gone" | void>,
  gone: Promise<"gone">,
): Promise<void> {
  for (let next = from; ;) {
    // Asked for before reading, so that no change is missed between the two.
    const changed = stream?.changed;
    const page = await store.ask("events", { owner, id, from: next });
    if ((await write(page.frames)) === "gone" || page.state !== "live") return;
    if (page.next > next) {
      next = page.next;
      continue;
    }
    const unkept = stream?.unkept ?? null;
    if (unkept !== null) return void (await write(afterFrames(unkept.frames, next - unkept.first)));
    if (changed === undefined || (await Promise.race([gone, changed])) === "gone") return;
  }
}

/** What follows the first so many frames. */
function afterFrames(frames: Buffer, count: number): Buffer {
  let at = 0;
  for (let passed = 0; passed < count; passed += 1) at = frames.indexOf("\n\n", at) + 2;
  return frames.subarray(at);
}
