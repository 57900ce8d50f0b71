// A plan as agents keep it: Codex's update_plan, the to-do and checklist tools of others, as JSON or inside a script.
// Promises linear time and no throw; undefined where there is no plan.
import { asString, isObject, parseJson, type Json, type JsonObject } from "../../kit/json.ts";

const planTool = /plan|todo|checklist/i;
const stepNames = ["step", "content", "description", "title", "text", "task", "name"];
const stateNames = ["status", "state", "done", "completed"];
const states: readonly [RegExp, string][] = [
  [/^(?:completed?|done|true|finished|x)$/i, "done"],
  [/^(?:in[_ -]?progress|active|doing|current|now)$/i, "now"],
  [/^(?:cancell?ed|skipped|dropped|abandoned)$/i, "dropped"],
];
/** A step in a script's object literal: `{step: "…", status: "…"}`. */
const literalStep =
  /(?:step|content)["']?\s*:\s*("(?:[^"\\\n]|\\.){1,2000}"|'(?:[^'\\\n]|\\.){1,2000}')\s*,\s*["']?status["']?\s*:\s*["'](\w+)["']/g;

function stateOf(value: string): string {
  return states.find(([pattern]) => pattern.test(value))?.[1] ?? "to do";
}

function readStep(value: Json): string | undefined {
  if (typeof value === "string") return value.trim() === "" ? undefined : `[to do] ${value.trim()}`;
  if (!isObject(value)) return undefined;
  const step = stepNames.map((name) => asString(value[name])).find((text) => text !== undefined && text.trim() !== "");
  const state = stateNames.map((name) => value[name]).find((one) => typeof one === "string" || typeof one === "boolean");
  return step === undefined ? undefined : `[${stateOf(String(state ?? ""))}] ${step.trim()}`;
}

/** The plan's steps in a Markdown list, as one client's checklist tool takes them. */
function markdownSteps(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    const [, mark, step] = /^\s*[-*]\s+\[(.)\]\s+(.+)$/.exec(line) ?? [];
    return step === undefined ? [] : [`[${mark === "~" ? "now" : stateOf(mark ?? "")}] ${step.trim()}`];
  });
}

function stepsOf(given: JsonObject): string[] {
  for (const value of Object.values(given)) {
    if (Array.isArray(value)) {
      const steps = value.map(readStep).filter((step) => step !== undefined);
      if (steps.length > 0) return steps;
    }
    if (typeof value === "string" && value.includes("[")) {
      const steps = markdownSteps(value);
      if (steps.length > 0) return steps;
    }
  }
  return [];
}

/** The steps in `[state] step` form that a call sets, from its tool's name and its arguments or input. */
export function readPlan(tool: string, given: string): string[] | undefined {
  const isPlanTool = planTool.test(tool);
  if (!isPlanTool && !given.includes("update_plan")) return undefined;
  const json = isPlanTool ? parseJson(given) : undefined;
  const steps = isObject(json)
    ? stepsOf(json)
    : [...given.matchAll(literalStep)].map(
        ([, step = "", state = ""]) => `[${stateOf(state)}] ${step.slice(1, -1).replaceAll(/\\(.)/g, "$1")}`,
      );
  return steps.length === 0 ? undefined : steps;
}
