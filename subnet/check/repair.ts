/** @file Changes that together lift every refusal, found by taking one rule's advice after the other. */
import { tomlText } from "../../src/command/toml.ts";
import type { SubnetConfig } from "../config/schema.ts";
import { pagesOf } from "./measure-data.ts";
import type { Change } from "./rule.ts";
import { judge } from "./rules.ts";
import { type Measured, type Subject, subjectOf } from "./subject.ts";

/** Advice may contradict itself; then there is no repair, and the owner decides. */
const MOST_ROUNDS = 20;

/** What was measured, as it would be under another page size. Times stay: they are per step and per sequence. */
function measuredUnder(config: SubnetConfig, measured: Measured): Measured {
  if (measured.data === null) return measured;
  const pages = pagesOf(config, measured.data);
  return { ...measured, data: { ...measured.data, pages } };
}

/**
 * The changes that make `check` refuse nothing, or null when no advice leads there.
 * @param reload the configuration under changes, with everything that follows from them
 */
export function repairOf(
  start: Subject,
  reload: (changes: readonly Change[]) => SubnetConfig,
): readonly Change[] | null {
  const changes = new Map<string, Change>();
  let subject = start;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const bad = judge(subject).filter(({ level }) => level === "refused");
    if (bad.length === 0) return [...changes.values()];
    const advice = bad.find(({ works }) => works.length > 0)?.works[0];
    if (advice === undefined) return null;
    for (const one of advice) changes.set(one.key, one);
    const config = reload([...changes.values()]);
    subject = subjectOf(config, measuredUnder(config, start.measured));
  }
  return null;
}

/** A change as --set takes it. */
export function setText({ key, value }: Change): string {
  return `${key}=${typeof value === "string" ? value : tomlText(value)}`;
}
