/** @file What a local network left behind, read: its summary, its validators' records, its epochs. */
import { z } from "zod";
import { isAway } from "../../miner/strategies/absence.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { digestSchema } from "../../src/protocol/manifest.ts";
import type { WindowRecord } from "../../src/protocol/record.ts";
import { type Cast, MISS_PERCENT } from "./casts.ts";

const summarySchema = z.object({
  record: z.string(),
  stopped: z.boolean(),
  seconds: z.number(),
  pace: z.object({ windowMs: z.number() }),
  faults: z.array(z.string()),
  uids: z.array(
    z.object({
      name: z.string(),
      role: z.string(),
      kind: z.string(),
      emission: z.string().regex(/^\d+$/).transform(BigInt),
    }),
  ),
});

const nodesSchema = z.object({
  runId: digestSchema,
  nodes: z.array(
    z.object({ name: z.string(), role: z.string(), hotkey: digestSchema, ss58: z.string() }),
  ),
});

const replaySchema = z.object({
  trial: z.object({
    epochWindows: z.array(z.number()),
    rows: z.array(
      z.object({
        hotkey: digestSchema,
        name: z.string().nullable(),
        earnedShares: z.array(z.number()),
      }),
    ),
  }),
});

/** The last line of `subnet localnet --json`. Emission in rao, from the chain's first block on. */
export type Summary = z.output<typeof summarySchema>;
/** Who ran in a local network. */
export type Nodes = z.output<typeof nodesSchema>;
/** The last line of `subnet replay --json`. */
export type Replay = z.output<typeof replaySchema>;

/** One miner of a run. */
export type MinerRow = {
  readonly name: string;
  /** Its strategy; "newcomer" for who came later. */
  readonly kind: string;
  /** Share of all that miners were paid, 0 to 1. */
  readonly share: number;
  /** Windows that it stayed away from as it was told. */
  readonly away: number;
  /** Other windows in which it had no update that could be judged: the machine's doing, or the network's. */
  readonly missed: number;
  /** How many windows ended in each verdict. */
  readonly verdicts: Readonly<Record<string, number>>;
};

/** What became of the one who came later. */
export type NewcomerPay = {
  /** The window that it was meant to join in, and the first one whose pay is compared. */
  readonly joins: number;
  readonly from: number;
  /** The first window in which it had an update that could be judged; null: none. */
  readonly came: number | null;
  /** Its pay for the windows from then on, over the mean of the others in the same windows. */
  readonly pay: number;
  /** The same for each single window from the one that it was meant to join in. */
  readonly pays: readonly number[];
};

/** What became of a run. */
export type Outcome = {
  readonly cast: Cast;
  readonly repeat: number;
  readonly miners: readonly MinerRow[];
  readonly newcomer: NewcomerPay | null;
  /** Windows that some validator recorded. */
  readonly windowsRecorded: number;
  /** From the first process to the summary. */
  readonly seconds: number;
  readonly windowMs: number;
  readonly faults: readonly string[];
};

/** What a run left. */
export type Remains = {
  readonly summary: Summary;
  readonly nodes: Nodes;
  /** One record of each window. */
  readonly records: readonly WindowRecord[];
  /** Read where a newcomer's pay is asked for. */
  readonly replay: Replay | null;
};

const NEWCOMER = "newcomer";
/** What the summary calls a hotkey that it did not start. */
const STRANGER = "stranger";
const MISSING: ReadonlySet<string> = new Set(["no-commitment", "payload-missing"]);

/** The JSON on the last line of an output. @throws Error when there is none */
function lastLine(output: string): unknown {
  return JSON.parse(output.trim().split("\n").at(-1) ?? "");
}

/** @throws Error unless it ends with a summary */
export function readSummary(output: string): Summary {
  return summarySchema.parse(lastLine(output));
}

/** @throws Error unless it ends with a replay */
export function readReplay(output: string): Replay {
  return replaySchema.parse(lastLine(output));
}

/** @throws Error unless it is a list of nodes */
export function readNodes(text: string): Nodes {
  return nodesSchema.parse(JSON.parse(text));
}

type Attendance = Pick<MinerRow, "away" | "missed" | "verdicts"> & {
  readonly came: number | null;
};

/** What the validators made of a hotkey in the windows in which it was on the subnet. */
function attendanceOf(
  hotkey: Hex | null,
  { records, nodes: { runId } }: Pick<Remains, "records" | "nodes">,
): Attendance {
  const verdicts: Record<string, number> = {};
  let [away, missed] = [0, 0];
  let came: number | null = null;
  for (const { window, miners } of records) {
    const verdict = miners.find((one) => one.hotkey === hotkey)?.verdict;
    if (verdict === undefined || hotkey === null) continue;
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    if (!MISSING.has(verdict)) came ??= window;
    else if (isAway({ runId, hotkey, window }, MISS_PERCENT)) away++;
    else missed++;
  }
  return { away, missed, verdicts, came };
}

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);

/** Shares of amounts in their sum; all zero where nothing was paid. Exact to a millionth of a millionth. */
function sharesOf(amounts: readonly bigint[]): readonly number[] {
  const all = amounts.reduce((total, one) => total + one, 0n);
  return amounts.map((one) => (all === 0n ? 0 : Number((one * 10n ** 12n) / all) / 1e12));
}

/** Windows from the first one up to but without the last one. */
type Span = { readonly from: number; readonly to: number };

/** The newcomer's pay over the others' mean, for a span of windows: each is paid for in the epoch after it. */
export function newcomerPay({ trial: { epochWindows, rows } }: Replay, { from, to }: Span): number {
  const counts = epochWindows.map((window) => window > from && window <= to);
  const paid = (shares: readonly number[]): number => sum(shares.filter((_, at) => counts[at]));
  const own = rows.filter(({ name }) => name === null).map((row) => paid(row.earnedShares));
  const others = rows.filter(({ name }) => name !== null).map((row) => paid(row.earnedShares));
  const mean = sum(others) / others.length;
  return mean > 0 ? sum(own) / mean : 0;
}

function newcomerOf(cast: Cast, { replay }: Remains, came: number | null): NewcomerPay | null {
  if (cast.newcomer === null || replay === null) return null;
  const { joins, from } = cast.newcomer;
  const to = cast.windows;
  const pays = Array.from({ length: to - joins }, (_, index) =>
    newcomerPay(replay, { from: joins + index, to: joins + index + 1 }),
  );
  return { joins, from, came, pay: newcomerPay(replay, { from, to }), pays };
}

/** What became of a run, from all that it left. */
export function outcomeOf(cast: Cast, repeat: number, remains: Remains): Outcome {
  const { summary, nodes, replay } = remains;
  const stranger = replay?.trial.rows.find(({ name }) => name === null)?.hotkey ?? null;
  const uids = summary.uids.filter(({ role }) => role === "miner");
  const shares = sharesOf(uids.map(({ emission }) => emission));
  const seen = uids.map(({ name, kind }, at) => {
    const isNew = name === STRANGER;
    const known = nodes.nodes.find((node) => node.name === name)?.hotkey ?? null;
    const { came, ...attendance } = attendanceOf(isNew ? stranger : known, remains);
    const who = isNew ? { name: NEWCOMER, kind: NEWCOMER } : { name, kind };
    return { came, row: { ...who, share: shares[at] ?? 0, ...attendance } };
  });
  const came = seen.find(({ row }) => row.kind === NEWCOMER)?.came ?? null;
  return {
    cast,
    repeat,
    miners: seen.map(({ row }) => row),
    newcomer: newcomerOf(cast, remains, came),
    windowsRecorded: remains.records.length,
    seconds: summary.seconds,
    windowMs: summary.pace.windowMs,
    faults: summary.stopped ? ["stopped", ...summary.faults] : summary.faults,
  };
}
