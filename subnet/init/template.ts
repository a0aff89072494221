/** @file The text of a commented subnet.toml. */
import { tomlText } from "../../src/command/toml.ts";
import { CONFIG_TABLES, type KeyInfo, type TableInfo, valueAt } from "../config/keys.ts";
import type { SubnetConfig } from "../config/schema.ts";

/** What a file is made from. */
export type TemplateParts = {
  readonly config: SubnetConfig;
  /** Paths of the keys that stand without "#"; the others show the value that they have anyway. */
  readonly explicit: ReadonlySet<string>;
  /** The file's own name, for the command that checks it. */
  readonly file: string;
  /** Where editors find the schema; null leaves the line out. */
  readonly schema: string | null;
};

const COLUMNS = 110;
const VALUE_COLUMNS = 28;

/** Comment lines of at most COLUMNS characters, broken at spaces. */
function comment(text: string): string {
  const lines: string[] = [];
  let line = "#";
  for (const word of text.split(" ")) {
    if (line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = "#  ";
    }
    line += ` ${word}`;
  }
  return [...lines, line].join("\n");
}

function keyText(info: KeyInfo, { config, explicit }: TemplateParts): string {
  const { key, path, description, effect, unit, kind, range, derived } = info;
  const mark = explicit.has(path) ? "" : "#";
  const line = `${mark}${key} = ${tomlText(valueAt(config, info))}`;
  const rule = derived === undefined ? "" : `; default: ${derived}`;
  return `${comment(`${description} ${effect}`)}\n${line.padEnd(VALUE_COLUMNS)}  # ${kind === "one of" ? kind : `${unit},`} ${range}${rule}`;
}

function tableText({ table, description, keys }: TableInfo, parts: TemplateParts): string {
  const head = table === null ? [] : [`# ---- ${description}`, `[${table}]`];
  return [...head, ...keys.map((info) => keyText(info, parts))].join("\n");
}

/** A commented subnet.toml that reads back as `parts.config`, and still does when every "#key = value" loses its "#". */
export function templateText(parts: TemplateParts): string {
  const head = [
    ...(parts.schema === null ? [] : [`#:schema ${parts.schema}`]),
    "# What this subnet trains, how its windows run and what earns. What owners change most stands first.",
    '# A line "#key = value" shows the value that holds anyway: take the "#" away to change it.',
    `# Can it work, and if not, what would:  npm run subnet -- check ${parts.file}`,
  ].join("\n");
  const tables = CONFIG_TABLES.map((table) => tableText(table, parts));
  return `${[head, ...tables].join("\n\n")}\n`;
}
