/** @file `subnet params get`: the rules in force, key by key with what each is, what is pending, and what the chain itself sets. */
import { tomlText } from "../../src/command/toml.ts";
import { rulesDigest } from "../../src/protocol/rules.ts";
import { CONFIG_TABLES, type KeyInfo, type KeyValue, valueAt } from "../config/keys.ts";
import { isAmendable, isInManifest } from "../config/of-manifest.ts";
import type { SubnetConfig } from "../config/schema.ts";
import { type RunNow, whereText } from "../owner/run-now.ts";
import { type ChainParameter, chainParametersOf } from "./chain-parameters.ts";
import { configInForce } from "./changes.ts";
import type { GetOptions } from "./options.ts";
import { requireKey } from "../config/set-key.ts";
import { withView } from "./view.ts";

/** Everything that is shown. */
type Parameters = {
  readonly netuid: number;
  readonly run: RunNow;
  /** The configuration in force, and that of the pending amendment. */
  readonly now: SubnetConfig;
  readonly coming: SubnetConfig | null;
  readonly chain: readonly ChainParameter[];
};

const VALUE_COLUMNS = 42;

const standardText = ({ standard, derived }: KeyInfo): string =>
  standard === undefined ? `default: ${derived}` : `default ${tomlText(standard)}`;

/** The value that the pending amendment gives a key, or undefined when it stays. */
function comingValue({ now, coming }: Parameters, info: KeyInfo): KeyValue | undefined {
  if (coming === null) return undefined;
  const [was, is] = [valueAt(now, info), valueAt(coming, info)];
  return tomlText(was) === tomlText(is) ? undefined : is;
}

function keyLines(info: KeyInfo, parameters: Parameters): readonly string[] {
  const { now, run } = parameters;
  const coming = comingValue(parameters, info);
  const later =
    coming === undefined ? "" : `  (${tomlText(coming)} from window ${run.pending?.from})`;
  const value = `  ${info.key} = ${tomlText(valueAt(now, info))}${later}`;
  const { unit, range, description, effect } = info;
  return [
    `${value.padEnd(VALUE_COLUMNS)}  ${unit}, ${range}; ${standardText(info)}`,
    `      ${description} ${effect}`,
  ];
}

/** The tables of a configuration, or of its rules alone. */
function tableLines(
  parameters: Parameters,
  isShown: (info: KeyInfo) => boolean,
): readonly string[] {
  return CONFIG_TABLES.flatMap(({ table, keys }) => {
    const shown = keys.filter(isShown);
    if (shown.length === 0) return [];
    const first = shown[0];
    const how =
      first !== undefined && isAmendable(first.path)
        ? "subnet params push changes it"
        : "a new run changes it";
    return ["", `${table === null ? "at the top" : `[${table}]`}  ${how}`].concat(
      shown.flatMap((info) => keyLines(info, parameters)),
    );
  });
}

function headLines({ netuid, run }: Parameters): readonly string[] {
  const { runId, manifest, now, pending, swapped } = run;
  const lines = [
    `subnet ${netuid}, run ${runId.slice(0, 18)} (${manifest.name}), ${whereText(run)}`,
    `rules in force ${rulesDigest(now.rules)}`,
  ];
  if (swapped) lines.push("the identity names another run, but this one goes on");
  if (pending !== null)
    lines.push(
      `pending: rules ${rulesDigest(pending.amendment.rules)} from window ${pending.from} (block ${run.clock.startBlock(pending.from)}) on`,
    );
  return lines;
}

function chainLines(chain: readonly ChainParameter[]): readonly string[] {
  const lines = chain.map(
    ({ name, value, unit, description }) =>
      `${`  ${name} = ${String(value)}`.padEnd(VALUE_COLUMNS)}  ${unit}; ${description}`,
  );
  return [
    "",
    "the chain's own; [chain] and [hyperparameters] of a subnet.toml name those of an owner, subnet params push sets them",
    ...lines,
  ];
}

/** What people read. `only`: a single key. */
function parametersText(
  parameters: Parameters,
  { all, only }: { readonly all: boolean; readonly only: KeyInfo | null },
): string {
  const isShown = (info: KeyInfo): boolean =>
    only === null
      ? isInManifest(info.path) && (all || isAmendable(info.path))
      : info.path === only.path;
  return [
    ...headLines(parameters),
    ...tableLines(parameters, isShown),
    ...(only === null ? chainLines(parameters.chain) : []),
  ].join("\n");
}

/** What programs read. */
function parametersJson(parameters: Parameters): string {
  const { netuid, run, now, coming, chain } = parameters;
  const keys = CONFIG_TABLES.flatMap((table) => table.keys)
    .filter(({ path }) => isInManifest(path))
    .map((info) => {
      const { path, unit, description, effect, range, standard } = info;
      const pending = comingValue(parameters, info);
      return {
        key: path,
        value: valueAt(now, info),
        amendable: isAmendable(path),
        ...(pending !== undefined && { pending }),
        unit,
        range,
        ...(standard !== undefined && { default: standard }),
        description,
        effect,
      };
    });
  return JSON.stringify({
    netuid,
    runId: run.runId,
    window: run.window,
    rules: rulesDigest(run.now.rules),
    pending:
      coming === null || run.pending === null
        ? null
        : { from: run.pending.from, rules: rulesDigest(run.pending.amendment.rules) },
    keys,
    chain,
  });
}

/** Shows the parameters. @throws AssayError run-not-published, blob-missing, bad-option; ChainError */
export async function getParameters(
  options: GetOptions,
  print: (text: string) => void,
): Promise<void> {
  const only = options.key === undefined ? null : requireKey(options.key);
  await withView(options, async ({ place, subnet, run: read }) => {
    const run = await read();
    const { netuid } = subnet;
    const chain = chainParametersOf(await subnet.chain.hyperparameters(netuid, run.head.hash));
    const inForce = (standing: RunNow["now"]): SubnetConfig =>
      configInForce(run.manifest, standing, place.config);
    const { pending } = run;
    const coming =
      pending === null ? null : inForce({ rules: pending.amendment.rules, over: false });
    const parameters = { netuid, run, now: inForce(run.now), coming, chain };
    print(
      options.json
        ? parametersJson(parameters)
        : parametersText(parameters, { all: options.all, only }),
    );
  });
}
