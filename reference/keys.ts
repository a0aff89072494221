/** @file dashboard/keys.json: what the page says about each key of a run's manifest, in the words of the schema of subnet.toml. */
import { isInManifest } from "../subnet/config/of-manifest.ts";
import { CONFIG_TABLES } from "../subnet/config/keys.ts";

/** dashboard/keys.json */
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
  return `${JSON.stringify(tables.filter(({ keys }) => keys.length > 0))}\n`;
}
