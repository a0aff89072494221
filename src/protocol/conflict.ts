/** @file A rule between the fields of a manifest, and what is said where one is broken. */
import type { RunManifest } from "./manifest.ts";

/** A rule that a manifest breaks: the field to change and why. */
export type Conflict = { readonly path: readonly string[]; readonly reason: string };

/** Null where a manifest keeps the rule. */
export type Rule = (manifest: RunManifest) => Conflict | null;

/** The conflict at `a.b.c`. */
export function conflict(path: string, reason: string): Conflict {
  return { path: path.split("."), reason };
}
