/** @file `subnet audit`: derives a run again from public records and the chain, and names the first difference. */
import { Lifecycle, runUntilStopped } from "../../src/command/lifecycle.ts";
import { openScorer } from "../../src/run/scorer-file.ts";
import { compare, derive } from "../audit/audit.ts";
import { auditJson, auditLines } from "../audit/report.ts";
import type { OpenParts } from "./folder.ts";
import { openRun } from "./open.ts";
import type { AuditOptions } from "./options.ts";

/** Where results and progress go. */
export type Output = Pick<OpenParts, "step" | "far"> & { readonly print: (line: string) => void };

const DIFFERS = 1;
const STOPPED_BY_SIGNAL = 130;

/** Runs the command. @returns its exit code: 0 without a difference, 1 with one @throws AssayError, ChainError */
export async function runAudit(options: AuditOptions, output: Output): Promise<number> {
  const { print, step, far } = output;
  const lifecycle = new Lifecycle();
  lifecycle.stopOnSignals();
  let code = STOPPED_BY_SIGNAL;
  await runUntilStopped(lifecycle, async () => {
    const { recorded, run } = await openRun(options, { lifecycle, step });
    const { evaluate } = options;
    const weigh = await openScorer(options.scorer);
    const { signal } = lifecycle;
    const derived = await derive(recorded, { run, signal, evaluate, ...(far && { far }) });
    const report = await compare(recorded, derived, weigh);
    for (const line of options.json ? [auditJson(report)] : auditLines(report)) print(line);
    code = report.differences.length === 0 ? 0 : DIFFERS;
  });
  return code;
}
