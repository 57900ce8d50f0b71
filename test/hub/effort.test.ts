// Effort words moved to the nearest that a target takes, and never to "none" for a client that asked for thought.
import { describe, expect, test } from "vitest";
import { askedEffort, nearestEffort } from "../../src/hub/effort.ts";
import { templateEffort } from "../../src/hub/model-name.ts";
import { requestOf } from "./request-of.ts";

describe("nearest effort", () => {
  test.each([
    ["high", ["low", "medium", "high"], "high"],
    ["xhigh", ["low", "medium", "high"], "high"],
    ["minimal", ["low", "high"], "low"],
    ["none", ["low", "high"], "low"],
    ["medium", ["low", "high"], "low"],
    ["xhigh", ["low", "high", "max"], "high"],
    ["max", ["none", "minimal", "low", "medium", "high", "xhigh"], "xhigh"],
    ["none", ["none", "medium"], "none"],
    ["minimal", ["none", "medium"], "none"],
    ["low", ["none", "medium"], "medium"],
    ["low", ["none", "max"], "max"],
    ["medium", ["none"], undefined],
    ["turbo", ["low"], undefined],
    ["turbo", ["turbo"], "turbo"],
    ["high", [], undefined],
  ])("%s of %j is %s", (asked, efforts, nearest) => {
    expect(nearestEffort(asked, efforts)).toBe(nearest);
  });
});

test("the last configuration update of the input decides", () => {
  const update = { type: "configuration_update", reasoning: { effort: "low" } } as const;
  const empty = { type: "configuration_update" } as const;
  expect(askedEffort(requestOf({}))).toBeNull();
  expect(askedEffort(requestOf({ reasoning: { effort: "high" } }))).toBe("high");
  expect(askedEffort(requestOf({ input: [update, empty], reasoning: { effort: "high" } }))).toBe("low");
});

describe("what a name tells of a template", () => {
  test.each([
    ["Qwen/Qwen3-32B", "template_switch"],
    ["qwen3.6-35b-a3b", "template_switch"],
    ["Qwen/Qwen3-30B-A3B-Instruct-2507", "reasoning_effort"],
    ["Qwen3-Coder-480B", "reasoning_effort"],
    ["Qwen/Qwen3-235B-A22B-Thinking-2507", "reasoning_effort"],
    ["Qwen3.8-27B", "template_effort"],
    ["GLM-4.6-Air", "template_switch"],
    ["glm-4-9b", "reasoning_effort"],
    ["deepseek-v3.2", "template_switch"],
    ["DeepSeek-V3-0324", "reasoning_effort"],
    ["kimi-k2.6", "template_switch"],
    ["gpt-oss-120b", "reasoning_effort"],
  ])("%s: %s", (model, style) => {
    expect(templateEffort(model).reasoningEffort).toBe(style);
  });
});
