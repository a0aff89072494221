/** @file What a case of chaos ends with: for people a line and a cause, for programs one object. */

/** How one case ended. */
export type CaseResult = {
  readonly name: string;
  /** Windows from the one in which the fault was over until training went on; null: it did not. */
  readonly recoveredAfterWindows: number | null;
  readonly digestsEqual: boolean;
  /** Smallest pay of an honest hotkey as a part of its fair pay after the fault; null: not measured. */
  readonly leastPay: number | null;
  /** Windows over which `leastPay` was measured. */
  readonly payWindows: number;
  /** What broke, in words; empty: passed. */
  readonly causes: readonly string[];
  /** Where logs and the chain's database lie; null: nowhere (a simulated case, which its name repeats). */
  readonly folder: string | null;
};

/** What a case has to hold: issue-wide, so that real and simulated cases mean the same. */
const BOUNDS = {
  /** Windows until training goes on, once there is a quorum again and miners are back. */
  recoveredWithin: 2,
  /** Part of the fair pay that an honest hotkey gets at least. */
  leastPay: 0.5,
} as const;

/** Whether a case holds. */
export function passed({ causes }: Pick<CaseResult, "causes">): boolean {
  return causes.length === 0;
}

/** What all cases have to hold, as causes of failure. */
export function brokenBounds(
  result: Pick<CaseResult, "recoveredAfterWindows" | "digestsEqual" | "leastPay">,
): string[] {
  const { recoveredAfterWindows: after, digestsEqual, leastPay } = result;
  const causes: string[] = [];
  if (after === null) causes.push("training did not go on");
  else if (after > BOUNDS.recoveredWithin)
    causes.push(`training went on after ${after} windows, not ${BOUNDS.recoveredWithin}`);
  if (!digestsEqual) causes.push("parameters differ between nodes");
  if (leastPay !== null && leastPay < BOUNDS.leastPay)
    causes.push(`an honest hotkey got ${leastPay.toFixed(2)} of its fair pay`);
  return causes;
}

/** One line for people. */
export function lineOf(result: CaseResult): string {
  const { name, recoveredAfterWindows: after, digestsEqual, leastPay, payWindows } = result;
  const pay =
    leastPay === null
      ? ""
      : `, least pay ${leastPay.toFixed(2)} of fair over ${payWindows} windows`;
  const recovered = after === null ? "never" : String(after);
  return `${passed(result) ? "passed" : "FAILED"}  ${name}: recovered after ${recovered}, digests ${digestsEqual ? "equal" : "DIFFER"}${pay}`;
}

/** Causes of a failure and where to look. */
export function causeLines({ causes, folder }: CaseResult): string[] {
  if (causes.length === 0) return [];
  const logs = folder === null ? [] : [`        logs  ${folder}`];
  return [...causes.map((cause) => `        cause ${cause}`), ...logs];
}

/** The last line of `--json`. */
export function jsonOf(results: readonly CaseResult[]): string {
  const cases = results.map((result) => ({
    name: result.name,
    recoveredAfterWindows: result.recoveredAfterWindows,
    digestsEqual: result.digestsEqual,
    passed: passed(result),
  }));
  return JSON.stringify({ cases });
}
