/** @file The rules of `subnet check` for other commands: what is refused or doubtful in a configuration, in short lines. */
import { totalmem } from "node:os";
import type { SubnetConfig } from "../config/schema.ts";
import { worksText } from "./report.ts";
import type { Finding } from "./rule.ts";
import { judge } from "./rules.ts";
import { type Measured, subjectOf } from "./subject.ts";

const NEURONS = 16;
const UPLINK_MBPS = 110;

/** What the rules refuse or doubt, the worst first. What is not known leaves the rules that need it silent. */
export function doubtsOf(config: SubnetConfig, known: Partial<Measured> = {}): readonly Finding[] {
  const subject = subjectOf(config, {
    engine: null,
    data: null,
    dataFault: null,
    finality: null,
    neurons: NEURONS,
    uplinkMbps: UPLINK_MBPS,
    memoryBytes: totalmem(),
    ...known,
  });
  return judge(subject).filter(({ level }) => level !== "ok");
}

/** A finding on one line: level, key, reason, and what would work. */
export function doubtLine({ level, key, reason, works }: Finding): string {
  const advice = works.length === 0 ? "" : `; would work: ${worksText(works)}`;
  return `${level.padEnd(8)} ${key}: ${reason}${advice}`;
}
