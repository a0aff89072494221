/** @file dashboard/keys.ts: what the page says about each key of a run's manifest, in the words of the schema of subnet.toml. */
import { isInManifest } from "../subnet/config/of-manifest.ts";
import { CONFIG_TABLES } from "../subnet/config/keys.ts";

const HEAD =
  "/** @file Made by `npm run reference:build` of the schema of subnet.toml: what the page says about the keys of a run. */";

/** dashboard/keys.ts, a line for each key. */
export function keysText(): string {
  const tables = CONFIG_TABLES.flatMap(({ table, description, keys }) => {
    const rows = keys
      .filter(({ path }) => isInManifest(path))
      .map((info) => {
        const { key, path, unit, effect } = info;
        return `      ${JSON.stringify({ key, path, unit, description: info.description, effect })},`;
      });
    const about = `table: ${JSON.stringify(table)}, description: ${JSON.stringify(description)}`;
    return rows.length === 0
      ? []
      : [`  {\n    ${about},\n    keys: [\n${rows.join("\n")}\n    ],\n  },`];
  });
  return `${HEAD}\n\n/** Tables with their keys. */\nexport const TABLES = [\n${tables.join("\n")}\n];\n`;
}
