// Finds out what stands at a port of this machine. Promises to take a server for a kind only when it says so itself: what
// only looks like a model server may be another gateway, and pass prompts on.
import type { FetchJson, ModelInfo, Provider } from "../contract.ts";
import { asObject } from "../contract.ts";

/** A local server that said what it is. */
export interface LocalServer {
  provider: Provider;
  baseUrl: string;
  models: ModelInfo[];
}

/** The server at a port, undefined where there is none of a known kind. The kinds that usually stand there are tried first. */
export async function findLocalServer(
  port: number,
  providers: readonly Provider[],
  fetchJson: FetchJson,
): Promise<LocalServer | undefined> {
  const origin = `http://127.0.0.1:${port}`;
  const baseUrl = `${origin}/v1`;
  const answer = await fetchJson(`${baseUrl}/models`);
  if (!asObject(answer)) return undefined;
  const kinds = providers.filter((provider) => provider.local);
  const usual = kinds.filter((provider) => provider.local?.ports.includes(port));
  for (const provider of [...usual, ...kinds.filter((kind) => !usual.includes(kind))]) {
    if (!(await provider.local?.recognise(fetchJson, origin, answer))) continue;
    const models = await provider.discover?.(fetchJson, baseUrl, {});
    return models && { provider, baseUrl, models };
  }
  return undefined;
}
