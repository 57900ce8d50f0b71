// The contract of tools and the choice among them.
import type { Row } from "./row.ts";
import { LOOK, FUNCTION, quirks, capabilities } from "./row.ts";

/** The rows. */
export const TOOL_ROWS: Row[] = [
  ["max_tool_calls", "echoed", { max_tool_calls: 3 }, { reply: { max_tool_calls: 3 }, unsent: ["max_tool_calls"] }],
  [
    "parallel_tool_calls",
    "translated",
    { tools: [LOOK], parallel_tool_calls: false },
    { sent: { parallel_tool_calls: false }, reply: { parallel_tool_calls: false } },
  ],
  [
    "parallel_tool_calls, a target that cannot",
    "emulated",
    { tools: [LOOK], parallel_tool_calls: false },
    { unsent: ["parallel_tool_calls"], losses: ["lowered parallel_tool_calls"], provider: capabilities({ parallel_tool_calls: false }) },
  ],
  ["tools", "translated", { tools: [LOOK] }, { sent: { tools: [{ type: "function", function: FUNCTION }] }, reply: { tools: [LOOK] } }],
  [
    "tools, strict where it is not taken",
    "emulated",
    { tools: [{ ...LOOK, strict: true }] },
    { sent: { tools: [{ type: "function", function: FUNCTION }] }, losses: ["lowered tool.strict"] },
  ],
  [
    "tools, strict where it is taken",
    "translated",
    { tools: [{ ...LOOK, strict: true }] },
    { sent: { tools: [{ function: { strict: true } }] }, provider: quirks({ strict_field: true }) },
  ],
  [
    "tools, custom",
    "emulated",
    { tools: [{ type: "custom", name: "patch" }] },
    { sent: { tools: [{ function: { name: "patch" } }] }, losses: ["lowered tool.custom"] },
  ],
  [
    "tools, namespace",
    "emulated",
    { tools: [{ type: "namespace", name: "ns", description: "", tools: [LOOK] }] },
    { sent: { tools: [{ function: { name: "ns__look" } }] }, losses: ["lowered tool.namespace"] },
  ],
  [
    "tools, tool_search by the client",
    "emulated",
    { tools: [{ type: "tool_search", execution: "client" }] },
    { sent: { tools: [{ function: { name: "tool_search" } }] }, losses: ["lowered tool.tool_search"] },
  ],
  [
    "tools, shell",
    "emulated",
    { tools: [{ type: "shell" }] },
    { sent: { tools: [{ function: { name: "shell" } }] }, losses: ["lowered tool.shell"] },
  ],
  [
    "tools, local_shell",
    "emulated",
    { tools: [{ type: "local_shell" }] },
    { sent: { tools: [{ function: { name: "local_shell" } }] }, losses: ["lowered tool.local_shell"] },
  ],
  [
    "tools, apply_patch",
    "emulated",
    { tools: [{ type: "apply_patch" }] },
    { sent: { tools: [{ function: { name: "apply_patch" } }] }, losses: ["lowered tool.apply_patch"] },
  ],
  [
    "tools, hosted",
    "dropped",
    { tools: [{ type: "web_search" }] },
    { unsent: ["tools"], reply: { tools: [{ type: "web_search" }] }, losses: ["dropped tool.web_search"] },
  ],
  [
    "tool_choice, required",
    "translated",
    { tools: [LOOK], tool_choice: "required" },
    { sent: { tool_choice: "required" }, reply: { tool_choice: "required" } },
  ],
  [
    "tool_choice, none",
    "translated",
    { tools: [LOOK], tool_choice: "none" },
    { sent: { tool_choice: "none" }, reply: { tool_choice: "none" } },
  ],
  [
    "tool_choice, a function",
    "translated",
    { tools: [LOOK], tool_choice: { type: "function", name: "look" } },
    { sent: { tool_choice: { type: "function", function: { name: "look" } } } },
  ],
  [
    "tool_choice, allowed tools",
    "emulated",
    {
      tools: [LOOK, { ...LOOK, name: "go" }],
      tool_choice: { type: "allowed_tools", mode: "required", tools: [{ type: "function", name: "go" }] },
    },
    { sent: { tools: [{ function: { name: "go" } }], tool_choice: "required" }, reply: { tools: [{ name: "look" }, { name: "go" }] } },
  ],
  ["tool_choice, required without tools", "refused", { tool_choice: "required" }, { error: { param: "tool_choice" } }],
  [
    "tool_choice, a tool that is not there",
    "refused",
    { tools: [LOOK], tool_choice: { type: "function", name: "go" } },
    { error: { param: "tool_choice", code: null } },
  ],
];
