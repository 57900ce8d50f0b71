// A wait that can be cut short from outside. Promises that nothing waits once it was ended.

/** The waits of one turn. */
export class Pause {
  #isEnded = false;
  #wake: (() => void) | null = null;

  /** Resolves after so many milliseconds, or when all waiting is ended. */
  async wait(ms: number): Promise<void> {
    if (ms <= 0 || this.#isEnded) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }

  /** Ends the wait, and all that would come. */
  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }
}
