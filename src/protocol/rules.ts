/** @file The rules by which a run judges and pays updates: the part of a manifest that its owner may amend while it runs. */
import { canonicalJson } from "./canonical-json.ts";
import { blake2b256, type Hex } from "./digest.ts";
import type { RunManifest } from "./manifest.ts";

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
