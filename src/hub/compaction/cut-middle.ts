// Cuts a text in its middle, since beginnings name a thing and ends say how it went. Promises never more bytes than asked,
// no broken character, and a mark that says how much is gone.

/** Where a UTF-8 character begins at or before a place. */
function boundary(bytes: Buffer, place: number): number {
  let at = place;
  // Bytes of the form 10xxxxxx go on with a character that began before them.
  while (at > 0 && at < bytes.length && ((bytes[at] ?? 0) & 0xc0) === 0x80) at -= 1;
  return at;
}

/** The text in at most so many UTF-8 bytes: its head and its tail around a mark with the number of bytes left out. */
export function cutMiddle(text: string, limit: number): string {
  // A UTF-16 unit takes at most three bytes, so that most short texts need no count.
  if (text.length * 3 <= limit) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  const mark = ` […${bytes.length} bytes left out…] `;
  const room = limit - Buffer.byteLength(mark);
  if (room < 16) return bytes.subarray(0, boundary(bytes, Math.max(0, limit))).toString();
  const head = boundary(bytes, Math.ceil(room * 0.6));
  let tail = bytes.length - Math.floor(room * 0.4);
  while (tail < bytes.length && ((bytes[tail] ?? 0) & 0xc0) === 0x80) tail += 1;
  const gone = ` […${tail - head} bytes left out…] `;
  return `${bytes.subarray(0, head).toString()}${gone}${bytes.subarray(tail).toString()}`;
}
