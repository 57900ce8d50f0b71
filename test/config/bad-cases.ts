// Wrong configurations, each with the exact lines that a user sees, without the name of the file.

/** What is wrong, the file's text, and the lines of the error. */
export const CASES: [name: string, text: string, ...lines: string[]][] = [
  ["unknown key at the top", "sever: {}\n", '1:1: unknown key "sever"; did you mean "server"?'],
  ["unknown key in a section", "server:\n  prot: 1\n", '2:3: unknown key "prot" in server; did you mean "port"?'],
  [
    "two mistakes, in the order of the file",
    "strict: 1\nlog: { capture: fulll }\n",
    "1:9: strict must be true or false, not a whole number; write true or false, without quotes",
    '2:17: log.capture must be one of full, metadata, off; did you mean "full"?',
  ],
  [
    "our own spelling of a key",
    "providers:\n  ollama:\n    capabilities: { toolNameLength: 9 }\n",
    '3:21: unknown key "toolNameLength" in providers.ollama.capabilities; did you mean "tool_name_length"?',
  ],
  [
    "an unknown key without a likeness lists what is known",
    "log:\n  zzz: 1\n",
    '2:3: unknown key "zzz" in log; known keys: capture, queue_mb.',
  ],
  ["port out of range", "server:\n  port: 70000\n", "2:9: server.port must be at most 65535; write a smaller number"],
  ["negative port", "server:\n  port: -1\n", "2:9: server.port must be at least 0; write a larger number"],
  ["port as text", "server:\n  port: '80'\n", "2:9: server.port must be a number, not text; write it without quotes or unit"],
  [
    "port with a fraction",
    "server:\n  port: 80.5\n",
    "2:9: server.port must be a whole number, not a fraction; write it without a fraction",
  ],
  ["a unit behind seconds", "limits: { idle_s: 5s }\n", "1:19: limits.idle_s must be a number, not text; write it without quotes or unit"],
  ["a wait of nothing", "limits: { connect_s: 0 }\n", "1:22: limits.connect_s must be above 0; write a larger number"],
  ["no number at all", "limits: { connect_s: .nan }\n", "1:22: limits.connect_s must be a number, not a fraction; write a number"],
  ["a longer wait than timers count", "limits: { idle_s: 1e9 }\n", "1:19: limits.idle_s must be at most 86400; write a smaller number"],
  ["yes for true", "discover: yes\n", "1:11: discover must be true or false, not text; write true or false, without quotes"],
  ["a number for text", "data_dir: 5\n", "1:11: data_dir must be text, not a whole number; put it in quotes"],
  ["empty text", "data_dir: ''\n", "1:11: data_dir is empty; write something, or remove the key"],
  [
    "text for a list",
    "models:\n  a: { provider: ollama, fallback: x }\n",
    "2:36: models.a.fallback must be a list, not text; write it in [ ], or as lines that begin with -",
  ],
  ["a list for the file", "- a\n", "1:1: the file must be a map of keys, not a list; write keys below it, indented, each with a colon"],
  [
    "a value for a section",
    "server: 5\n",
    "1:9: server must be a map of keys, not a whole number; write keys below it, indented, each with a colon",
  ],
  ["a model without provider", "models:\n  a:\n    model: x\n", '2:3: models.a has no "provider"; add it'],

  ["a duplicate key", "server:\n  port: 1\n  host: '::1'\n  port: 2\n", '4:3: "port" is given twice, first on line 2; keep one of them'],
  ["a duplicate key in JSON", '{"server": {}, "server": {}}', '1:16: "server" is given twice, first on line 1; keep one of them'],
  ["a tab to indent", "server:\n\tport: 1\n", "2:1: a tab is used to indent; indent with spaces"],
  ["no space after a colon", "server:\n  port:1\n  host: x\n", "2:3: no space after the colon; write `key: value`"],
  ["no colon", "server\ndata_dir: x\n", "1:1: no colon after the key; write `key: value`"],
  ["a star without quotes", "models:\n  *: { provider: ollama }\n", '2:4: a bare "*" means something else in YAML; write "*" in quotes'],
  ["an open quote", "data_dir: 'x\n", "2:1: a quote is opened and not closed; close it"],
  [
    "an open bracket",
    "server: {port: 1\nstrict: true\n",
    '2:1: a "{" or "[" before here is not closed; close it, or indent the lines inside it',
  ],
  ["an unclosed JSON file", '{"server": {"port": 1}', "1:23: something is missing here; look for a missing colon, comma, bracket or quote"],
  [
    "indented unlike its neighbours",
    "server:\n    port: 1\n  host: x\n",
    "3:1: this line is indented unlike its neighbours; give keys of one level the same indent",
  ],
  [
    "two keys in one value",
    "data_dir: a: b\n",
    '1:11: two keys in one value; begin a new line, indent alike, or put a value that contains ": " in quotes',
  ],
  ["a reserved character", "data_dir: @x\n", "1:11: this character cannot begin a plain value; put the value in quotes"],
  ["a tag", "data_dir: !x y\n", '1:11: "!" begins a tag, and tags are not used here; put the value in quotes'],
  ["an unknown alias", "data_dir: *x\n", '1:11: "*" begins an alias, and no such anchor comes before; put the value in quotes'],
  [
    "an escape that is none",
    'data_dir: "C:\\data"\n',
    "1:14: unknown escape after a backslash; double the backslash, or use single quotes",
  ],
  ["two documents", "strict: true\n---\nstrict: false\n", '2:1: a second document begins; remove the "---"'],
  ["an anchor inside itself", "models: &a\n  a: *a\n", "2:6: too many values or levels; write less, and no alias inside its own anchor"],
  ["a key that is a map", "? { a: 1 }\n: 2\n", "1:3: a key must be text on one line; put it in quotes"],
  [
    "a name that is JavaScript's own",
    "models: { __proto__: { provider: ollama } }\n",
    '1:11: "__proto__" cannot be a name; choose another',
  ],

  [
    "a missing variable",
    "providers:\n  ollama:\n    key: ${NOPE}\n",
    "3:10: the environment variable NOPE is not set; set it, or write ${NOPE:-default}",
  ],
  [
    "a missing variable on a later line of JSON",
    '{"data_dir":\n  "${NOPE}"}',
    "2:3: the environment variable NOPE is not set; set it, or write ${NOPE:-default}",
  ],
  [
    "a reference that is none",
    "data_dir: ${1}\n",
    '1:11: "${" opens no variable here; write ${NAME} or ${NAME:-default}, or $${ for a plain "${"',
  ],
  [
    "an unclosed reference",
    "data_dir: ${OPEN\n",
    '1:11: "${" opens no variable here; write ${NAME} or ${NAME:-default}, or $${ for a plain "${"',
  ],
  [
    "a reference without quotes in braces",
    "server: { host: ${HOST} }\n",
    "1:18: a ${...} inside { } or [ ] must be in quotes; put it in quotes",
  ],
  [
    "a default of the wrong type",
    "server:\n  port: ${P:-x}\n",
    "2:9: server.port must be a number, not text; write it without quotes or unit",
  ],

  [
    "a model of an unknown provider",
    "models:\n  a: { provider: olama }\n",
    '2:18: models.a.provider: there is no provider "olama"; did you mean "ollama"?',
  ],
  [
    "a model of a provider that is misspelt in the file",
    "providers:\n  acme: { dialect: chat, base_url: http://a/v1 }\nmodels:\n  a: { provider: amce }\n",
    '4:18: models.a.provider: there is no provider "amce"; did you mean "acme"?',
  ],
  [
    "an unknown fallback",
    "models:\n  fast: { provider: ollama }\n  a: { provider: ollama, fallback: [fsat, zz] }\n",
    '3:37: models.a.fallback[0]: there is no model "fsat" here; did you mean "fast"? Any other is written PROVIDER/MODEL',
    '3:43: models.a.fallback[1]: there is no model "zz" here; models: fast. Any other is written PROVIDER/MODEL',
  ],
  [
    "a fallback at an unknown provider",
    "models:\n  a: { provider: ollama, fallback: [ollma/x] }\n",
    '2:37: models.a.fallback[0]: there is no provider "ollma"; did you mean "ollama"?',
  ],
  [
    "a model as its own fallback",
    "models:\n  a: { provider: ollama, fallback: [a] }\n",
    "2:37: models.a.fallback[0]: a model cannot be its own fallback; remove it",
  ],
  [
    "a model without a name",
    "models:\n  '': { provider: ollama }\n",
    '2:3: models."": this cannot name a model; write a name without line breaks or outer spaces',
  ],
  [
    "an unknown kind",
    "providers:\n  p: { kind: lama-swap }\n",
    '2:14: providers.p.kind: there is no provider "lama-swap"; did you mean "llama-swap"?',
  ],
  [
    "an entry that says nothing",
    "providers:\n  acme:\n",
    "2:3: providers.acme is no known provider and has no dialect and base_url; add dialect and base_url, or a kind: demo, llama-swap, llamacpp, ollama, openrouter",
  ],
  [
    "an entry without base_url",
    "providers:\n  acme: { dialect: chat }\n",
    "2:3: providers.acme is no known provider and has no base_url; add base_url, or a kind: demo, llama-swap, llamacpp, ollama, openrouter",
  ],
  [
    "a misspelt dialect",
    "providers:\n  p: { dialect: chta, base_url: http://a }\n",
    '2:17: providers.p.dialect must be one of responses, chat, messages, gemini; did you mean "chat"?',
  ],
  [
    "a slash in a provider's name",
    "providers:\n  a/b: { kind: ollama }\n",
    '2:3: "a/b" cannot name a provider, because models are asked for as PROVIDER/MODEL; use letters, digits, "-", "_" and "."',
  ],
  [
    "a base_url without scheme",
    "providers:\n  ollama: { base_url: 'localhost:80' }\n",
    '2:23: providers.ollama.base_url: a base_url begins with "http://" or "https://"; write the whole URL',
  ],
  [
    "a base_url with credentials",
    "providers:\n  ollama: { base_url: 'http://u:p@h/v1' }\n",
    '2:23: providers.ollama.base_url: a base_url holds no credentials; put them under "key" or "headers"',
  ],
  [
    "a base_url with a query",
    "providers:\n  ollama: { base_url: 'http://h/v1?k=1' }\n",
    '2:23: providers.ollama.base_url: a base_url has no "?" and no "#"; remove what follows them',
  ],
  [
    "a base_url with the call in it",
    "providers:\n  ollama: { base_url: 'http://h/v1/chat/completions' }\n",
    '2:23: providers.ollama.base_url: a base_url ends before the call; remove "/chat/completions"',
  ],
  [
    "a header of the connection",
    "providers:\n  ollama: { headers: { Host: x } }\n",
    "2:24: providers.ollama.headers.Host: this cannot be set as a header; remove it",
  ],
  [
    "a line break in a key",
    'providers:\n  ollama: { key: "a\\nb" }\n',
    "2:18: providers.ollama.key: a key cannot hold line breaks or control characters; remove them",
  ],

  [
    "a client key of another form",
    "server:\n  keys: [sk-1234567890123456]\n",
    '2:10: server.keys[0]: a client key is "wk_" and at least 16 letters, digits, "_" or "-"; make a long random one',
  ],
  [
    "open to the network without keys",
    "server:\n  host: 0.0.0.0\n",
    '2:9: server.host 0.0.0.0 can be reached from other machines, and no client keys are set; add a key (beginning with "wk_") to server.keys, or listen on 127.0.0.1',
  ],
  ["a host with a port", "server:\n  host: 127.0.0.1:80\n", "2:9: server.host: a host has no port here; the port is a key of its own"],
  ["a host that is a URL", "server:\n  host: http://x\n", "2:9: server.host: a host is no URL; write the name or address alone"],
  [
    "a host that is no address",
    "server:\n  host: 127.0.0.256\n",
    "2:9: server.host: this is no IPv4 address; write four numbers from 0 to 255, as 127.0.0.1",
  ],
  [
    "after a byte order mark, with the line ends of Windows",
    "\ufeffserver:\r\n  prot: 1\r\n",
    '2:3: unknown key "prot" in server; did you mean "port"?',
  ],
];
