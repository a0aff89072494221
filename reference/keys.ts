/** @file dashboard/keys.ts: what the page says about each key of a run's manifest, in the words of the schema of subnet.toml. */
import { isInManifest } from "../subnet/config/of-manifest.ts";
import { CONFIG_TABLES } from "../subnet/config/keys.ts";

/** dashboard/keys.ts */
export function keysText(): string {
  const tables = CONFIG_TABLES.map(({ table, description, keys }) => ({
    table,
    description,
    keys: keys
      .filter(({ path }) => isInManifest(path))
      .map((info) => ({
        key: info.key,
        path: info.path,
        unit: info.unit,
        description: info.description,
        effect: info.effect,
      })),
  }));
  const found = tables.filter(({ keys }) => keys.length > 0);
  const head =
    "/** @file Made by `npm run reference:build` of the schema of subnet.toml: what the page says about the keys of a run. */";
  return `${head}\n\n/** Tables with their keys. */\nexport const TABLES = ${JSON.stringify(found, null, 2)};\n`;
}
