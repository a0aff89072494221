/** @file `subnet config`: every value with its source, the docs table, or the JSON Schema. */
import { existsSync } from "node:fs";
import { tomlText } from "../../src/command/toml.ts";
import { CONFIG_TABLES } from "./keys.ts";
import { type ConfigOptions, DEFAULT_FILE, overridesOf } from "./options.ts";
import { type LoadedConfig, loadConfig, loadConfigFile } from "./read.ts";
import { configJsonSchema, configMarkdown } from "./reference.ts";

const VALUE_WIDTH = 44;

/** TOML of every value, each with where it came from. */
function describeLoaded({ entries }: LoadedConfig): string {
  const blocks = CONFIG_TABLES.map(({ table }) => {
    const lines = entries
      .filter(({ info }) => info.table === table)
      .map(({ info, value, label }) =>
        `${`${info.key} = ${tomlText(value)}`.padEnd(VALUE_WIDTH)}  # ${label}`.trimEnd(),
      );
    return [...(table === null ? [] : [`[${table}]`]), ...lines].join("\n");
  });
  return `${blocks.join("\n\n")}\n`;
}

/** What `subnet config` prints. Without a file the defaults stand alone. @throws AssayError bad-option */
export function showConfig(options: ConfigOptions): string {
  if (options.markdown) return configMarkdown();
  if (options.jsonSchema) return configJsonSchema();
  const overrides = overridesOf(options);
  const bare = options.file === DEFAULT_FILE && !existsSync(DEFAULT_FILE);
  const loaded = bare ? loadConfig(null, overrides) : loadConfigFile(options.file, overrides);
  return options.json ? `${JSON.stringify(loaded.config)}\n` : describeLoaded(loaded);
}
