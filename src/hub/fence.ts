// Markdown fences, in which models like to wrap what should stand alone.

/** What begins and ends a fence. */
export const FENCE = "```";

/** What a fence around the whole text holds; undefined where there is none. */
export function insideFence(text: string): string | undefined {
  const whole = text.trim();
  const line = whole.indexOf("\n");
  if (line === -1 || !whole.startsWith(FENCE) || !whole.endsWith(FENCE) || whole.length < line + 1 + FENCE.length) return undefined;
  return whole.slice(line + 1, -FENCE.length);
}
