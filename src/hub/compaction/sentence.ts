// Cuts prose into sentences, so that a demand can be kept without the text around it. Promises linear time; fenced blocks
// are left out, and a line that announces a list carries the list's lines with it.

const sentenceEnd = /(?<=[.!?;])\s+|(?<=[。！？；])\s*/;
const bullet = /^\s*(?:[-*•]|\d{1,3}[.)])\s+/;
/** The most list lines that one announcement carries. */
const MOST_LINES = 30;

/** The sentences of a text in order, each trimmed and without its bullet. */
export function sentencesOf(text: string): string[] {
  const sentences: string[] = [];
  let announced = 0;
  let isFenced = false;
  for (const line of text.split("\n")) {
    const plain = line.trim();
    if (plain.startsWith("```")) isFenced = !isFenced;
    if (isFenced || plain === "" || plain.startsWith("```")) continue;
    if (announced > 0 && bullet.test(line)) {
      sentences[sentences.length - 1] += `\n${plain}`;
      announced -= 1;
      continue;
    }
    const parts = plain
      .replace(bullet, "")
      .split(sentenceEnd)
      .filter((part) => part !== "");
    sentences.push(...parts.slice(-10_000));
    announced = /[:：]$/.test(plain) && parts.length > 0 ? MOST_LINES : 0;
  }
  return sentences;
}
