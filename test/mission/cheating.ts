/** @file What a cheat has to lose: the product's scorer, played with a miner that is trusted and then saves the work of some windows, beside its honest self. */
import { readFileSync } from "node:fs";
import type { CreditBook } from "../../src/gauntlet/credit-book.ts";
import type { MinerEvidence } from "../../src/gauntlet/evidence.ts";
import { type WindowRecord, windowRecordSchema } from "../../src/protocol/record.ts";
import type { Draws } from "../../src/protocol/draws.ts";
import {
  honestWork,
  measured,
  missing,
  normal,
  otherWork,
  playCredit,
} from "../unit/gauntlet/credit-scenes.ts";
import { luckOf } from "../unit/gauntlet/scenes.ts";

const HONEST = 9;
const SUBJECT = HONEST;
/** Windows of honest work until it is trusted, and after it cheated until nothing of that is left. */
const BEFORE = 40;
const AFTER = 45;
const SEEDS = 8;
const RECORDS = new URL("../fixtures/recorded-run/records.jsonl", import.meta.url);

/** What is sent in place of work, as validators measure it. */
type Way = (luck: Draws) => MinerEvidence;
const CHEATS: Readonly<Record<string, Way>> = {
  "work on other data": (luck) => measured(SUBJECT, otherWork(luck)),
  "noise of honest size": (luck) => {
    // Passes the gate in four windows of ten.
    const noise = normal(luck, -0.0004, 0.0016);
    const margin = normal(luck, -0.4, 1.1);
    return measured(SUBJECT, { noise, own: noise + 0.0012 * margin, margin });
  },
  "another's work": () => missing(SUBJECT, "copied"),
};
/** For how many windows. */
const TIMES = [1, 5] as const;

/** What an honest miner and a cheat get, and what the inequality says of it. All in the pay of a window of an honest miner. */
export type Cheat = {
  readonly name: string;
  /** Part of the updates that are evaluated in depth. */
  readonly audited: number;
  /** Pay that it loses for a window's cheating. */
  readonly stake: number;
  /** Compute that it saves in it: at most what a window is paid, or nobody would work. */
  readonly saved: number;
  /** p S - (1 - p) c. */
  readonly least: number;
  /** The audited part below which cheating would pay: c / (S + c). */
  readonly leastAudited: number;
  /** What cheating brings beside honest work: what it saves less what it loses, for a window. */
  readonly worth: number;
};

/** Part of the updates of a recorded run that came and were evaluated on their own pages, or refused before that for what is proven. */
function auditedPart(): number {
  const lines = readFileSync(RECORDS, "utf8").trim().split("\n");
  const records = lines.map((line): WindowRecord => windowRecordSchema.parse(JSON.parse(line)));
  const came = records.flatMap(({ miners, accepted }) =>
    miners
      .filter(({ payloadBytes }) => payloadBytes !== null)
      .map(
        ({ uid, losses }) => !accepted.includes(uid) || (losses !== null && losses.own !== null),
      ),
  );
  return came.filter((isSeen) => isSeen).length / came.length;
}

/** What everybody does in a window of a seed; `cheat`: what the subject does in place of its work. */
function evidenceOf(seed: number, window: number, cheat: Way | null): readonly MinerEvidence[] {
  const luck = luckOf(`window ${window} of cheat ${seed}`);
  const honest = Array.from({ length: HONEST }, (_, uid) => measured(uid, honestWork(luck)));
  return [...honest, cheat === null ? measured(SUBJECT, honestWork(luck)) : cheat(luck)];
}

/** Pay of the subject from its first cheated window on, in the mean pay of an honest miner's window. */
function payOf(
  begun: CreditBook,
  seed: number,
  cheated: { readonly times: number; readonly cheat: Way | null },
): number {
  const { times, cheat } = cheated;
  const now = (window: number): Way | null => (window < BEFORE + times ? cheat : null);
  const windows = Math.max(...TIMES) + AFTER;
  const { pay } = playCredit(windows, (window) => evidenceOf(seed, window, now(window)), begun);
  const others = Array.from({ length: HONEST }, (_, uid) => pay.get(uid) ?? 0);
  return ((pay.get(SUBJECT) ?? 0) * HONEST * windows) / others.reduce((sum, one) => sum + one, 0);
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, one) => sum + one, 0) / values.length;

/** Pay that is lost for a window's cheating, by cheat and times; the mean of all seeds. */
function stakes(): ReadonlyMap<string, number> {
  const lost = new Map<string, number[]>();
  for (let seed = 0; seed < SEEDS; seed++) {
    const { book } = playCredit(BEFORE, (window) => evidenceOf(seed, window, null));
    const honest = payOf(book, seed, { times: 0, cheat: null });
    for (const [name, cheat] of Object.entries(CHEATS))
      for (const times of TIMES) {
        const one = (honest - payOf(book, seed, { times, cheat })) / times;
        const key = `${name}, ${times} ${times === 1 ? "window" : "windows"}`;
        lost.set(key, [...(lost.get(key) ?? []), one]);
      }
  }
  return new Map([...lost].map(([name, values]) => [name, mean(values)]));
}

/** Every cheat, for some windows each. */
export function cheatsOf(): {
  readonly audited: number;
  /** Below this part some cheat would pay. */
  readonly leastAudited: number;
  readonly rows: readonly Cheat[];
} {
  const audited = auditedPart();
  const saved = 1;
  const rows = [...stakes()].map(([name, stake]): Cheat => ({
    name,
    audited,
    stake,
    saved,
    least: audited * stake - (1 - audited) * saved,
    leastAudited: saved / (stake + saved),
    worth: saved - stake,
  }));
  const leastAudited = Math.max(...rows.map((row) => row.leastAudited));
  return { audited, leastAudited, rows };
}
