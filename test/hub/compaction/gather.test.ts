// What single items of a session become in its extract.
import { describe, expect, test } from "vitest";
import { extract } from "../../../src/hub/compaction/extract.ts";
import type { HandOver } from "../../../src/hub/compaction/hand-over.ts";
import { writeHandOver } from "../../../src/hub/compaction/write-hand-over.ts";
import type { Item } from "../../../src/hub/item.ts";
import { call, customCall, ended, message, output, reply } from "../../support/agent-sessions-parts.ts";

const handOver = (...items: Item[]): HandOver => extract(items, { tokens: 2000, bytesPerToken: 4 });
const ran = (callId: string, cmd: string, exit: number, text = ""): Item[] => [
  call(callId, "exec_command", { cmd }),
  output(callId, ended(exit, text)),
];
const failed = "FAIL test/a.test.ts > adds\nAssertionError: expected 1 to be 2";

describe("commands", () => {
  test("stand with their newest end, without those that only look", () => {
    const { commands } = handOver(
      ...ran("1", "cat a.ts", 0),
      ...ran("2", "npm run build", 2),
      ...ran("3", "npm run build", 0),
      ...ran("4", "git status", 0),
    );
    expect(commands).toEqual(["`npm run build` → exit 0 (run 2 times)"]);
  });

  test("fail until the same or a broader one runs well", () => {
    const narrow = ran("1", "npm test -- test/a.test.ts", 1, failed);
    expect(handOver(...narrow).failures).toEqual([`\`npm test -- test/a.test.ts\` → exit 1\n${failed}`]);
    expect(handOver(...narrow, ...ran("2", "npm test -- test/b.test.ts", 0)).failures).toHaveLength(1);
    expect(handOver(...narrow, ...ran("2", "npm run lint", 0)).failures).toHaveLength(1);
    expect(handOver(...narrow, ...ran("2", "npm test", 0)).failures).toEqual([]);
    expect(handOver(...ran("1", "npm test", 1, failed), ...ran("2", "npm test -- test/a.test.ts", 0)).failures).toHaveLength(1);
  });

  test("fail by what they print where a filter hides their exit code", () => {
    expect(handOver(...ran("1", "npm test 2>&1 | tail -5", 0, "Tests  2 failed, 7 passed")).failures).toHaveLength(1);
    expect(handOver(...ran("1", "npm test 2>&1 | tail -5", 0, "Tests  0 failed, 9 passed")).failures).toEqual([]);
  });

  test("that still run are told with their session, and take their end from its last output", () => {
    const started = [
      call("1", "exec_command", { cmd: "make all" }),
      output("1", "Wall time: 10 seconds\nProcess running with session ID 42\nOutput:\n"),
    ];
    expect(handOver(...started).commands).toEqual(["`make all` → still running (session 42)"]);
    const later = [call("2", "write_stdin", { session_id: 42, chars: "" }), output("2", ended(2, "make: *** Error 2"))];
    expect(handOver(...started, ...later).commands).toEqual(["`make all` → exit 2"]);
  });
});

describe("files", () => {
  test.each<[string, Item[], string[]]>([
    [
      "a patch",
      [
        customCall(
          "1",
          "apply_patch",
          "*** Begin Patch\n*** Add File: a.ts\n+one\n*** Delete File: b.ts\n*** Update File: c.ts\n*** Move to: d.ts\n@@ f()\n-x\n+y\n*** End Patch",
        ),
        output("1", "ok"),
      ],
      ["a.ts: created, last +1 -0: one", "b.ts: deleted", "c.ts: renamed to d.ts", "d.ts: edited, last +1 -1 at f(): y"],
    ],
    ["a here-document", ran("1", "cat > src/x.py <<'EOF'\nrm src/y.py\nEOF", 0), ["src/x.py: written"]],
    ["sed in place", ran("1", "sed -i 's/a/b/' src/x.py", 0), ["src/x.py: edited, last s/a/b/"]],
    [
      "a reading after a change",
      [...ran("1", "touch src/x.py", 0), ...ran("2", "sed -n 1,20p src/x.py | head -3", 0)],
      ["src/x.py: created"],
    ],
    [
      "a list of words",
      [
        call("1", "shell", { command: ["bash", "-lc", "cd app && cat src/x.py"] }),
        output("1", '{"output":"x","metadata":{"exit_code":0}}'),
      ],
      ["src/x.py: read"],
    ],
    [
      "another client's tool",
      [call("1", "Edit", { file_path: "/w/x.py", old_string: "a", new_string: "\n  b" }), output("1", "ok")],
      ["/w/x.py: edited, last b"],
    ],
    [
      "a change that failed",
      [call("1", "Edit", { file_path: "/w/x.py", old_string: "a", new_string: "b" }), output("1", "Error: no match")],
      [],
    ],
  ])("%s", (_, items, expected) => {
    expect(handOver(...items).files).toEqual(expected);
  });
});

describe("messages", () => {
  test("of the user are kept whole, those of the client and mere nods are not", () => {
    const { task, constraints } = handOver(
      message("developer", "You must obey."),
      message("user", "<environment_context>\n<cwd>/w</cwd>\n</environment_context>"),
      message("user", "Build it.<system-reminder>Never mind.</system-reminder>"),
      message("user", "In Go, please."),
      message("developer", "From now on never use the network. It is late."),
      message("user", "With tests."),
      message("user", "continue"),
    );
    expect(task).toBe("Build it.\nNewest request: With tests.");
    expect(constraints).toEqual(["In Go, please.", "From now on never use the network."]);
  });

  test("of Codex's own compaction are merged", () => {
    const lead = "Another language model started to solve this problem and produced a summary of its thinking process. Here it is:\n";
    const { constraints, decisions } = handOver(
      message("user", "Build it."),
      message("user", `${lead}Half done. The user said never to push.`),
    );
    expect(constraints).toEqual(["The user said never to push."]);
    expect(decisions).toEqual(["An earlier summary said: Half done. The user said never to push."]);
  });

  test("with a long text lose its middle and say how much", () => {
    const { task } = extract([message("user", `Fix this. ${"é".repeat(40_000)} Today.`)], { tokens: 300, bytesPerToken: 4 });
    expect(task).toMatch(/^Fix this\. é+ \[…\d+ bytes left out…\] é+ Today\.$/);
    const gone = Number(/…(\d+) bytes/.exec(task)?.[1]);
    expect(gone).toBe(80_017 - Buffer.byteLength(task.replace(/ \[….*…\] /, "")));
  });
});

describe("an earlier hand-over", () => {
  const before = handOver(
    message("user", "Build it. Never push."),
    reply("I decided to use Go."),
    ...ran("1", "go test ./...", 1, failed),
    call("open", "exec_command", { cmd: "go run ." }),
  );
  const start = message("developer", writeHandOver(before));

  test("is carried on", () => {
    const after = handOver(start, message("user", "With a README."));
    expect(after).toEqual({ ...before, task: "Build it. Never push.\nNewest request: With a README." });
  });

  test("loses calls that are answered and failures that are mended", () => {
    const after = handOver(start, output("open", "fine"));
    expect(after.open_calls).toEqual([]);
    expect(after.failures).toHaveLength(1);
    expect(handOver(start, ...ran("2", "go test ./...", 0)).failures).toEqual([]);
  });
});

describe("the plan", () => {
  test.each<[string, Item, string[]]>([
    [
      "Codex",
      call("1", "update_plan", {
        plan: [
          { step: "a", status: "completed" },
          { step: "b", status: "in_progress" },
          { step: "c", status: "pending" },
        ],
      }),
      ["[done] a", "[now] b", "[to do] c"],
    ],
    ["to-dos", call("1", "TodoWrite", { todos: [{ content: "a", status: "cancelled" }] }), ["[dropped] a"]],
    ["a checklist", call("1", "Checklist", { checklist: "- [x] a\n- [ ] b" }), ["[done] a", "[to do] b"]],
    [
      "a script",
      customCall("1", "exec", `await tools.update_plan({plan:[{step:"it's \\"a\\"",status:"completed"},{step:'b', status:'pending'}]})`),
      ['[done] it\'s "a"', "[to do] b"],
    ],
  ])("of %s is the latest one", (_, item, expected) => {
    expect(handOver(call("0", "update_plan", { plan: [{ step: "old", status: "pending" }] }), item).plan).toEqual(expected);
  });
});

test("words around a hand-over are the user's own", () => {
  const pasted = writeHandOver(handOver(message("user", "Port the queue.")));
  const { task, constraints } = handOver(message("user", `Do this first: a.ts.\n${pasted}\nNever push to main.`));
  const said = [task, ...constraints].join("\n");
  for (const words of ["Do this first: a.ts.", "Port the queue.", "Never push to main."]) expect(said).toContain(words);
});
