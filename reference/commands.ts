/** @file docs/commands.md: every command with its options, made of the schemas that the programs parse with. */
import { homedir } from "node:os";
import type { OptionInfo } from "../src/command/arguments.ts";
import type { Runnable } from "../src/command/command.ts";
import type { Program } from "../src/command/router.ts";
import { flagOf } from "../src/command/words.ts";
import { row } from "./markdown.ts";

/** An option that so many commands have in the same words stands once, above them all. */
const SHARED_BY = 6;

const INTRODUCTION = `# Commands and flags

Made by \`npm run reference:build\` of the schemas that the commands parse with; \`npm run check\` fails when it is stale.

From a checkout \`miner\` is \`npm run miner --\`, and so are \`validator\` and \`subnet\`; \`npm start --\` is \`subnet localnet\`. The flag \`--some-key\` is the
variable \`ASSAY_SOME_KEY\` and the key \`someKey\` of the file after \`--config\`, at its top or in the command's table. Precedence: default < preset < file <
environment < flag; \`--print-config\` shows each value with its source, \`--help\` what stands here. A switch \`--some-key\` is off with \`--no-some-key\`.
[btcli's flags](guides/coming-from.md#from-btcli) mean the same here.
`;

const HEAD = "| Option | Default | What |\n|---|---|---|";

function standardText({ standard }: OptionInfo): string {
  return standard === null ? "" : `\`${standard.replace(`"${homedir()}`, '"~')}\``;
}

const optionRow = (option: OptionInfo): string =>
  row([`\`${option.flag}\``, standardText(option), option.description]);

/** Options that mean the same in many places: equal rows, of one flag the most frequent alone. */
function sharedRows(commands: readonly Runnable[]): ReadonlySet<string> {
  const counts = new Map<string, Map<string, number>>();
  for (const command of commands)
    for (const option of command.options()) {
      const rows = counts.get(option.key) ?? new Map<string, number>();
      const text = optionRow(option);
      counts.set(option.key, rows.set(text, (rows.get(text) ?? 0) + 1));
    }
  const most = [...counts.values()].map((rows) =>
    [...rows].reduce((a, b) => (b[1] > a[1] ? b : a)),
  );
  return new Set(most.filter(([, count]) => count >= SHARED_BY).map(([text]) => text));
}

function commandText(command: Runnable, shared: ReadonlySet<string>): string {
  const { name, description, positionals } = command;
  const words = positionals.map((key) => ` [${flagOf(key)}]`).join("");
  const options = command.options();
  const own = options.map(optionRow).filter((text) => !shared.has(text));
  const common = options
    .filter((option) => shared.has(optionRow(option)))
    .map(({ key }) => `\`--${flagOf(key)}\``);
  return [
    `### ${name}\n`,
    `\`${name}${words}\`: ${description}.\n`,
    ...(own.length === 0 ? [] : [`${HEAD}\n${own.join("\n")}\n`]),
    ...(common.length === 0
      ? []
      : [`${own.length === 0 ? "Takes" : "And"} ${common.join(", ")}.\n`]),
  ].join("\n");
}

/** docs/commands.md */
export function commandsText(programs: readonly Program[]): string {
  const all = programs.flatMap(({ commands }) => commands);
  const shared = sharedRows(all);
  return [
    INTRODUCTION,
    `## Options that many commands have\n\n${HEAD}\n${[...shared].join("\n")}\n`,
    ...programs.map(
      ({ name, description, commands }) =>
        `## ${name}\n\n${description}\n\n${commands.map((one) => commandText(one, shared)).join("\n")}`,
    ),
  ].join("\n");
}
