/** @file What a rule is: a pure function from a subject to an outcome, with changes that would work. */
import type { KeyValue } from "../config/keys.ts";
import type { Subject } from "./subject.ts";

/** How bad a finding is: `refused` cannot work. */
export type Level = "refused" | "warning" | "ok";

/** A key and the value that it would need. */
export type Change = { readonly key: string; readonly value: KeyValue };

/** What a rule found. Each entry of `works` is a set of changes that together lift this finding. */
export type Outcome = {
  readonly level: Level;
  readonly reason: string;
  readonly works: readonly (readonly Change[])[];
};

/** A named outcome: `key` is the key to look at first. */
export type Finding = Outcome & { readonly rule: string; readonly key: string };

/** One rule. `judge` returns null when it has nothing to go by. */
export type Rule = {
  readonly rule: string;
  readonly key: string;
  readonly judge: (subject: Subject) => Outcome | null;
};

/** One change of one key. */
export function change(key: string, value: KeyValue): readonly Change[] {
  return [{ key, value }];
}

/** Changes that can be made: whole numbers within bounds. */
export function changeWithin(
  key: string,
  value: number,
  bounds: readonly [number, number],
): readonly (readonly Change[])[] {
  const [least, most] = bounds;
  return Number.isFinite(value) && value >= least && value <= most ? [change(key, value)] : [];
}

/** Nothing is wrong. */
export function ok(reason: string): Outcome {
  return { level: "ok", reason, works: [] };
}

/** It works, but not as the owner may think. */
export function warning(reason: string, works: Outcome["works"] = []): Outcome {
  return { level: "warning", reason, works };
}

/** It cannot work. */
export function refused(reason: string, works: Outcome["works"] = []): Outcome {
  return { level: "refused", reason, works };
}

/** Time for people. */
export function timeText(ms: number): string {
  if (ms < 1000) return `${Number(ms.toPrecision(2))} ms`;
  if (ms < 120_000) return `${Number((ms / 1000).toPrecision(2))} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} minutes`;
  return `${Number((ms / 3_600_000).toPrecision(2))} hours`;
}

/** Bytes for people. */
export function bytesText(bytes: number): string {
  if (bytes < 1e6) return `${Number((bytes / 1e3).toPrecision(2))} KB`;
  if (bytes < 1e9) return `${Number((bytes / 1e6).toPrecision(2))} MB`;
  return `${Number((bytes / 1e9).toPrecision(2))} GB`;
}

/** Counts for people. */
export function countText(count: number): string {
  return count.toLocaleString("en-US");
}

/** "1 window", "3 windows" */
export function plural(count: number, word: string): string {
  return `${countText(count)} ${word}${count === 1 ? "" : "s"}`;
}
