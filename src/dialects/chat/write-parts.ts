// Parts of hub messages as chat content. Promises that a part which the target cannot take leaves a word in its place and a
// declared loss, never a hole.
import { asString } from "../../kit/json.ts";
import type { Capabilities } from "../../hub/capability.ts";
import type { Part } from "../../hub/item.ts";
import type { LossList } from "../../hub/loss.ts";
import type { ChatContent, ChatPart } from "./wire.ts";

/** The content of a message that a client or a tool wrote: plain text where all of it is text. */
export function writeContent(parts: readonly Part[], capabilities: Capabilities, losses: LossList): ChatContent {
  const written = parts.map((part) => writePart(part, capabilities, losses));
  return written.every((part) => part.type === "text") ? joinTexts(written) : written;
}

/** The text of parts that are all text. */
function joinTexts(parts: readonly ChatPart[]): string {
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("\n");
}

function writePart(part: Part, capabilities: Capabilities, losses: LossList): ChatPart {
  switch (part.type) {
    case "input_text":
    case "output_text":
      return { type: "text", text: part.text };
    case "refusal":
      return { type: "text", text: part.refusal };
    case "input_image": {
      const url = part.image_url;
      if (url && capabilities.images) return { type: "image_url", image_url: { url, ...writeDetail(part.detail, losses) } };
      return dropped(losses, "input_image", url ? "this model takes no images" : "an image by file id cannot be sent to this provider");
    }
    case "input_file": {
      const data = part.file_data;
      if (data && capabilities.files) return { type: "file", file: { file_data: data, filename: part.filename || nameOf(data) } };
      const text = data ? textFile(data) : undefined;
      if (text === undefined)
        return dropped(losses, "input_file", data ? "this model takes no files" : "a file by URL or id cannot be sent to this provider");
      losses.add("lowered", "input_file", "A text file was put into the message as text.");
      return { type: "text", text: `${part.filename ?? "file"}:\n${text}` };
    }
    case "input_audio":
      if (capabilities.audio) return { type: "input_audio", input_audio: part.input_audio };
      return dropped(losses, "input_audio", "this model takes no sound");
    case "opaque":
      return dropped(losses, `part.${asString(part.wire["type"]) ?? "unknown"}`, "this kind of content is not known to Waystation");
    default:
      return part satisfies never;
  }
}

/** Chat knows three details; Codex also says `original`, to which the highest comes nearest. */
function writeDetail(detail: string | null | undefined, losses: LossList): { detail?: string } {
  if (detail === undefined || detail === null) return {};
  if (detail === "auto" || detail === "low" || detail === "high") return { detail };
  losses.add("lowered", "input_image.detail", `Chat completions have no detail ${detail}: high was asked for.`);
  return { detail: "high" };
}

function dropped(losses: LossList, feature: string, why: string): ChatPart {
  losses.add("dropped", feature, `Left out: ${why}.`);
  return { type: "text", text: `[${feature.replace("input_", "")} omitted: ${why}]` };
}

/** The text of a `data:` URL whose type is text or JSON; undefined for any other. */
function textFile(url: string): string | undefined {
  const match = /^data:(?:text\/[\w.+-]+|application\/(?:json|xml|yaml|toml))(?:;charset=[\w-]+)?;base64,/i.exec(url);
  return match === null ? undefined : Buffer.from(url.slice(match[0].length), "base64").toString("utf8");
}

/** A name for a file that has none, which servers demand: they tell its kind by it. */
function nameOf(data: string): string {
  const kind = /^data:\w+\/([\w.+-]+)/.exec(data)?.[1];
  return kind === undefined ? "file" : `file.${kind.replace(/^.*[.+-]/, "")}`;
}
