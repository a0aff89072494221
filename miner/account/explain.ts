/** @file Why a hotkey got what it got in a window: what each validator measured of its update, and what to do about it. */
import { ss58Of } from "../../chain/wallet/account.ts";
import type { Hex } from "../../chain/wallet/hex.ts";
import { reasonOf } from "../../base/fault.ts";
import { printable } from "../../src/command/printable.ts";
import { AssayError } from "../../src/errors.ts";
import { explainReason, isReason } from "../../src/gauntlet/verdict.ts";
import { fetchJson, urlOf } from "../../src/network/client.ts";
import { parseHexFloat } from "../../src/protocol/hex-float.ts";
import { type WindowRecord, windowRecordSchema } from "../../src/protocol/record.ts";
import type { WhyOptions } from "./options.ts";
import { type AccountParts, answer, SAME } from "./parts.ts";
import type { ServedRun } from "../../src/run/live-run.ts";
import type { ValidatorView, View } from "./view.ts";

const RECORD_LIMITS = { limitBytes: 8 << 20, timeoutMs: 5000 };
/** So many windows back the newest verdict is looked for. */
const WINDOWS_BACK = 12;

type MinerRecord = WindowRecord["miners"][number];

/** What one validator says about a window. */
type Said = {
  readonly validator: ValidatorView;
  /** Null: no answer, or no record of that window; then `trouble` says which. */
  readonly record: WindowRecord | null;
  /** This hotkey's row; null where the validator knows nothing of it. */
  readonly row: MinerRecord | null;
  readonly trouble: string;
};

/** Mean losses before and after an update, in nats. */
type Means = { readonly before: number; readonly after: number; readonly sequences: number };

const mean = (list: readonly string[]): number =>
  list.reduce((sum, text) => sum + (parseHexFloat(text) ?? Number.NaN), 0) / list.length;

function meansOf(losses: {
  readonly before: readonly string[];
  readonly after: readonly string[];
}): Means {
  return {
    before: mean(losses.before),
    after: mean(losses.after),
    sequences: losses.before.length,
  };
}

function lossText(name: string, { before, after, sequences }: Means): string {
  const change = ((after - before) / before) * 100;
  const sign = change > 0 ? "+" : "";
  return `${name} ${before.toFixed(4)} -> ${after.toFixed(4)} nats (${sign}${change.toFixed(3)} %, ${sequences} sequences)`;
}

async function ask(
  validator: ValidatorView,
  {
    run,
    window,
    hotkey,
    signal,
  }: { run: ServedRun; window: number; hotkey: Hex; signal: AbortSignal },
): Promise<Said> {
  const nothing = { validator, record: null, row: null };
  const url = urlOf(validator.axon, `/records/${window}`);
  try {
    const record = await fetchJson(url, windowRecordSchema, { ...RECORD_LIMITS, signal });
    if (record === null) return { ...nothing, trouble: `it has no record of window ${window}` };
    if (record.runId !== run.runId || record.validator !== validator.neuron.hotkey)
      return { ...nothing, trouble: "its record is of another run or validator" };
    const row = record.miners.find((one) => one.hotkey === hotkey) ?? null;
    return { validator, record, row, trouble: row === null ? "it has not seen this hotkey" : "" };
  } catch (error) {
    return { ...nothing, trouble: reasonOf(error) };
  }
}

/** What all validators say about a window. */
function askAll(view: View, run: ServedRun, window: number): Promise<readonly Said[]> {
  const about = { run, window, hotkey: view.hotkey.publicKey, signal: view.signal };
  return Promise.all(view.validators.map((validator) => ask(validator, about)));
}

/** Whoever recorded the window, or voted in it by another's record: not all who may vote do. */
function hasSay(said: readonly Said[], window: number): (one: Said) => boolean {
  const voters = said
    .flatMap(({ record }) => record?.voters ?? [])
    .filter(({ votes }) => votes.some((vote) => vote.window === window))
    .map(({ uid }) => uid);
  return ({ record, validator }) => record !== null || voters.includes(validator.neuron.uid);
}

/** The window to explain with what is said about it. @throws AssayError verdict-missing */
async function found(
  view: View,
  run: ServedRun,
  wanted: number | undefined,
): Promise<{ readonly window: number; readonly said: readonly Said[] }> {
  const { clock, manifest } = run;
  const now = clock.windowOf(view.subnet.blocks.current.number);
  const newest = manifest.windows === 0 ? now - 1 : Math.min(now, manifest.windows) - 1;
  const missing = (reason: string): AssayError =>
    new AssayError({
      code: "verdict-missing",
      window: wanted ?? null,
      hotkey: view.hotkey.ss58,
      reason,
    });
  if (newest < 0) throw missing("the run's first window is not over yet");
  if (wanted !== undefined && wanted > newest)
    throw missing(`the newest window that is over is ${newest}`);
  if (view.validators.length === 0) throw missing("no validator publishes an address");
  const oldest = wanted ?? Math.max(0, newest - WINDOWS_BACK);
  let last: readonly Said[] = [];
  for (let window = wanted ?? newest; window >= oldest; window--) {
    last = await askAll(view, run, window);
    if (last.some(({ row }) => row !== null))
      return { window, said: last.filter(hasSay(last, window)) };
  }
  throw missing(
    last
      .map(({ validator, trouble }) => `validator ${validator.neuron.uid}: ${trouble}`)
      .join("; "),
  );
}

/** The sentence of a reason; a newer validator's code stands for itself. */
function explanationOf(verdict: string): string {
  return isReason(verdict)
    ? explainReason(verdict)
    : "This release does not know that reason: update Assay.";
}

function votedText(
  record: WindowRecord,
  { validator, row }: Pick<Said, "validator" | "row">,
  window: number,
): string {
  const own = record.voters.find(({ uid }) => uid === validator.neuron.uid);
  const vote = own?.votes.find((one) => one.window === window);
  const total = record.voters.reduce((sum, { stake }) => sum + BigInt(stake), 0n);
  if (own === undefined || vote === undefined || total === 0n) return "did not vote";
  const share = (Number((BigInt(own.stake) * 1000n) / total) / 10).toFixed(1);
  const weight = `with ${share} % of the voting stake`;
  if (row === null || row.payloadDigest === null) return `voted ${weight}`;
  return `voted ${vote.acceptedUids.includes(row.uid) ? "for" : "against"} it ${weight}`;
}

const number = (text: string): string => (parseHexFloat(text) ?? 0).toFixed(3);

function linesOfSaid({ validator, record, row, trouble }: Said, window: number): readonly string[] {
  const { neuron, axon } = validator;
  const name = `validator uid ${neuron.uid} ${ss58Of(neuron.hotkey)} at ${urlOf(axon, "")}`;
  if (record === null || row === null) return [`${name}: ${trouble}`];
  const { verdict, detail, losses } = row;
  return [
    `${name} (${votedText(record, { validator, row }, window)})`,
    `  verdict  ${verdict}: ${explanationOf(verdict)}`,
    ...(detail === "" ? [] : [`  detail   ${printable(detail)}`]),
    `  score    ${number(row.final)}, weight ${row.weight} of 65535, trust ${number(row.trust)}, penalty factor ${number(row.multiplier)}`,
    ...lossLines(losses),
  ];
}

/** What was measured: nothing, the noise pages alone where the gate closed, or own pages as well. */
function lossLines(losses: MinerRecord["losses"]): readonly string[] {
  if (losses === null) return ["  losses   none: the update was not evaluated"];
  const noise = lossText("noise pages", meansOf(losses.noise));
  if (losses.own === null) return [`  losses   ${noise}`];
  return [`  losses   ${lossText("own pages", meansOf(losses.own))}`, `           ${noise}`];
}

/** The command that looks into a reason, as lines. */
function adviceFor(verdict: string, view: View, line: AccountParts["line"]): readonly string[] {
  const axon = view.own?.axon ?? null;
  if (verdict === "payload-missing" || verdict === "not-accepted-by-majority")
    return axon === null
      ? [
          "this hotkey publishes no address: its miner must run, and say where with --axon-external-ip",
        ]
      : [
          "from another machine, this must print ok; if not, open that port and forward it (--axon-external-ip, --axon-external-port):",
          `  ${line({ system: ["curl", "-sm", "5", urlOf(axon, "/healthz")] })}`,
        ];
  if (verdict === "accepted") return ["nothing"];
  return [
    "see whether the miner runs and keeps up:",
    `  ${line({ ours: "miner status", keep: SAME })}`,
  ];
}

/** What the chain and the records say about the update itself. */
function linesOfUpdate(said: readonly Said[]): readonly string[] {
  const [row] = said.flatMap((one) => (one.row === null ? [] : [one.row]));
  const [record] = said.flatMap((one) => (one.record === null ? [] : [one.record]));
  if (row === undefined || record === undefined) return [];
  const { payloadDigest, commitBlock, payloadBytes, uid } = row;
  const size = payloadBytes === null ? "its payload was never seen" : `${payloadBytes} bytes`;
  return [
    payloadDigest === null
      ? "  update   no digest was committed in time"
      : `  update   ${payloadDigest} committed in block ${commitBlock}, ${size}`,
    `  network  ${record.accepted.includes(uid) ? "applied it to the parameters" : "did not apply it"}; ${record.accepted.length} updates were applied`,
  ];
}

/**
 * Explains a window of a hotkey as the validators that answer recorded it.
 * @throws AssayError run-not-published, verdict-missing
 */
export async function explain(
  view: View,
  options: Pick<WhyOptions, "window" | "json" | "netuid">,
  parts: Pick<AccountParts, "print" | "line">,
): Promise<void> {
  const { run, hotkey } = view;
  const wanted = options.window ?? null;
  if (run === null) throw new AssayError({ code: "run-not-published", netuid: options.netuid });
  if (run === "unserved") {
    const reason = "nobody serves the run's manifest";
    throw new AssayError({ code: "verdict-missing", window: wanted, hotkey: hotkey.ss58, reason });
  }
  const { window, said } = await found(view, run, options.window);
  const verdicts = [...new Set(said.flatMap(({ row }) => (row === null ? [] : [row.verdict])))];
  const { clock } = run;
  answer(parts, options.json, {
    value: { runId: run.runId, window, hotkey: hotkey.ss58, validators: said.map(valueOf) },
    lines: [
      `window ${window} of run ${run.runId.slice(0, 18)}, blocks ${clock.startBlock(window)} to ${clock.lastJudgeBlock(window)}; hotkey ${hotkey.ss58}`,
      ...linesOfUpdate(said),
      ...said.flatMap((one) => linesOfSaid(one, window)),
      "what to do:",
      ...verdicts.flatMap((one) => adviceFor(one, view, parts.line).map((text) => `  ${text}`)),
    ],
  });
}

/** What a program gets of one validator. */
function valueOf({ validator, row, trouble }: Said): object {
  return {
    uid: validator.neuron.uid,
    hotkey: ss58Of(validator.neuron.hotkey),
    url: urlOf(validator.axon, ""),
    trouble: trouble === "" ? null : trouble,
    verdict: row,
    explanation: row === null ? null : explanationOf(row.verdict),
  };
}
