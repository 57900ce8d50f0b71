// Error replies of local model servers, most of them recorded.
import type { Row } from "./fault-rows.ts";

export const localRows: Row[] = [
  [
    "llama.cpp: context",
    400,
    {
      error: {
        code: 400,
        message: "request (2009 tokens) exceeds the available context size (512 tokens)",
        type: "exceed_context_size_error",
        n_ctx: 512,
      },
    },
    "context_length",
    400,
    "request (2009 tokens) exceeds the available context size (512 tokens)",
  ],
  [
    "llama.cpp: context while it writes",
    500,
    { error: { code: 500, message: "Context size has been exceeded.", type: "server_error" } },
    "context_length",
    400,
    "Context size has been exceeded.",
  ],
  [
    "llama.cpp: loading",
    503,
    { error: { code: 503, message: "Loading model", type: "unavailable_error" } },
    "overloaded",
    503,
    "Loading model",
  ],
  [
    "llama.cpp: templates",
    500,
    { error: { code: 500, message: "tools param requires --jinja flag", type: "server_error" } },
    "server",
    500,
    "tools param requires --jinja flag",
  ],
  [
    "Ollama: model",
    404,
    { error: { message: 'model "llama3.2:70b" not found, try pulling it first', type: "not_found_error" } },
    "model_not_found",
    400,
    'model "llama3.2:70b" not found, try pulling it first',
  ],
  [
    "vLLM: model",
    404,
    { error: { message: "The model `Qwen/Qwen2.5-7B` does not exist.", type: "NotFoundError", param: "model", code: 404 } },
    "model_not_found",
    400,
    "The model `Qwen/Qwen2.5-7B` does not exist.",
  ],
  [
    "vLLM: flat",
    400,
    { object: "error", message: "maximum context length is 4096", type: "BadRequestError", param: null, code: 400 },
    "context_length",
    400,
    "maximum context length is 4096",
  ],
];
