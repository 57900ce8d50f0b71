// Hub items as chat messages. Promises one assistant message for each stretch of model output, its calls followed by their
// results, reasoning in the form in which it came, and roles in an order that strict templates take.
import type { Item, MessageItem, ReasoningItem, ToolOutput } from "../../hub/item.ts";
import { textOf } from "../../hub/item.ts";
import { builtInResult } from "../../hub/built-in.ts";
import type { CallItem } from "../../hub/alias.ts";
import { lowerCall, lowerSearchOutput } from "../../hub/lower-items.ts";
import type { JsonObject } from "../../kit/json.ts";
import type { WritePlan } from "../dialect.ts";
import { upstreamCallId } from "./call-id.ts";
import type { ReasoningState } from "./reasoning-state.ts";
import { mergeDetails, openState } from "./reasoning-state.ts";
import type { AssistantMessage, ChatCall, ChatContent, ChatMessage, ChatPart } from "./wire.ts";
import { writeContent } from "./write-parts.ts";

/** The messages of a request; `advice` is text of ours that belongs to the system prompt. */
export function writeMessages(plan: WritePlan, advice: string | null): ChatMessage[] {
  const writer = new MessageWriter(plan);
  const rest = writer.system(advice);
  for (const item of rest) writer.item(item);
  return writer.end();
}

/** What a model said between two messages of others. */
interface Stretch {
  text: string;
  /** The item before was a message too: two replies of a model are told apart by a blank line. */
  afterMessage: boolean;
  calls: ChatCall[];
  callIds: string[];
  states: ReasoningState[];
  readable: string;
}

class MessageWriter {
  readonly #plan: WritePlan;
  readonly #messages: ChatMessage[] = [];
  #stretch: Stretch | null = null;
  /** Images of tool results, which follow in a user message of their own. */
  #images: ChatPart[] = [];
  /** The item with which reasoning begins to go back; null once it does. */
  #keepFrom: Item | "never" | null;

  constructor(plan: WritePlan) {
    this.#plan = plan;
    const { reasoningKeep } = plan.quirks;
    const turn = reasoningKeep === "turn" ? plan.request.input.findLast(isUserWord) : undefined;
    this.#keepFrom = reasoningKeep === "none" ? "never" : (turn ?? null);
  }

  /** Writes what must come first and returns the items that are left. */
  system(advice: string | null): Item[] {
    const { request, capabilities } = this.#plan;
    const texts = [request.instructions, advice].filter((text): text is string => text !== null && text !== "");
    let at = 0;
    if (capabilities.systemMessages !== "anywhere") {
      for (; at < request.input.length; at++) {
        const item = request.input[at];
        if (item?.type === "additional_tools" || item?.type === "configuration_update") continue;
        if (item?.type !== "message" || (item.role !== "system" && item.role !== "developer")) break;
        texts.push(this.#systemText(item));
      }
    }
    if (texts.length > 0) this.#firstWords(texts.join("\n\n"));
    return request.input.slice(at);
  }

  #firstWords(text: string): void {
    const { capabilities, losses } = this.#plan;
    const takes = capabilities.systemMessages !== "none";
    this.#messages.push(takes ? { role: "system", content: text } : { role: "user", content: text });
    if (!takes) losses.add("lowered", "instructions", "This model takes no system message: the instructions lead the first user message.");
  }

  item(item: Item): void {
    if (item === this.#keepFrom) this.#keepFrom = null;
    switch (item.type) {
      case "message":
        return item.role === "assistant" ? this.#assistantText(item) : this.#otherText(item);
      case "reasoning":
        return this.#reasoning(item);
      case "function_call":
      case "custom_tool_call":
      case "tool_search_call":
      case "built_in_call":
        return this.#call(item);
      case "function_call_output":
      case "custom_tool_call_output":
        return this.#result(item.call_id, item.output);
      case "built_in_output":
        return this.#result(item.call_id, builtInResult(item));
      case "tool_search_output":
        return this.#result(item.call_id ?? "", lowerSearchOutput(item, this.#plan.tools.aliases));
      case "agent_message":
        return this.#user(`Message from ${item.author} to ${item.recipient}:\n${item.text}`);
      // Tools, settings and compactions were taken up before; the listener declared the rest.
      case "compaction":
      case "additional_tools":
      case "configuration_update":
      case "opaque":
        return;
      default:
        item satisfies never;
    }
  }

  end(): ChatMessage[] {
    this.#flush();
    this.#flushImages();
    return this.#messages;
  }

  #open(): Stretch {
    this.#flushImages();
    return (this.#stretch ??= { text: "", afterMessage: false, calls: [], callIds: [], states: [], readable: "" });
  }

  #assistantText(item: MessageItem): void {
    const stretch = this.#open();
    if (item.phase) this.#plan.losses.add("dropped", "message.phase", "Chat completions do not tell commentary from a final answer.");
    const text = item.content
      .map((part) => (part.type === "refusal" ? part.refusal : part.type === "output_text" || part.type === "input_text" ? part.text : ""))
      .join("");
    stretch.text += stretch.afterMessage && stretch.text !== "" && text !== "" ? `\n\n${text}` : text;
    stretch.afterMessage = true;
  }

  #reasoning(item: ReasoningItem): void {
    const stretch = this.#open();
    stretch.afterMessage = false;
    const { owner, unseal, losses } = this.#plan;
    const kept = this.#keepFrom === null;
    if (!kept) losses.add("dropped", "reasoning.keep", "Reasoning of earlier turns was left out: reasoning.keep says so.");
    const opened = item.encrypted_content ? unseal(item.encrypted_content, "reasoning") : null;
    if (opened?.state === "ours" && opened.content.owner === owner && opened.content.dialect === "chat") {
      const state = openState(opened.content.data);
      if (state !== undefined) return void stretch.states.push(kept ? state : signaturesOf(state));
    } else if (opened?.state === "ours") {
      losses.add(
        "dropped",
        "reasoning.other_provider",
        "Sealed reasoning of another provider stays sealed; only its readable text can be used.",
      );
    } else if (opened !== null) {
      losses.add(
        "dropped",
        `reasoning.${opened.state}`,
        "Encrypted reasoning that Waystation did not make, or can no longer open, was left out.",
      );
    }
    if (!kept) return;
    stretch.readable += item.content?.map((part) => part.text).join("") || item.summary.map((part) => part.text).join("\n\n");
  }

  #call(item: CallItem): void {
    const { tools, quirks, losses } = this.#plan;
    const stretch = this.#open();
    stretch.afterMessage = false;
    const callId = item.call_id ?? "";
    stretch.callIds.push(callId);
    stretch.calls.push({
      id: upstreamCallId(callId, this.#plan.quirks.callId),
      type: "function",
      function: lowerCall(item, tools.aliases, quirks.wholeArguments, losses),
    });
  }

  #result(callId: string, output: ToolOutput): void {
    this.#flush();
    this.#messages.push({ role: "tool", tool_call_id: upstreamCallId(callId, this.#plan.quirks.callId), content: this.#output(output) });
  }

  #output(output: ToolOutput): string | ChatPart[] {
    if (typeof output === "string") return output;
    const { capabilities, losses } = this.#plan;
    const content = writeContent(output, capabilities, losses);
    if (typeof content === "string" || capabilities.toolOutputParts) return content;
    losses.add("lowered", "tool_output.parts", "A tool's result that is not text follows its call in a user message.");
    const texts = content.map((part) => (part.type === "text" ? part.text : "(see the attachment in the next message)"));
    this.#images.push(...content.filter((part) => part.type !== "text"));
    return texts.join("\n");
  }

  #otherText(item: MessageItem): void {
    const { capabilities, losses } = this.#plan;
    if (item.role === "user") return this.#user(writeContent(item.content, capabilities, losses));
    if (capabilities.systemMessages === "anywhere") {
      this.#flush();
      this.#flushImages();
      return void this.#messages.push({ role: "system", content: this.#systemText(item) });
    }
    losses.add("lowered", "message.developer", "This model takes one system message, first: a later one was sent as a user message.");
    this.#user(`[${item.role} message]\n${this.#systemText(item)}`);
  }

  /** What a system message says: it can hold nothing but text. */
  #systemText(item: MessageItem): string {
    const { capabilities, losses } = this.#plan;
    const content = writeContent(item.content, { ...capabilities, images: false, files: false, audio: false }, losses);
    return typeof content === "string" ? content : textOf(item.content);
  }

  #user(content: ChatContent): void {
    this.#flush();
    this.#flushImages();
    this.#pushUser(content);
  }

  /** Strict templates want user and assistant to alternate, so neighbours become one message there. */
  #pushUser(content: ChatContent): void {
    const last = this.#messages.at(-1);
    if (last?.role === "tool" && !this.#plan.quirks.userAfterTool) this.#messages.push({ role: "assistant", content: "Understood." });
    if (this.#plan.capabilities.systemMessages !== "anywhere" && last?.role === "user") last.content = joinContent(last.content, content);
    else this.#messages.push({ role: "user", content });
  }

  #flushImages(): void {
    if (this.#images.length === 0) return;
    const images = this.#images;
    this.#images = [];
    this.#pushUser([{ type: "text", text: "(Attachment of the tool result above.)" }, ...images]);
  }

  #flush(): void {
    const stretch = this.#stretch;
    this.#stretch = null;
    if (stretch === null || (stretch.text === "" && stretch.calls.length === 0)) return;
    const message: AssistantMessage = { role: "assistant", content: stretch.text };
    if (stretch.calls.length > 0) message.tool_calls = stretch.calls;
    this.#giveReasoningBack(message, stretch);
    if (message.content === "" && this.#plan.quirks.emptyContent === "null") message.content = null;
    this.#messages.push(message);
  }

  #giveReasoningBack(message: AssistantMessage, stretch: Stretch): void {
    const { losses, quirks } = this.#plan;
    const { reasoningBack: back, reasoningFill: fill, thinkTag: tag } = quirks;
    // What stands beside the text goes in order, what leads it from the last to the first.
    for (const state of stretch.states) if (!leadsText(state)) applyState(message, state, stretch, tag);
    for (const state of stretch.states.toReversed()) if (leadsText(state)) applyState(message, state, stretch, tag);
    if (stretch.readable !== "") {
      if (stretch.states.length === 0 && back !== "none")
        applyState(message, { form: back, text: stretch.readable, gap: "\n\n" }, stretch, tag);
      else losses.add("dropped", "reasoning.readable", "Reasoning that this provider did not make, or made without a seal, was left out.");
    }
    if (fill !== undefined && (back === "reasoning_content" || back === "reasoning")) message[back] ||= fill;
  }
}

/** What begins a turn: the word of a user, or of another agent. */
function isUserWord(item: Item): boolean {
  return item.type === "agent_message" || (item.type === "message" && item.role === "user");
}

/** What is left of a state whose reasoning stays out: the signatures of calls, without which the calls are refused. */
function signaturesOf({ extra }: ReasoningState): ReasoningState {
  return { form: "details", text: "", ...(extra === undefined ? {} : { extra }) };
}

function joinContent(before: ChatContent, after: ChatContent): ChatContent {
  if (typeof before === "string" && typeof after === "string") return `${before}\n\n${after}`;
  const parts = (content: ChatContent): ChatPart[] => (typeof content === "string" ? [{ type: "text", text: content }] : content);
  return [...parts(before), ...parts(after)];
}

function leadsText(state: ReasoningState): boolean {
  return state.form === "think" || state.form === "parts";
}

/** Puts one sealed state back where it stood in the upstream's reply. */
function applyState(message: AssistantMessage, state: ReasoningState, stretch: Stretch, tag: string): void {
  if (state.form === "reasoning_content" || state.form === "reasoning") message[state.form] = (message[state.form] ?? "") + state.text;
  else if (state.form === "think" && typeof message.content === "string")
    message.content = `<${tag}>${state.text}</${tag}>${state.gap ?? "\n\n"}${message.content}`;
  else if (state.form === "parts") message.content = withThinking(message.content, state.text);
  if (state.details !== undefined) mergeDetails((message.reasoning_details ??= []), state.details);
  if (state.extra === undefined) return;
  for (const [callId, extra] of Object.entries(state.extra)) {
    const call = stretch.calls[stretch.callIds.indexOf(callId)];
    // What stands in `extra` was read from objects by this dialect and sealed by us.
    if (callId === "") message.extra_content = extra as JsonObject;
    else if (call !== undefined) call.extra_content = extra as JsonObject;
  }
}

function withThinking(content: AssistantMessage["content"], text: string): JsonObject[] {
  const rest = typeof content === "string" ? (content === "" ? [] : [{ type: "text", text: content }]) : (content ?? []);
  return [{ type: "thinking", thinking: [{ type: "text", text }] }, ...rest];
}
