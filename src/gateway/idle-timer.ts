// A timer that is pushed back by every sign of life. Promises no false alarm: after a blocked event loop it looks once more,
// since what it waited for may lie unread in the socket; and none while it is held.

/** Calls `alarm` once, after the given silence. */
export class IdleTimer {
  readonly #alarm: () => void;
  #wait: number;
  #timer: NodeJS.Timeout;
  #held = false;
  #lives = 0;

  constructor(waitMs: number, alarm: () => void) {
    this.#alarm = alarm;
    this.#wait = waitMs;
    this.#timer = this.#start();
  }

  /** A sign of life. */
  refresh(): void {
    this.#lives++;
    this.#timer.refresh();
  }

  /** A sign of life after which another silence is allowed. */
  restart(waitMs: number): void {
    if (waitMs === this.#wait) return this.refresh();
    this.#lives++;
    this.#wait = waitMs;
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  /** Stops the clock: the silence is ours. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.refresh();
  }

  /** Ends it for good, also where the alarm is due. */
  stop(): void {
    this.#lives++;
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => this.#due(), this.#wait);
  }

  #due(): void {
    if (this.#held) return void this.#timer.refresh();
    const lives = this.#lives;
    setImmediate(() => {
      if (this.#lives === lives && !this.#held) this.#alarm();
    });
  }
}
