/** @file Every key of subnet.toml as a list, read out of the schema: for flags, environment names, messages and docs. */
import { z } from "zod";
import { variableOf } from "../../src/command/words.ts";
import { type SubnetConfig, subnetConfigSchema } from "./schema.ts";

/** What a key may hold. */
export type KeyValue = string | number | boolean | readonly string[];

/** One key with everything that is known about it. */
export type KeyInfo = {
  /** Its table, or null at the top. */
  readonly table: string | null;
  readonly key: string;
  /** `table.key`, or `key` at the top: what people type after --set. */
  readonly path: string;
  /** `ASSAY_TABLE_KEY`. */
  readonly variable: string;
  readonly description: string;
  readonly unit: string;
  readonly effect: string;
  /** "a whole number", "one of", ... */
  readonly kind: string;
  readonly range: string;
  /** The fixed default, or undefined when `derived` says how it follows from others. */
  readonly standard: KeyValue | undefined;
  readonly derived: string | undefined;
};

/** A table with its keys, in the order of the schema; the first one is the top without a name. */
export type TableInfo = {
  readonly table: string | null;
  readonly description: string;
  readonly keys: readonly KeyInfo[];
};

const keyMeta = z.object({
  description: z.string(),
  unit: z.string(),
  effect: z.string(),
  kind: z.string(),
  range: z.string(),
  default: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).optional(),
  derived: z.string().optional(),
});
const tableMeta = z.object({
  type: z.literal("object"),
  description: z.string(),
  properties: z.record(z.string(), keyMeta),
});

function infoOf(table: string | null, key: string, meta: z.output<typeof keyMeta>): KeyInfo {
  const { default: standard, derived, ...about } = meta;
  const path = table === null ? key : `${table}.${key}`;
  const variable = variableOf(path.replace(".", "-"));
  return { table, key, path, variable, ...about, standard, derived };
}

function readTables(): readonly TableInfo[] {
  const top: KeyInfo[] = [];
  const tables: TableInfo[] = [];
  const { properties = {} } = z.toJSONSchema(subnetConfigSchema, { io: "input" });
  for (const [name, property] of Object.entries(properties)) {
    const found = tableMeta.safeParse(property);
    if (!found.success) {
      top.push(infoOf(null, name, keyMeta.parse(property)));
      continue;
    }
    const keys = Object.entries(found.data.properties).map(([key, meta]) =>
      infoOf(name, key, meta),
    );
    tables.push({ table: name, description: found.data.description, keys });
  }
  return [{ table: null, description: "The run", keys: top }, ...tables];
}

/** All tables of subnet.toml in the order of the schema. */
export const CONFIG_TABLES: readonly TableInfo[] = readTables();

/** All keys of subnet.toml. */
export const CONFIG_KEYS: readonly KeyInfo[] = CONFIG_TABLES.flatMap(({ keys }) => keys);

/** The value that a configuration has at `info`. */
export function valueAt(config: SubnetConfig, info: Pick<KeyInfo, "table" | "key">): KeyValue {
  const entries = Object.entries(
    info.table === null ? config : (new Map(Object.entries(config)).get(info.table) ?? {}),
  );
  const value: unknown = new Map<string, unknown>(entries).get(info.key);
  return keyValue.parse(value);
}

const keyValue: z.ZodType<KeyValue> = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.array(z.string()),
]);
