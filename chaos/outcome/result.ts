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

/** Windows within which training goes on, once there is a quorum again and miners are back. */
export const WITHIN = 2;
/** Part of its fair pay that an honest hotkey gets at least, over as many windows: luck rules over fewer. */
const LEAST_PAY = 0.5;
const PAY_WINDOWS = 20;

/** Whether a case holds. */
export function passed({ causes }: Pick<CaseResult, "causes">): boolean {
  return causes.length === 0;
}

/** What all cases have to hold, as causes of failure; training has to go on within `within` windows. */
export function brokenBounds(
  result: Pick<CaseResult, "recoveredAfterWindows" | "digestsEqual" | "leastPay" | "payWindows">,
  within = WITHIN,
): string[] {
  const { recoveredAfterWindows: after, digestsEqual, leastPay, payWindows } = result;
  const causes: string[] = [];
  if (after === null) causes.push("training did not go on");
  else if (after > within)
    causes.push(`training went on after ${after} windows, not within ${within}`);
  if (!digestsEqual) causes.push("parameters differ between nodes");
  if (leastPay !== null && payWindows >= PAY_WINDOWS && leastPay < LEAST_PAY)
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

/** What recovery is judged by: uids whose update was committed in time, and those that were accepted. */
export type Turnout = {
  readonly window: number;
  readonly committed: readonly number[];
  readonly accepted: readonly number[];
};

/**
 * Windows from `healed` to the first of two in a row in which all miners took part and at least `least` updates were
 * accepted; null: there is none. One good window may be what was under way before a fault.
 */
export function recoveryOf(
  rows: readonly Turnout[],
  at: { readonly healed: number; readonly miners: number; readonly least: number },
): number | null {
  const isWhole = (row: Turnout | undefined): boolean =>
    row !== undefined && row.committed.length === at.miners && row.accepted.length >= at.least;
  const first = rows.findIndex(
    (row, index) => row.window >= at.healed && isWhole(row) && isWhole(rows[index + 1]),
  );
  return first === -1 ? null : (rows[first]?.window ?? 0) - at.healed;
}
