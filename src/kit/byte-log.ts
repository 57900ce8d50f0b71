// Bytes kept as they pass, for the log: many small pieces in few blocks. Promises that text is encoded once (what `write`
// returns is the log's own memory and may be sent), and that a thousand streams do not mean a hundred thousand buffers.

const FIRST_BLOCK = 2 * 1024;
const LARGEST_BLOCK = 32 * 1024;
/** From here on a piece is kept as it is: copying it would cost more than its own buffer. */
const LARGE_PIECE = 16 * 1024;

/** A growing record of bytes. What was returned or taken must not be changed. */
export class ByteLog {
  readonly #closed: Uint8Array[] = [];
  #block: Buffer = Buffer.alloc(0);
  /** Where the open stretch of the block begins and ends. */
  #from = 0;
  #to = 0;
  #size = 0;
  /** How much of it was taken. */
  #taken = 0;

  /** Bytes kept. */
  get size(): number {
    return this.#size;
  }

  /** Keeps bytes. */
  append(bytes: Uint8Array): void {
    this.#size += bytes.length;
    if (bytes.length >= LARGE_PIECE) {
      this.#close();
      this.#closed.push(bytes);
      return;
    }
    if (this.#block.length - this.#to < bytes.length) this.#open(bytes.length);
    this.#block.set(bytes, this.#to);
    this.#to += bytes.length;
  }

  /** Keeps text, and returns its bytes. */
  write(text: string): Buffer {
    // A UTF-16 unit takes at most three bytes: only where that may not fit is it worth counting them.
    const free = this.#block.length - this.#to;
    if (free < text.length * 3) {
      const exact = Buffer.byteLength(text);
      if (free < exact) this.#open(exact);
    }
    const at = this.#to;
    const length = this.#block.write(text, at);
    this.#to += length;
    this.#size += length;
    return this.#block.subarray(at, this.#to);
  }

  /** What was kept since this was asked last. */
  takeNew(): Uint8Array {
    const length = this.#size - this.#taken;
    this.#taken = this.#size;
    const open = this.#to - this.#from;
    if (length <= open) return this.#block.subarray(this.#to - length, this.#to);
    const parts: Uint8Array[] = open > 0 ? [this.#block.subarray(this.#from, this.#to)] : [];
    let left = length - open;
    for (let index = this.#closed.length - 1; left > 0; index--) {
      const part = this.#closed[index] ?? this.#block;
      parts.unshift(part.length <= left ? part : part.subarray(part.length - left));
      left -= part.length;
    }
    const [first, ...others] = parts;
    return first !== undefined && others.length === 0 ? first : Buffer.concat(parts);
  }

  /** All that was kept, in order, in as few parts as it lies in. */
  parts(): Uint8Array[] {
    return this.#to > this.#from ? [...this.#closed, this.#block.subarray(this.#from, this.#to)] : [...this.#closed];
  }

  /** Forgets everything. */
  clear(): void {
    this.#closed.length = 0;
    this.#block = Buffer.alloc(0);
    this.#from = this.#to = this.#size = this.#taken = 0;
  }

  #close(): void {
    if (this.#to > this.#from) this.#closed.push(this.#block.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }

  #open(length: number): void {
    this.#close();
    const size = Math.max(length, Math.min(LARGEST_BLOCK, Math.max(FIRST_BLOCK, this.#size)));
    this.#block = Buffer.allocUnsafeSlow(size);
    this.#from = this.#to = 0;
  }
}
