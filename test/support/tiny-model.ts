// A language model of a few kilobytes that knows nothing, as a GGUF file (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md):
// what it says is noise, the same for the same seed, so that all form in a reply comes from the server and its grammars.
// Promises a llama of one layer over printable ASCII, with a chat template that knows tools, reasoning and their tags.

/** How much more likely a piece of the vocabulary is than the rest, as an addition to its logit. */
export type Leanings = Record<string, number>;

const WIDTH = 32;
const HEADS = 2;
const HIDDEN = 32;
/** The first dimension of every embedding is this, so that the first column of the output matrix is a bias by token. */
const STEADY = 8;
const ALIGNMENT = 32;

/** Pieces beside the single characters: the tags of calls and thoughts, and what patches are made of. */
const WORDS = ["\\n", "*** Begin Patch", "*** End Patch", "*** Add File: ", "*** Update File: ", "@@", "a.txt", '{"', '"}'];
const END = "<|im_end|>";
const TAGS = ["<|im_start|>", END, "<tool_call>", "</tool_call>", "<think>", "</think>"];

/** Up to where the reply begins. */
const TEMPLATE = `{%- if tools %}{{- '<|im_start|>system\\nTools:\\n' }}{%- for tool in tools %}{{- tool | tojson }}{{- '\\n' }}{%- endfor %}
{{- 'Call one by <tool_call>{"name": NAME, "arguments": ARGUMENTS}</tool_call><|im_end|>\\n' }}{%- endif %}
{%- for message in messages %}
{%- if message.role == 'tool' %}{{- '<|im_start|>user\\n<tool_response>\\n' + message.content + '\\n</tool_response><|im_end|>\\n' }}
{%- elif message.role == 'assistant' %}{{- '<|im_start|>assistant\\n' }}
{%- if message.reasoning_content %}{{- '<think>\\n' + message.reasoning_content + '\\n</think>\\n\\n' }}{%- endif %}
{%- if message.content %}{{- message.content }}{%- endif %}
{%- for call in message.tool_calls or [] %}{{- '<tool_call>{"name": "' + call.function.name + '", "arguments": ' }}
{%- if call.function.arguments is string %}{{- call.function.arguments }}{%- else %}{{- call.function.arguments | tojson }}{%- endif %}
{{- '}</tool_call>' }}{%- endfor %}{{- '<|im_end|>\\n' }}
{%- else %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\nTHINK' }}{%- endif %}`;

const TYPE = { normal: 1, unknown: 2, control: 3, user: 4, byte: 6 } as const;

interface Piece {
  text: string;
  score: number;
  type: number;
}

/** The vocabulary: unknown, begin, end, the bytes, the tags, the words, and each printable character. */
function vocabulary(): Piece[] {
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
  const characters = Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index));
  const spaced = (text: string): string => text.replaceAll(" ", "\u2581");
  return [
    { text: "<unk>", score: 0, type: TYPE.unknown },
    { text: "<s>", score: 0, type: TYPE.control },
    { text: "</s>", score: 0, type: TYPE.control },
    ...bytes.map((text) => ({ text, score: 0, type: TYPE.byte })),
    ...TAGS.map((text) => ({ text, score: 0, type: text.startsWith("<|") ? TYPE.control : TYPE.user })),
    ...WORDS.map((text) => ({ text, score: 0, type: TYPE.user })),
    ...characters.map((text, index) => ({ text: spaced(text), score: -100 - index, type: TYPE.normal })),
  ];
}

/** Numbers that look random and are the same for the same seed (mulberry32). */
function createNoise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 - 0.5;
  };
}

interface Tensor {
  name: string;
  shape: number[];
  data: Float32Array;
}

function tensors(pieces: readonly Piece[], seed: number, leanings: Leanings): Tensor[] {
  const noise = createNoise(seed);
  const tensor = (name: string, shape: number[], value: (index: number) => number): Tensor => ({
    name,
    shape,
    data: Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, index) => value(index)),
  });
  const random = (name: string, shape: number[]): Tensor => tensor(name, shape, () => noise() * 0.5);
  const ones = (name: string): Tensor => tensor(name, [WIDTH], () => 1);
  const leaning = (piece: Piece | undefined): number =>
    piece === undefined ? 0 : (leanings[piece.text.replaceAll("\u2581", " ")] ?? usual(piece));
  const size = pieces.length;
  // The steady dimension is nearly all of a vector's length: after the norm it is about the square root of the width.
  const unit = Math.sqrt(WIDTH);
  return [
    tensor("token_embd.weight", [WIDTH, size], (index) => (index % WIDTH === 0 ? STEADY : noise())),
    ones("output_norm.weight"),
    tensor("output.weight", [WIDTH, size], (index) =>
      index % WIDTH === 0 ? leaning(pieces[Math.floor(index / WIDTH)]) / unit : noise() * 4,
    ),
    ones("blk.0.attn_norm.weight"),
    ...["attn_q", "attn_k", "attn_v", "attn_output"].map((name) => random(`blk.0.${name}.weight`, [WIDTH, WIDTH])),
    ones("blk.0.ffn_norm.weight"),
    random("blk.0.ffn_gate.weight", [WIDTH, HIDDEN]),
    random("blk.0.ffn_up.weight", [WIDTH, HIDDEN]),
    random("blk.0.ffn_down.weight", [HIDDEN, WIDTH]),
  ];
}

/** Bytes, controls and tags are not said unless a grammar or a leaning asks for them; the end is. */
function usual({ type, text }: Piece): number {
  const isSaid = type === TYPE.normal || text === END || (type === TYPE.user && !TAGS.includes(text));
  return isSaid ? 0 : -30;
}

type Value =
  | string
  | number
  | { float: number }
  | { flag: boolean }
  | { strings: string[] }
  | { floats: number[] }
  | { integers: number[] };

function metadata(pieces: readonly Piece[], thinks: boolean): [string, Value][] {
  const idOf = (text: string): number => pieces.findIndex((piece) => piece.text === text);
  return [
    ["general.architecture", "llama"],
    ["general.name", "tiny"],
    ["llama.context_length", 16384],
    ["llama.embedding_length", WIDTH],
    ["llama.block_count", 1],
    ["llama.feed_forward_length", HIDDEN],
    ["llama.attention.head_count", HEADS],
    ["llama.attention.head_count_kv", HEADS],
    ["llama.rope.dimension_count", WIDTH / HEADS],
    ["llama.attention.layer_norm_rms_epsilon", { float: 1e-5 }],
    ["tokenizer.ggml.model", "llama"],
    ["tokenizer.ggml.tokens", { strings: pieces.map(({ text }) => text) }],
    ["tokenizer.ggml.scores", { floats: pieces.map(({ score }) => score) }],
    ["tokenizer.ggml.token_type", { integers: pieces.map(({ type }) => type) }],
    ["tokenizer.ggml.bos_token_id", idOf("<s>")],
    ["tokenizer.ggml.eos_token_id", idOf(END)],
    ["tokenizer.ggml.unknown_token_id", idOf("<unk>")],
    ["tokenizer.ggml.add_bos_token", { flag: false }],
    ["tokenizer.ggml.add_space_prefix", { flag: false }],
    ["tokenizer.chat_template", TEMPLATE.replace("THINK", thinks ? "<think>\\n" : "")],
  ];
}

/** The bytes of the file. A model that leans to `</think>` begins each reply with a thought, as some templates have it. */
export function tinyModel(seed: number, leanings: Leanings = {}): Buffer {
  const pieces = vocabulary();
  const facts = metadata(pieces, "</think>" in leanings);
  const all = tensors(pieces, seed, leanings);
  const head: Buffer[] = [Buffer.from("GGUF"), u32(3), u64(all.length), u64(facts.length)];
  for (const [key, value] of facts) head.push(words(key), ...valueBytes(value));
  let offset = 0;
  for (const { name, shape, data } of all) {
    head.push(words(name), u32(shape.length), ...shape.map(u64), u32(0), u64(offset));
    offset = aligned(offset + data.byteLength);
  }
  const start = Buffer.concat(head);
  const bodies = all.map(({ data }) => padded(Buffer.from(data.buffer, data.byteOffset, data.byteLength)));
  return Buffer.concat([padded(start), ...bodies]);
}

function valueBytes(value: Value): Buffer[] {
  if (typeof value === "string") return [u32(8), words(value)];
  if (typeof value === "number") return [u32(4), u32(value)];
  if ("float" in value) return [u32(6), float(value.float)];
  if ("flag" in value) return [u32(7), Buffer.from([value.flag ? 1 : 0])];
  if ("strings" in value) return [u32(9), u32(8), u64(value.strings.length), ...value.strings.map(words)];
  if ("floats" in value) return [u32(9), u32(6), u64(value.floats.length), ...value.floats.map(float)];
  return [u32(9), u32(5), u64(value.integers.length), ...value.integers.map(u32)];
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(aligned(bytes.length) - bytes.length)]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function float(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function words(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}
