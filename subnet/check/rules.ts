/** @file Every rule of `subnet check`: pure functions of a configuration and what was measured. */
import { conflictFindings } from "./conflict-rules.ts";
import { PAY_RULES } from "./pay-rules.ts";
import type { Finding, Level, Rule } from "./rule.ts";
import type { Subject } from "./subject.ts";
import { TIME_RULES } from "./time-rules.ts";
import { TRAINING_RULES } from "./training-rules.ts";

/** The rules beyond the manifest's own, in the order of the report. */
export const RULES: readonly Rule[] = [...TIME_RULES, ...TRAINING_RULES, ...PAY_RULES];

const ORDER: readonly Level[] = ["refused", "warning", "ok"];

/** What all rules find, the worst first. */
export function judge(subject: Subject): readonly Finding[] {
  const found = RULES.flatMap(({ rule, key, judge: one }): Finding[] => {
    const outcome = one(subject);
    return outcome === null ? [] : [{ rule, key, ...outcome }];
  });
  const all = [...conflictFindings(subject), ...found];
  return ORDER.flatMap((level) => all.filter((finding) => finding.level === level));
}
