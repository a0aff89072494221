/** @file The rules by which a run judges and pays updates: the part of a manifest that its owner may amend while it runs. */
import { canonicalJson } from "./canonical-json.ts";
import { blake2b256, type Hex } from "./digest.ts";
import type { RunManifest } from "./manifest.ts";
import type { Conflict } from "./conflict.ts";
import { manifestConflicts } from "./manifest-conflicts.ts";
import { modeOf } from "./scoring.ts";

/** How updates are evaluated, scored and paid. */
export type IncentiveRules = Pick<RunManifest, "scoring" | "evaluation">;

/** The rules that a manifest begins with. */
export function rulesOf({ scoring, evaluation }: IncentiveRules): IncentiveRules {
  return { scoring, evaluation };
}

/** Digest of rules: what records and amendments name them by. */
export function rulesDigest(rules: IncentiveRules): Hex {
  return blake2b256(new TextEncoder().encode(canonicalJson(rulesOf(rules))));
}

/** Why a run's rules cannot become these; empty when they can. A run keeps its mode: the scorebooks of two modes share nothing. */
export function amendmentConflicts(
  manifest: RunManifest,
  rules: IncentiveRules,
): readonly Conflict[] {
  const mode = modeOf(manifest.scoring);
  if (modeOf(rules.scoring) !== mode)
    return [{ path: ["scoring", "mode"], reason: `a run keeps its mode, which is "${mode}"` }];
  return manifestConflicts({ ...manifest, ...rules });
}
