/** @file What is written out of the schema: docs/config.md for people, docs/subnet.schema.json for editors. */
import { z } from "zod";
import { tomlText } from "../../src/command/toml.ts";
import { CONFIG_TABLES, type KeyInfo } from "./keys.ts";
import { subnetConfigSchema } from "./schema.ts";

/** The default as people read it: a TOML value, or the rule that it follows. */
function defaultText({ standard, derived }: KeyInfo): string {
  return standard === undefined ? (derived ?? "") : tomlText(standard);
}

function cell(text: string): string {
  return text.replaceAll("|", String.raw`\|`).replaceAll("*", String.raw`\*`);
}

function row(info: KeyInfo): string {
  const standard =
    info.standard === undefined ? cell(defaultText(info)) : `\`${defaultText(info)}\``;
  const cells = [`\`${info.key}\``, standard, info.unit, info.range];
  return `| ${cells.join(" | ")} | ${cell(info.description)} ${cell(info.effect)} |`;
}

const INTRODUCTION = `# subnet.toml

Every key of a subnet owner's configuration. Generated from the schema in subnet/config by
\`npm run subnet -- config --markdown\`; a test fails when this file is stale.

- \`npm run subnet -- init\` writes a commented file, \`npm run subnet -- check\` says what in it cannot work and what would,
  \`npm run subnet -- config\` prints every value with its source.
- A value comes from the default, the file, the environment or \`--set\`; the later one wins. The key \`k\` of table
  \`[codec]\` is \`--set codec.k=128\` on a command line and \`ASSAY_CODEC_K=128\` in the environment.
- Where a default follows from other keys, the table says how.
- Editors with TOML support (taplo, Even Better TOML) complete and check keys when the file's first line is
  \`#:schema docs/subnet.schema.json\`; \`npm run subnet -- config --json-schema\` prints that schema.
`;

/** docs/config.md */
export function configMarkdown(): string {
  const parts = CONFIG_TABLES.map(({ table, description, keys }) => {
    const title = table === null ? "## At the top" : `## [${table}]`;
    const head =
      "| key | default | unit | range | what it is, and what changing it does |\n|---|---|---|---|---|";
    return `${title}\n\n${description}.\n\n${head}\n${keys.map(row).join("\n")}\n`;
  });
  return `${INTRODUCTION}\n${parts.join("\n")}`;
}

/** Words about a key that JSON Schema does not know. */
const OURS = ["unit", "effect", "kind", "range", "derived"];

/** docs/subnet.schema.json: JSON Schema draft 7, as TOML editors read it. Everything an editor shows stands in the descriptions. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(subnetConfigSchema, {
    io: "input",
    target: "draft-7",
    override: ({ jsonSchema }) => {
      const { description = "", effect, unit, range, derived } = jsonSchema;
      if (typeof effect !== "string") return;
      const standard = typeof derived === "string" ? ` Default: ${derived}.` : "";
      jsonSchema.description = `${description} ${effect} Unit: ${String(unit)}. Range: ${String(range)}.${standard}`;
      for (const word of OURS) delete jsonSchema[word];
    },
  });
  return `${JSON.stringify({ title: "subnet.toml of Assay", ...schema }, null, 2)}\n`;
}
