// The circuit of one target: whether a call may be made, and whether a failed one may be tried again. Pure: the time is handed in.
// Promises that a target which fails call after call is left alone for a while, then asked by one call alone; that tries are never more
// than a fifth of the calls, but for those of a lone user; and that a target in good health costs a few additions for each call.

/** What a circuit goes by. */
export interface CircuitRule {
  /** So many failures in a row open it. */
  failuresInRow: number;
  /** Milliseconds: the first pause, which doubles each time, and the longest. */
  firstPause: number;
  longestPause: number;
  /** Further tries in a window that are granted whatever the traffic. */
  spareTries: number;
}

/** How a call ended, as far as it tells of the target's health; `answered` = it fails, but by the request or by a limit. */
export type Verdict = "good" | "bad" | "answered" | "unknown";

/** A call's way through a circuit. */
export interface Passage {
  /** The target has begun to answer well. */
  heard(): void;
  /** The call is over; told once. `now` in milliseconds. True = this opened the circuit. */
  ended(verdict: Verdict, now: number): boolean;
}

/** Milliseconds: what counts is the window that runs and the one before. */
const WINDOW = 10_000;
/** Of so many calls, this share of failures opens the circuit, in a row or not. */
const MOST_FAILURES = 0.5;
const FEWEST_CALLS = 20;
/** The share of further tries among all calls. */
const MOST_TRIES = 0.2;
/** Milliseconds for which one call alone is waited for, before another may find out. */
const PROBE_PATIENCE = 15_000;

/** What was counted in one window. */
interface Tally {
  calls: number;
  ended: number;
  failures: number;
  tries: number;
}

/** One circuit, closed at first. */
export class Circuit {
  readonly #rule: CircuitRule;
  #running: Tally = { calls: 0, ended: 0, failures: 0, tries: 0 };
  #before: Tally = { calls: 0, ended: 0, failures: 0, tries: 0 };
  #windowEnd = 0;
  #inRow = 0;
  /** Since the last call that ended well. */
  #openings = 0;
  /** When the next call may go; null = closed. */
  #until: number | null = null;
  /** The call that finds out, where one does. */
  #probe: Passage | null = null;
  /** The same for all calls while the circuit is closed. */
  readonly #open: Passage = { heard: () => {}, ended: (verdict, now) => this.#count(verdict, now) };

  constructor(rule: CircuitRule) {
    this.#rule = rule;
  }

  /** Whether calls are held off. */
  get isOpen(): boolean {
    return this.#until !== null;
  }

  /** Failures since the last call that went well. */
  get inRow(): number {
    return this.#inRow;
  }

  /** Lets a call through; null = not now. */
  enter(now: number): Passage | null {
    this.#turnWindow(now);
    if (this.#until !== null) {
      if (now < this.#until) return null;
      this.#until = now + PROBE_PATIENCE;
      this.#probe = this.#openProbe();
    }
    this.#running.calls++;
    return this.#probe ?? this.#open;
  }

  /** Whether a failed call may be tried again; if so the try is counted. */
  mayRetry(now: number): boolean {
    if (this.#until !== null) return false;
    this.#turnWindow(now);
    const calls = this.#running.calls + this.#before.calls;
    const tries = this.#running.tries + this.#before.tries;
    if (tries >= Math.max(this.#rule.spareTries, Math.floor(calls * MOST_TRIES))) return false;
    this.#running.tries++;
    return true;
  }

  /** Whether a call is finding out now if the target answers again. */
  get isProbing(): boolean {
    return this.#probe !== null;
  }

  /** Milliseconds until a call may go: as long as another one finds out, until it is worth asking. */
  wait(now: number): number {
    const rest = Math.max(0, (this.#until ?? now) - now);
    return this.isProbing ? Math.min(rest, this.#rule.firstPause) : rest;
  }

  /** Lets calls through again; how it is known that the target answers is the caller's matter. */
  close(): void {
    this.#until = null;
    this.#probe = null;
    this.#inRow = 0;
    for (const tally of [this.#running, this.#before]) tally.ended = tally.failures = 0;
  }

  #openProbe(): Passage {
    const probe: Passage = {
      heard: () => {
        if (this.#probe === probe) this.close();
      },
      ended: (verdict, now) => {
        // Another one finds out by now, or the circuit was closed meanwhile: then this is a call as any other.
        if (this.#probe !== probe) return this.#count(verdict, now);
        this.#probe = null;
        if (verdict === "bad") this.#inRow++;
        if (verdict === "bad") return this.#openUp(now);
        if (verdict === "unknown") this.#until = now;
        else this.close();
        if (verdict === "good") this.#openings = 0;
        return false;
      },
    };
    return probe;
  }

  /** Counts a call that ended. What began before the circuit opened neither prolongs the pause nor ends it. */
  #count(verdict: Verdict, now: number): boolean {
    if (this.#until !== null || verdict === "unknown" || verdict === "answered") return false;
    this.#turnWindow(now);
    this.#running.ended++;
    if (verdict === "good") {
      this.#inRow = 0;
      this.#openings = 0;
      return false;
    }
    this.#running.failures++;
    this.#inRow++;
    const ended = this.#running.ended + this.#before.ended;
    const failures = this.#running.failures + this.#before.failures;
    const isStorm = this.#inRow >= this.#rule.failuresInRow || (ended >= FEWEST_CALLS && failures >= ended * MOST_FAILURES);
    return isStorm && this.#openUp(now);
  }

  #openUp(now: number): true {
    this.#until = now + Math.min(this.#rule.longestPause, this.#rule.firstPause * 2 ** this.#openings);
    this.#openings++;
    return true;
  }

  #turnWindow(now: number): void {
    if (now < this.#windowEnd) return;
    const isNext = now < this.#windowEnd + WINDOW;
    const old = this.#before;
    this.#before = this.#running;
    this.#running = old;
    for (const tally of isNext ? [old] : [old, this.#before]) tally.calls = tally.ended = tally.failures = tally.tries = 0;
    this.#windowEnd = now + WINDOW;
  }
}
