// The wish for reasoning effort as the fields of a chat request, by the target's style. Promises a declared loss where the
// word had to change or cannot be said at all.
import type { EffortStyle } from "../../hub/capability.ts";
import { askedEffort, nearestEffort } from "../../hub/effort.ts";
import type { JsonObject } from "../../kit/json.ts";
import type { WritePlan } from "../dialect.ts";

/** Writes the effort that the request asks for; nothing where it asks for none in particular. */
export function writeEffort(plan: WritePlan, body: JsonObject): void {
  const { capabilities, losses } = plan;
  const asked = askedEffort(plan.request);
  if (asked === null) return;
  const style = capabilities.reasoningEffort;
  const effort = nearestEffort(asked, capabilities.efforts);
  if (style === "none" || effort === undefined) return losses.add("dropped", "reasoning.effort", "This model takes no reasoning effort.");
  if (effort !== asked)
    losses.add("lowered", "reasoning.effort", `Effort ${asked} was sent as ${effort}, the nearest that this model takes.`);
  Object.assign(body, effortFields(style, effort));
}

/** Tokens of thinking for a word, where a budget is asked for; words above are left without a bound. */
const BUDGETS: Readonly<Record<string, number | undefined>> = { minimal: 1024, low: 4096, medium: 16_384 };

function effortFields(style: Exclude<EffortStyle, "none">, effort: string): JsonObject {
  const thinks = effort !== "none";
  switch (style) {
    case "reasoning_effort":
      return { reasoning_effort: effort };
    case "reasoning_object":
      return { reasoning: { effort } };
    case "thinking_type":
      return { thinking: { type: thinks ? "enabled" : "disabled" } };
    case "thinking_effort":
      return thinks ? { thinking: { type: "enabled" }, reasoning_effort: effort } : { thinking: { type: "disabled" } };
    case "enable_thinking":
      return { enable_thinking: thinks };
    case "thinking_budget": {
      const budget = BUDGETS[effort];
      return { enable_thinking: thinks, ...(budget === undefined ? {} : { thinking_budget: budget }) };
    }
    case "template_switch":
      // Qwen's and GLM's templates read the first name, DeepSeek's, Kimi's and Granite's the second; the other is ignored.
      return { chat_template_kwargs: { enable_thinking: thinks, thinking: thinks } };
    case "template_effort":
      return { chat_template_kwargs: { reasoning_effort: effort } };
    default:
      return style satisfies never;
  }
}
