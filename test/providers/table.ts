// The table of docs/providers.md, written from the providers themselves.
import type { Provider } from "../../src/contract.ts";

/** What stands before the table. */
export const PROVIDERS_MARK = "<!-- From here on written from `providers/index.ts` by `npm run golden`. -->\n";

/** A row for each provider: its name with a link to its quirks, its address, its key or its ports. */
export function providerTable(providers: readonly Provider[]): string {
  const rows = providers.map((provider) => {
    const { id, local, keyEnv, baseUrl, baseUrlForm, transport } = provider;
    const address = transport ? "in process" : `\`${baseUrl || (baseUrlForm ?? "")}\`${baseUrl === "" ? " (to be given)" : ""}`;
    const ways = [
      ...(transport ? ["always"] : []),
      ...(local ? [`at port ${local.ports.join(", ")}`] : []),
      ...(keyEnv === undefined ? [] : [`by \`${keyEnv}\``]),
    ];
    const found = baseUrl === "" ? ["by an entry", ...ways].join(", its key ") : ways.join(", ");
    return `| [${id}](../providers/${id}/README.md) | ${address} | ${found} |`;
  });
  return ["| Name | Base URL | Found |", "| --- | --- | --- |", ...rows].join("\n");
}
