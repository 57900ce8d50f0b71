// Makes stored content fit for a terminal. Promises that nothing in it can move the cursor, change colours or titles, or
// turn the direction of text: control characters, escape sequences and bidirectional controls are gone.

const SEQUENCES = new RegExp(
  [
    // CSI: colours, movements of the cursor.
    String.raw`(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]`,
    // OSC, DCS, PM, APC, SOS with their end: titles, links. One without an end must not swallow the text after it.
    String.raw`(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c\n]{0,500}(?:\u0007|\u001b\\|\u009c)`,
    // Escapes of two characters.
    String.raw`\u001b[ -/]*[0-~]`,
  ].join("|"),
  "g",
);
const CONTROLS = new RegExp(
  [
    // C0 without tab and line feed, DEL, C1.
    String.raw`[\u0000-\u0008\u000b-\u001f\u007f-\u009f]`,
    // Unicode's line separators, invisible characters, marks and overrides of direction.
    String.raw`[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]`,
  ].join("|"),
  "g",
);

/** Text of several lines, safe to print. */
export function printable(text: string): string {
  return text.replace(SEQUENCES, "").replace(/\r\n?/g, "\n").replace(CONTROLS, "").toWellFormed();
}

/** Text as part of one line. */
export function printableLine(text: string): string {
  return printable(text).replace(/[\n\t]+/g, " ");
}

/** A value as one line of JSON in which no character does anything to a terminal. */
export function printableJson(value: unknown): string {
  // JSON itself escapes C0; the rest is escaped here, so that the value stays exactly the same.
  return JSON.stringify(value).replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
