// Reads the parts of messages and of tool outputs. Promises: content is a list of hub parts afterwards; who speaks decides
// the kind of text part, whatever the client wrote; a part of an unknown type is kept whole and declared as a loss.
import type { Part, Role, ToolOutput } from "../../hub/item.ts";
import type { LossList } from "../../hub/loss.ts";
import type { Json, JsonObject } from "../../kit/json.ts";
import { optionalString, optionalWord, requiredEntry, requiredString, withoutNulls } from "./check.ts";
import { dropPart } from "./opaque.ts";
import { entry, missing, pathOf, refuse, tooLong, wrongType } from "./refuse.ts";
import type { Place } from "./refuse.ts";
import { BOUNDS, IMAGE_DETAILS } from "./wire.ts";

const TEXT_OR_PARTS = "one of a string or array of objects";

/** The content of a message: a string becomes one text part; parts are put right in place. */
export function readContent(item: JsonObject, role: Role, place: Place, losses: LossList): Part[] {
  const content = item["content"];
  if (typeof content === "string") return [role === "assistant" ? outputText(content) : { type: "input_text", text: content }];
  if (content === undefined || content === null) {
    // An assistant's turn that only called tools comes with null from clients that grew up on chat completions.
    if (role === "assistant") return [];
    throw missing(pathOf(place, "content"));
  }
  if (!Array.isArray(content)) throw wrongType(pathOf(place, "content"), TEXT_OR_PARTS, content);
  return readParts(content, "content", role === "assistant", place, losses);
}

/** What a tool returned: text as it is, or parts. */
export function readOutput(item: JsonObject, place: Place, losses: LossList): ToolOutput {
  const output = item["output"];
  if (typeof output === "string") {
    if (output.length > BOUNDS.text) throw tooLong(pathOf(place, "output"), BOUNDS.text, output.length);
    return output;
  }
  if (output === undefined || output === null) throw missing(pathOf(place, "output"));
  if (!Array.isArray(output)) throw wrongType(pathOf(place, "output"), TEXT_OR_PARTS, output);
  // Read as a user's, all parts are input parts.
  return readParts(output, "output", false, place, losses) as Exclude<ToolOutput, string>;
}

function readParts(list: Json[], name: string, assistant: boolean, place: Place, losses: LossList): Part[] {
  // The parsed body is ours alone, so the list is put right where it stands.
  const parts = list as unknown as Part[];
  for (let index = 0; index < list.length; index += 1) {
    const at = entry(place, name, index);
    parts[index] = readPart(requiredEntry(list[index], at), assistant, at, losses);
  }
  return parts;
}

function readPart(raw: JsonObject, assistant: boolean, place: Place, losses: LossList): Part {
  const type = requiredString(raw, "type", place);
  if (raw["prompt_cache_breakpoint"] !== undefined) {
    losses.add("dropped", "prompt_cache_breakpoint", "Explicit cache breakpoints are not sent on.");
  }
  switch (type) {
    case "input_text":
    case "output_text":
    case "text":
      return readText(raw, requiredString(raw, "text", place), assistant);
    case "refusal":
      return readRefusal(raw, requiredString(raw, "refusal", place), assistant);
    case "input_image":
      return readImage(raw, place);
    case "input_file":
      return readFile(raw, place);
    case "input_audio":
      return readAudio(raw, place);
    default:
      return dropPart(raw, type, losses);
  }
}

function outputText(text: string): Part {
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

function readText(part: JsonObject, text: string, assistant: boolean): Part {
  if (!assistant) {
    if (part["type"] !== "input_text") return { type: "input_text", text };
    // Type and text were checked: an input_text as it stands.
    return part as unknown as Part;
  }
  if (!Array.isArray(part["annotations"])) part["annotations"] = [];
  if (!Array.isArray(part["logprobs"])) part["logprobs"] = [];
  part["type"] = "output_text";
  // All four fields were just checked or set.
  return part as unknown as Part;
}

function readRefusal(part: JsonObject, refusal: string, assistant: boolean): Part {
  // Type and text were checked: a refusal as it stands.
  return assistant ? (part as unknown as Part) : { type: "input_text", text: refusal };
}

function readImage(part: JsonObject, place: Place): Part {
  const url = optionalString(part, "image_url", place, BOUNDS.blob);
  const id = optionalString(part, "file_id", place);
  optionalWord(part, "detail", place, IMAGE_DETAILS);
  if (url === undefined && id === undefined) throw missing(pathOf(place, "image_url"));
  if (url !== undefined && !/^(?:data:|https?:\/\/)/i.test(url)) {
    const param = pathOf(place, "image_url");
    throw refuse(param, "invalid_value", `Invalid '${param}'. Expected a valid URL, but got a value with an invalid format.`);
  }
  // Every field of an InputImage was checked; null is allowed in each.
  return part as unknown as Part;
}

function readFile(part: JsonObject, place: Place): Part {
  optionalString(part, "filename", place);
  const data = optionalString(part, "file_data", place);
  const url = optionalString(part, "file_url", place);
  const id = optionalString(part, "file_id", place);
  if (data === undefined && url === undefined && id === undefined) throw missing(pathOf(place, "file_data"));
  // Every field of an InputFile was checked; null is allowed in each.
  return part as unknown as Part;
}

function readAudio(part: JsonObject, place: Place): Part {
  const sound = part["input_audio"];
  if (sound === undefined || sound === null) throw missing(pathOf(place, "input_audio"));
  const at = { parent: place, name: "input_audio", index: -1 };
  const audio = requiredEntry(sound, at);
  requiredString(audio, "data", at);
  requiredString(audio, "format", at);
  // Both fields of an InputAudio were checked.
  return withoutNulls(part) as unknown as Part;
}
