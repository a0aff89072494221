/** @file What differs between two configurations of one run, key by key, and what can be amended while it runs. */
import { isDeepStrictEqual } from "node:util";
import { tomlText } from "../../src/command/toml.ts";
import type { Standing } from "../../src/protocol/standing.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { CONFIG_KEYS, type KeyInfo, type KeyValue, valueAt } from "../config/keys.ts";
import { configOf, isAmendable, isInManifest } from "../config/of-manifest.ts";
import type { SubnetConfig } from "../config/schema.ts";

/** A key with two values. */
export type Change = {
  readonly info: KeyInfo;
  readonly before: KeyValue;
  readonly after: KeyValue;
  /** Whether it is one of the rules that may change while the run goes on. */
  readonly amendable: boolean;
};

/** The configuration that a run is under, with what its manifest does not hold from `beside`. */
export function configInForce(
  manifest: RunManifest,
  { rules }: Standing,
  beside: SubnetConfig,
): SubnetConfig {
  return configOf({ ...manifest, ...rules }, beside);
}

/** Keys of the manifest whose values differ, in the order of the schema. */
export function changesBetween(before: SubnetConfig, after: SubnetConfig): readonly Change[] {
  return CONFIG_KEYS.filter((info) => isInManifest(info.path)).flatMap((info) => {
    const [was, is] = [valueAt(before, info), valueAt(after, info)];
    return isDeepStrictEqual(was, is)
      ? []
      : [{ info, before: was, after: is, amendable: isAmendable(info.path) }];
  });
}

/** Lines "scoring.power   2 -> 1". */
export function changeLines(changes: readonly Change[]): readonly string[] {
  const width = Math.max(0, ...changes.map(({ info }) => info.path.length));
  return changes.map(
    ({ info, before, after }) =>
      `  ${info.path.padEnd(width)}  ${tomlText(before)} -> ${tomlText(after)}`,
  );
}
