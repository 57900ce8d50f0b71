// What clients put into messages by themselves: surroundings, permissions, project rules, reminders. They send it again after a
// compaction, so a hand-over leaves it out. Promises linear time, and that everything else of a text stays.

/** Elements that a client writes around its own words, as seen from Codex and Claude Code. */
const tags = [
  "environment_context",
  "user_instructions",
  "permissions instructions",
  "skills_instructions",
  "apps_instructions",
  "plugins_instructions",
  "system-reminder",
  "collaboration_mode",
  "multi_agent_role",
  "multi_agent_mode",
  "model_switch",
  "personality_spec",
  "tools",
  "INSTRUCTIONS",
  "skill",
  "subagent_notification",
];

const opening = new RegExp(`<(${tags.join("|")})>`, "g");
const agentsHeading = /^# AGENTS\.md instructions[^\n]*$/gm;
/** Codex's own request for a summary, which is no wish of the user. */
const summaryRequest = "You are performing a CONTEXT CHECKPOINT COMPACTION";
const imageMark = /<image name=[^>]{0,500}>|<\/image>/g;

/** How Codex introduces a summary that an earlier compaction made. */
const summaryLead = "Another language model started to solve this problem and produced a summary";

/** The text without what the client put in; empty where nothing else was in it. */
export function ownWords(text: string): string {
  if (text.startsWith(summaryRequest)) return "";
  let kept = "";
  let from = 0;
  // Where one is missing its end, all later ones of that name are: to look again each time would cost the square of the length.
  const endless = new Set<string>();
  opening.lastIndex = 0;
  for (let found = opening.exec(text); found !== null; found = opening.exec(text)) {
    const close = `</${found[1] ?? ""}>`;
    const end = endless.has(close) ? -1 : text.indexOf(close, opening.lastIndex);
    if (end === -1) {
      // Without its end it is somebody's words about the tag.
      endless.add(close);
      continue;
    }
    kept += text.slice(from, found.index);
    from = end + close.length;
    opening.lastIndex = from;
  }
  return (kept + text.slice(from)).replaceAll(agentsHeading, "").replaceAll(imageMark, "").trim();
}

/** The summary in a message by which Codex hands one on; undefined for any other text. */
export function handedSummary(text: string): string | undefined {
  if (!text.startsWith(summaryLead)) return undefined;
  const end = text.indexOf(":\n");
  return end === -1 ? text : text.slice(end + 2).trim();
}
