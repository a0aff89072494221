/** @file What an audit found, for people and for scripts. */
import type { AuditReport } from "./audit.ts";
import { differenceText } from "./difference.ts";

/** What each hotkey was paid in all epochs, by its last uid. */
function paidByHotkey({
  payouts,
}: AuditReport): ReadonlyMap<string, { readonly uid: number; readonly rao: bigint }> {
  const sums = new Map<string, { uid: number; rao: bigint }>();
  for (const { facts, pay } of payouts.epochs)
    for (const [uid, hotkey] of facts.hotkeys.entries()) {
      const [miner, validator, burned] = [pay.miners, pay.validators, pay.burned].map(
        (amounts) => amounts[uid] ?? 0n,
      );
      const rao = (miner ?? 0n) + (validator ?? 0n) - (burned ?? 0n);
      sums.set(hotkey, { uid, rao: (sums.get(hotkey)?.rao ?? 0n) + rao });
    }
  return sums;
}

function counts(report: AuditReport): readonly (readonly [name: string, text: string])[] {
  const { from, to, blobs, payloads, logs, payouts } = report;
  const all = (pick: (log: AuditReport["logs"][number]) => number): number =>
    logs.reduce((sum, log) => sum + pick(log), 0);
  return [
    ["parameters", to < from ? "no window is over" : `windows ${from} to ${to}`],
    ["blobs hashed", String(blobs)],
    ["payloads read", String(payloads)],
    ["records", `${all(({ records }) => records)} of ${logs.length} validators`],
    ["scores", String(all(({ scores }) => scores))],
    ["weight vectors", String(all(({ weights }) => weights))],
    ["epochs paid", String(payouts.epochs.length)],
    ...(report.losses === null ? [] : [["losses measured", String(report.losses)] as const]),
  ];
}

/** The report as lines. */
export function auditLines(report: AuditReport): readonly string[] {
  const { differences, notes, origin, runId } = report;
  const table = counts(report).map(([name, text]) => `  ${name.padEnd(16)}${text}`);
  const [first] = differences;
  const verdict =
    first === undefined
      ? ["no difference"]
      : [
          `first difference: ${differenceText(first)}`,
          ...(differences.length > 1 ? [`and ${differences.length - 1} more`] : []),
        ];
  return [
    `audit of ${origin}, run ${runId.slice(0, 18)}`,
    ...table,
    ...notes.map((note) => `  not checked: ${note}`),
    ...verdict,
  ];
}

/** The report as one JSON object; amounts in rao as decimal strings. */
export function auditJson(report: AuditReport): string {
  const { origin, runId, from, to, blobs, payloads, losses, notes, differences } = report;
  const logs = report.logs.map(({ validator, records, scores, weights, onTrust }) => ({
    validator,
    records,
    scores,
    weights,
    onTrust,
  }));
  const paid = [...paidByHotkey(report)].map(([hotkey, { uid, rao }]) => ({
    uid,
    hotkey,
    rao: String(rao),
  }));
  const epochs = report.payouts.epochs.length;
  return JSON.stringify({
    origin,
    runId,
    from,
    to,
    blobs,
    payloads,
    losses,
    logs,
    epochs,
    paid,
    notes,
    differences,
  });
}
