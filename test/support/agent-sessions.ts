// Synthetic sessions of coding agents with planted facts, for the tests of compaction. Promises: the same session for the same
// kind and seed; every planted text stands word for word in the session's items; 20 to 400 items.
import { SessionWriter, type AgentSession } from "./agent-sessions-writer.ts";
import { chatter, customCall, log, path, source } from "./agent-sessions-parts.ts";

const english = [
  "You must not change the public API of `OrderService`.",
  "Never write to the production database.",
  "Only use the standard library, no new dependencies.",
  "Keep every function below 40 lines.",
  "Do not touch legacy/billing.php, another team owns it.",
  "Use tabs for indentation in Makefiles.",
  "The p99 latency must stay at most 35 ms.",
  "All dates have to be in UTC.",
  "Don't run the migration without asking me first.",
  "Make sure that Node 18 still works.",
  "Leave the comments in locale/de.json alone.",
  "Without my word, nothing gets pushed.",
  "Please stick to port 8472 for the test server.",
  "Retry at most 3 times, with 250 ms in between.",
];
const german = [
  "Die Datei config/steuer.yaml darf nicht geändert werden.",
  "Verwende ausschließlich Bordmittel, keine neuen Pakete.",
  "Die Antwortzeit muss unter 80 ms bleiben.",
  "Bitte niemals direkt auf den Zweig `haupt` schreiben.",
  "Fehlermeldungen sollen auf Deutsch sein.",
];
const chinese = [
  "不要修改 src/legacy 目录下的任何文件。",
  "必须兼容 Python 3.8。",
  "所有接口的超时时间不得超过 5 秒。",
  "日志只能写到 /var/log/shop。",
  "请使用 4 个空格缩进。",
];

/** Plants a number of demands, each in a user message with talk around it, and work in between. */
function demandIn(session: SessionWriter, pool: readonly string[], count: number, work: () => void): void {
  for (const constraint of session.dice.some(pool, count)) {
    session.user(`${chatter(session.dice)} ${session.constraint(constraint)} ${chatter(session.dice)}`);
    work();
  }
}

function bugHunt(session: SessionWriter): void {
  const { dice } = session;
  const culprit = path(dice);
  session.user(`Users see a wrong total in the cart. Find the cause and fix it. ${session.constraint(dice.one(english))}`);
  for (let step = 0; step < 8; step += 1) session.look();
  session.say(
    session.decision(`The root cause is that ${culprit} rounds each line instead of the sum, off by ${dice.below(90) + 10} cents.`),
  );
  session.run(
    "npx vitest run test/cart.test.ts",
    1,
    `${log(dice, 20)}\n${session.fact("failure", `FAIL test/cart.test.ts > cart > adds up ${dice.below(900)} lines`)}\n${log(dice, 20)}`,
  );
  session.patch(session.fact("file", culprit), `return Math.round(total * ${dice.below(90)}) / 100;`);
  session.say(session.fact("next", `Next I will rerun the cart tests and then look at ${path(dice)}.`));
}

function refactoring(session: SessionWriter): void {
  const { dice } = session;
  session.user(`Move the payment code to the new store layer, file by file. ${session.constraint("No behaviour may change.")}`);
  demandIn(session, english, 6, () => {
    for (let step = 0; step < 5; step += 1) session.look();
    session.patch(session.fact("file", path(dice)), `import { store } from "./store-${dice.below(99)}";`);
    session.say(session.decision(`I decided to keep the adapter in ${path(dice)} rather than inline it.`));
  });
  session.run(`npm run typecheck`, 0, log(dice, 12));
  session.say(session.fact("next", `Remaining: the three callers in ${path(dice)}.`));
}

function failingTests(session: SessionWriter): void {
  const { dice } = session;
  session.user(
    `Get the test suite green. ${session.constraint("Do not skip or delete any test.")} ${session.constraint(dice.one(english))}`,
  );
  for (let round = 0; round < 5; round += 1) {
    const mended = `test/mended-${round}.test.ts`;
    session.run(
      `npx vitest run ${mended}`,
      1,
      `${log(dice, 30)}\n${session.mended(`FAIL ${mended} > was red ${round}`)}\n${log(dice, 10)}`,
    );
    session.look();
    session.patch(session.fact("file", path(dice)), `expect(total).toBe(${dice.below(999)});`);
    session.run(`npx vitest run ${mended}`, 0, log(dice, 30));
  }
  const failing = [1, 2, 3].map((place) => session.fact("failure", `FAIL test/flows/checkout-${dice.below(900)}.test.ts > pays ${place}`));
  const count = session.fact("failure", `Tests  3 failed, ${dice.below(800)} passed`);
  session.run(
    session.fact("command", "npm test -- --run"),
    1,
    `${log(dice, 200)}\n${failing.join(`\n${log(dice, 60)}\n`)}\n${log(dice, 60)}\n${count}`,
  );
  session.think("I should look at the checkout flow before anything else.");
}

function parallelCalls(session: SessionWriter): void {
  const { dice } = session;
  session.user(`Survey all services and write a report to docs/survey.md. ${session.constraint(dice.one(english))}`);
  for (let step = 0; step < 12; step += 1) session.look();
  session.say(session.decision(`I chose to split the survey by region, ${dice.below(40) + 2} services each.`));
  for (let place = 0; place < 4; place += 1)
    session.leaveOpen("exec_command", { cmd: `make survey REGION=${place} OUT=${path(dice)}`, workdir: "/home/dev/shop" });
  session.leaveOpen("spawn_agent", { task_name: "sub_one", message: `Check ${path(dice)} for dead links.` }, "collaboration");
}

function longLogs(session: SessionWriter): void {
  const { dice } = session;
  session.user(
    `The deployment fails, this is its log:\n\`\`\`\n${log(dice, 300)}\n\`\`\`\n${session.constraint("Do not restart the primary node.")} ${session.constraint(dice.one(english))}`,
  );
  for (let step = 0; step < 10; step += 1) session.run(`kubectl logs shop-${step}`, 0, log(dice, 250));
  const error = session.fact("failure", `Error: ECONNREFUSED 10.0.${dice.below(250)}.7:5432`);
  session.run(session.fact("command", "./deploy.sh staging --wait"), 1, `${log(dice, 400)}\n${error}\n${log(dice, 2)}`);
  session.say(session.decision(`The failure is caused by the pool limit of ${dice.below(90) + 10} connections in ${path(dice)}.`));
  session.say(session.fact("next", `I will raise the limit in ${path(dice)} and deploy again.`));
}

function planChanges(session: SessionWriter): void {
  const { dice } = session;
  session.user(`Build the export feature. ${session.constraint(dice.one(english))}`);
  session.plan([`Sketch ${path(dice)}`, "Write the CSV writer", "Write the endpoint"], 0);
  for (let step = 0; step < 6; step += 1) session.look();
  session.user(`${chatter(dice)} ${session.constraint("The export must stream, at most 64 KiB in memory.")}`);
  const steps = [1, 2, 3, 4].map((place) => session.fact("plan", `Stream part ${place} through ${path(dice)}`));
  session.plan(steps, 2);
  session.patch(session.fact("file", path(dice)), `stream.pipe(response, { highWaterMark: ${dice.below(64)} });`);
  session.say(session.decision(`Decision: CSV instead of XLSX, because the viewer needs ${dice.below(50) + 10} MB less.`));
}

function repeatedCompactions(session: SessionWriter): void {
  const { dice } = session;
  for (let round = 0; round < 3; round += 1) {
    session.user(
      `Part ${round + 1}: port the importer of region ${round}. ${session.constraint(english[round * 3] ?? "")} ${session.constraint(english[round * 3 + 1] ?? "")}`,
    );
    for (let step = 0; step < 8; step += 1) session.look();
    session.say(session.decision(`I decided to read region ${round} in batches of ${dice.below(900) + 100} rather than one by one.`));
    session.patch(session.fact("file", path(dice)), `const batch = ${dice.below(999)};`);
    if (round < 2) session.compact();
  }
  session.run(
    "cargo test importer",
    101,
    `${log(dice, 60)}\n${session.fact("failure", `test importer::region_${dice.below(99)} ... FAILED`)}\n${log(dice, 5)}`,
  );
}

function otherLanguages(session: SessionWriter): void {
  const { dice } = session;
  session.user(`Bitte räume den Warenkorb auf. ${session.constraint(dice.one(german))}`);
  demandIn(session, german, 3, () => session.look());
  for (const constraint of dice.some(chinese, 3)) {
    session.user(`我们继续处理购物车模块。${session.constraint(constraint)}谢谢。`);
    for (let step = 0; step < 3; step += 1) session.look();
  }
  session.say(session.decision(`Entschieden: die Summe kommt aus ${path(dice)}, weil ${dice.below(90)} Tests davon abhängen.`));
  session.patch(session.fact("file", path(dice)), `summe = round(netto * 1.${dice.below(90)}, 2)`);
  session.say(session.fact("next", `Als Nächstes prüfe ich ${path(dice)}.`));
}

function codeMode(session: SessionWriter): void {
  const { dice } = session;
  session.user(`Replace the date library. ${session.constraint(dice.one(english))} ${session.constraint("Do not use moment.")}`);
  for (let step = 0; step < 8; step += 1) {
    session.script(`const r = await tools.exec_command({cmd:"sed -n 1,120p ${path(dice)}"}); text(r.output);`, source(dice, 30));
  }
  const edited = session.fact("file", path(dice));
  session.script(
    `await tools.apply_patch("*** Begin Patch\\n*** Update File: ${edited}\\n@@\\n-old\\n+new\\n*** End Patch\\n");`,
    "Success. Updated the following files:",
  );
  const failing = session.fact("failure", `FAIL test/dates-${dice.below(900)}.test.ts > leap day`);
  session.script(
    `const r = await tools.exec_command({cmd:"npx vitest run"}); text(r.output);`,
    `${log(dice, 40)}\n${failing}\n${log(dice, 9)}\nTests  1 failed, 12 passed`,
  );
  session.say(session.decision(`I switched to Temporal with a polyfill of ${dice.below(90) + 10} kB.`));
  session.add(customCall("open_exec", "exec", `text(await tools.exec_command({cmd:"npm ls ${dice.below(99)}"}));`));
  session.expectOpen("open_exec", "npm ls");
}

function manyMessages(session: SessionWriter): void {
  const { dice } = session;
  session.user(`Let us build the shop's search together, step by step. ${session.constraint(dice.one(english))}`);
  for (let round = 0; round < 28; round += 1) {
    const talk = Array.from({ length: 12 }, () => chatter(dice)).join(" ");
    session.user(
      round % 3 === 0 ? `${talk} ${session.constraint(`In step ${round} use exactly ${dice.below(900) + 100} shards.`)} ${talk}` : talk,
    );
    session.look();
    if (round % 7 === 3) session.patch(session.fact("file", path(dice)), `shards = ${dice.below(999)}`);
    if (round % 9 === 4)
      session.say(session.decision(`I decided to shard by ${dice.one(["tenant", "hash", "day"])} with ${dice.below(900)} slots.`));
  }
  session.user("continue");
}

/** Other clients' tools: files by `read` and `edit`, to-dos, questions to the user, built-in shells. */
function otherClients(session: SessionWriter): void {
  const { dice } = session;
  session.user(`Clean up the settings page. ${session.constraint(dice.one(english))}`);
  for (let step = 0; step < 8; step += 1) session.tool("read", { filePath: path(dice) }, source(dice, 30));
  session.tool("ask_question", { question: "Which theme is the default?" }, session.fact("decision", `dark, contrast ${dice.below(90)}`));
  session.tool("edit", { filePath: session.fact("file", path(dice)), oldString: "a", newString: `theme = ${dice.below(99)}` }, "Edited.");
  session.tool("todowrite", { todos: [{ content: session.fact("plan", `Check ${path(dice)} on phones`), status: "in_progress" }] }, "ok");
  const broken = path(dice);
  session.tool(
    "edit",
    { filePath: broken, oldString: "x", newString: "y" },
    session.fact("failure", `Error: oldString not found in ${broken}`),
  );
  const command = ["bash", "-lc", `./check.sh ${dice.below(99)}`];
  session.add({
    type: "built_in_call",
    tool: "local_shell",
    call_id: "lsh_1",
    wire: { type: "local_shell_call", call_id: "lsh_1", action: { type: "exec", command } },
  });
  session.expectOpen("lsh_1", "./check.sh");
}

const kinds = {
  bugHunt,
  refactoring,
  failingTests,
  parallelCalls,
  longLogs,
  planChanges,
  repeatedCompactions,
  otherLanguages,
  codeMode,
  manyMessages,
  otherClients,
} satisfies Record<string, (session: SessionWriter) => void>;

/** The kind of a session. */
export type SessionKind = keyof typeof kinds;

/** Every kind of session. */
// The keys of an object that is declared with these keys alone.
export const sessionKinds = Object.keys(kinds) as SessionKind[];

/** The session of that kind and seed. */
export function agentSession(kind: SessionKind, seed: number): AgentSession {
  const session = new SessionWriter(seed);
  kinds[kind](session);
  return session.finish(kind);
}
