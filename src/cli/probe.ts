// `waystation check PROVIDER`: asks a server what it can do, prints what it found, and what of it to write into config.yaml. Promises that
// no key is printed, and that it says beforehand how many requests it may make.
import type { Config } from "../config/config.ts";
import { suggest } from "../config/suggest.ts";
import { writeOverrides } from "../config/target-schema.ts";
import type { Provider } from "../contract.ts";
import { createDiscovery } from "../gateway/discover.ts";
import { createFetchJson } from "../gateway/fetch-json.ts";
import { Asker, MOST_REQUESTS } from "../gateway/probe/asker.ts";
import type { Finding } from "../gateway/probe/finding.ts";
import { finding } from "../gateway/probe/finding.ts";
import { fragmentEntries, modelEntry, writeFragment } from "../gateway/probe/fragment.ts";
import { askModels, chooseModel } from "../gateway/probe/model-list.ts";
import type { ProbeReport } from "../gateway/probe/probe.ts";
import { probe } from "../gateway/probe/probe.ts";
import { makeTarget } from "../gateway/route.ts";
import type { RouteProvider } from "../gateway/target.ts";
import { createUpstream } from "../gateway/upstream.ts";
import { UsageError } from "./command-line.ts";
import { printable, printableJson, printableLine } from "./printable.ts";
import type { Terminal } from "./terminal.ts";

/** What was asked for on the command line. */
export interface ProbeCommand {
  provider: string;
  model?: string;
  json: boolean;
  /** Seconds for one answer. */
  timeoutS: number;
}

/** Probes a provider; exit code 1 where it cannot be used. Throws UsageError for a name that is none. */
export async function probeProvider(
  command: ProbeCommand,
  config: Config,
  known: readonly Provider[],
  terminal: Terminal,
): Promise<number> {
  const from = await findProvider(command.provider, config, known, terminal);
  const upstream = createUpstream(config.limits);
  const asker = new Asker({ provider: from.resolved, upstream, timeoutMs: command.timeoutS * 1000 });
  const page = new Page(command, terminal);
  try {
    page.line(
      `Asks real questions of ${from.resolved.id} at ${from.resolved.baseUrl}: at most ${MOST_REQUESTS} requests, which may cost money.\n`,
    );
    if (from.resolved.provider.dialect !== "chat") return page.fail("only servers of chat completions can be asked so far", from);
    const list = await askModels(asker, from);
    page.finding(list.finding);
    const model = chooseModel(command.model, from, list.models, config);
    if (model === undefined)
      return page.fail(
        adviceOnModel(
          list.models.map(({ id }) => id),
          list.fault?.message,
        ),
        from,
      );
    const entry = modelEntry(from.resolved.id, model, config)?.[1];
    const target = makeTarget(model, model, { ...from, models: list.models }, entry);
    page.finding(finding("model asked", "yes", model));
    const report = await probe({ target, asker, onFinding: (found) => page.finding(found) });
    const entries =
      report.unusable === null ? fragmentEntries(target, { ...from, models: list.models }, config, report.differs) : undefined;
    return page.end(from, model, report, entries === undefined ? null : writeFragment(entries));
  } finally {
    await upstream.close();
  }
}

async function findProvider(name: string, config: Config, known: readonly Provider[], { environment }: Terminal): Promise<RouteProvider> {
  const discovery = createDiscovery({
    providers: known,
    config,
    env: environment,
    fetchJson: createFetchJson(),
    now: () => performance.now(),
  });
  // What is configured needs not be looked for.
  if (!Object.hasOwn(config.providers, name)) await discovery.refresh();
  const { providers } = discovery.table();
  const found = providers.get(name);
  if (found === undefined) throw new UsageError(`there is no provider "${name}"; ${suggest(name, providers.keys(), "providers")}`);
  return found;
}

function adviceOnModel(models: readonly string[], problem: string | undefined): string {
  if (problem !== undefined) return `${problem} Name a model with --model to ask all the same.`;
  if (models.length === 0) return "it lists no model to ask; name one with --model";
  return `it has ${models.length} models; name the one to ask with --model, as ${models.slice(0, 5).join(", ")}`;
}

const MARKS = { yes: "✓", no: "✗", unknown: "?" } as const;
const WORDS = { yes: "yes", no: "no ", unknown: "?  " } as const;
const COLOURS = { yes: 32, no: 31, unknown: 33 } as const;
const TOPIC_WIDTH = 34;

/** What is printed, as text while it goes or as one JSON object at the end. */
class Page {
  readonly #terminal: Terminal;
  readonly #json: boolean;
  readonly #findings: Finding[] = [];

  constructor({ json }: ProbeCommand, terminal: Terminal) {
    this.#terminal = terminal;
    this.#json = json;
  }

  line(text: string): void {
    if (!this.#json) this.#terminal.out(`${printable(text)}\n`);
  }

  finding(found: Finding): void {
    this.#findings.push(found);
    if (this.#json) return;
    const { verdict, topic, words } = found;
    const isPlain = this.#terminal.isTty !== true || this.#terminal.environment["NO_COLOR"];
    const mark =
      this.#terminal.isTty !== true ? WORDS[verdict] : isPlain ? MARKS[verdict] : `\u001b[${COLOURS[verdict]}m${MARKS[verdict]}\u001b[0m`;
    this.#terminal.out(`${mark} ${topic.padEnd(TOPIC_WIDTH)} ${printableLine(words)}\n`);
  }

  /** Nothing could be asked. */
  fail(why: string, from: RouteProvider): number {
    if (this.#json) this.#printJson(from, null, { usable: false, problem: why });
    else this.#terminal.error(`waystation: ${from.resolved.id}: ${printableLine(why)}\n`);
    return 1;
  }

  end(from: RouteProvider, model: string, report: ProbeReport, fragment: string | null): number {
    const { unusable, requests, tokens, differs } = report;
    if (this.#json) {
      const problem = unusable === null ? {} : { problem: [unusable.words, unusable.advice].filter(Boolean).join(" ") };
      const found = { capabilities: writeOverrides(differs.capabilities), quirks: writeOverrides(differs.quirks) };
      this.#printJson(from, model, { usable: unusable === null, ...problem, requests, tokens, differs: found, config: fragment });
      return unusable === null ? 0 : 1;
    }
    this.line(`\n${requests} requests; ${tokens.input} tokens in and ${tokens.output} out, as far as it counts them.`);
    if (unusable !== null) return this.fail([unusable.words, unusable.advice].filter(Boolean).join(" "), from);
    if (fragment === null) this.line("Nothing to write down: all that was found is known already.");
    else
      this.line(`To write down in config.yaml, for ${model} (keys of an entry that is there already go beside its others):\n\n${fragment}`);
    return 0;
  }

  #printJson(from: RouteProvider, model: string | null, rest: object): void {
    const { id, baseUrl } = from.resolved;
    this.#terminal.out(`${printableJson({ provider: id, base_url: baseUrl, model, ...rest, findings: this.#findings })}\n`);
  }
}
