/** @file Which scoring a replay tries: the run's own with what somebody gives over it, and what recorded losses cannot answer refused by name. */
import { isDeepStrictEqual } from "node:util";
import { readTomlFile, tomlText } from "../../src/command/toml.ts";
import { AssayError } from "../../src/errors.ts";
import type { IncentiveRules } from "../../src/protocol/rules.ts";
import type { ScoringRules } from "../../src/protocol/scoring.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { rulesOfConfig } from "../config/manifest.ts";
import { type KeyValue, valueAt } from "../config/keys.ts";
import { configOf, isInManifest } from "../config/of-manifest.ts";
import { loadConfig } from "../config/read.ts";
import type { SubnetConfig } from "../config/schema.ts";

/** What is tried: scoring rules, and the keys in which they differ from the run's. */
export type TriedRules = {
  readonly scoring: ScoringRules;
  readonly changed: readonly { readonly key: string; readonly was: string; readonly is: string }[];
};

/** What is given over the run's own rules. */
export type Given = {
  /** A subnet.toml, or null. */
  readonly path: string | null;
  /** `key=value`. */
  readonly set: readonly string[];
};

/** Keys of [scoring] that decide before any loss is measured. */
const BEFORE_LOSSES: ReadonlySet<string> = new Set([
  "scoring.minimumNormRatio",
  "scoring.maximumOverlap",
  "scoring.overlapWindows",
]);

const isScoring = (path: string): boolean =>
  /^(?:scoring|credit)\./.test(path) && !BEFORE_LOSSES.has(path);

/** Why a key cannot be tried on what was recorded. */
function reasonFor(path: string): string {
  if (BEFORE_LOSSES.has(path)) return "it decides which updates are measured at all";
  if (path.startsWith("evaluation."))
    return "the losses were measured under the run's own evaluation";
  return "the run would have gone another way";
}

/** A configuration with one more value. */
function withKey(config: SubnetConfig, path: string, value: KeyValue): SubnetConfig {
  const [table = "", key = ""] = path.split(".");
  const held = table === "credit" ? config.credit : config.scoring;
  return { ...config, [table]: { ...held, [key]: value } };
}

/**
 * The rules to try on a run.
 * @throws AssayError bad-option naming every key that recorded losses cannot answer
 */
export function triedRules(
  manifest: RunManifest,
  inForce: IncentiveRules,
  { path, set }: Given,
): TriedRules {
  const { config: given, entries } = loadConfig(path === null ? null : readTomlFile(path), { set });
  const own = configOf({ ...manifest, ...inForce }, given);
  const wanted = entries.filter(
    ({ source, info, value }) =>
      source !== "default" &&
      source !== "derived" &&
      isInManifest(info.path) &&
      !isDeepStrictEqual(value, valueAt(own, info)),
  );
  const refused = wanted.filter(({ info }) => !isScoring(info.path));
  if (refused.length > 0) {
    const detail = refused.map(({ info }) => `${info.path}: ${reasonFor(info.path)}`).join("; ");
    throw new AssayError({
      code: "bad-option",
      detail: `recorded losses cannot say what these would have changed: ${detail}`,
      next: "Leave them out, and try scoring and credit alone.",
      run: { ours: "subnet replay", args: ["--help"] },
    });
  }
  const tried = wanted.reduce((config, { info, value }) => withKey(config, info.path, value), own);
  const changed = wanted.map(({ info, value }) => ({
    key: info.path,
    was: tomlText(valueAt(own, info)),
    is: tomlText(value),
  }));
  return { scoring: rulesOfConfig(tried).scoring, changed };
}

/** A sweep `key=a,b,c` as one setting a value. @throws AssayError bad-option */
export function sweepOf(text: string): readonly string[] {
  const [, key = "", values = ""] = /^\s*([\w.]+)\s*=(.*)$/.exec(text) ?? [];
  const all = values
    .split(",")
    .map((value) => value.trim())
    .filter((value) => value !== "");
  if (key === "" || all.length === 0)
    throw new AssayError({
      code: "bad-option",
      detail: `--sweep ${text}: write a key and its values, as in credit.floor=0.2,0.3,0.4`,
    });
  return all.map((value) => `${key}=${value}`);
}
