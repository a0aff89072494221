/** @file What a node shows of itself on a full screen: clock, loss, its own pay and why, who takes part, what happened last. Pure. */
import { clockText, fitted, sparkline, tokensText, wrapped } from "../../base/text.ts";
import type { LossView, NowView, ParticipantView, PhaseView } from "../api/page.ts";

/** One moment of a node. */
export type NodeMoment = {
  readonly role: "miner" | "validator";
  readonly ss58: string;
  /** Null before the first look. */
  readonly now: NowView | null;
  readonly losses: readonly LossView[];
  /** Seconds since it started. */
  readonly seconds: number;
  /** What it said last, the oldest first. */
  readonly said: readonly string[];
};

/** What a piece of text is, not how it looks. */
export type Tone = "plain" | "quiet" | "good" | "bad" | "title" | "bar";
/** Gives text the looks of its tone; the length of what is seen never changes. */
export type Paint = (tone: Tone, text: string) => string;

/** Room on the screen. */
type Room = { readonly columns: number; readonly rows: number };

const MARGIN = "  ";
const PHASE_CELLS = 8;
const MOST_SPARKS = 40;
/** Lines of what happened last: at least, and of a tall screen at most. */
const SAID = { least: 3, most: 10 } as const;
const NAME_COLUMNS = 12;
/** A narrower screen has no room for reasons. */
const WHY_FROM = 64;

const share = (part: number): string => `${(100 * part).toFixed(1)} %`;

/** Strangers' texts on one line: they must not steer a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ");
}

function runText({ run, block }: NowView): string {
  if (run === null) return `no run yet; block ${block}`;
  const of = run.windows === 0 ? "" : ` of ${run.windows}`;
  const where =
    run.window < 0
      ? "before window 0"
      : run.windows > 0 && run.window >= run.windows
        ? `all ${run.windows} windows over`
        : `window ${run.window}${of}`;
  return `"${printable(run.name)}"  ${where}  block ${block}`;
}

function phaseText({ name, done, blocks }: PhaseView, paint: Paint): string {
  const cells = Math.min(PHASE_CELLS, blocks);
  const filled = Math.floor((done / blocks) * cells);
  const isNow = done > 0 && done < blocks;
  const bar = `${paint("bar", "█".repeat(filled))}${paint("quiet", "░".repeat(cells - filled))}`;
  return `${paint(isNow ? "title" : "quiet", name)} ${bar}  `;
}

/** The clock, as many phases as there is room for. */
function clockLine(phases: readonly PhaseView[], columns: number, paint: Paint): string {
  if (columns <= MARGIN.length) return "";
  let left = columns - MARGIN.length;
  const shown = phases.filter(({ name, blocks }) => {
    left -= name.length + 1 + Math.min(PHASE_CELLS, blocks) + 2;
    return left >= 0;
  });
  return MARGIN + shown.map((one) => phaseText(one, paint)).join("");
}

function lossLine(losses: readonly LossView[], columns: number, paint: Paint): string {
  const newest = losses.at(-1);
  const text =
    newest === undefined
      ? "held-out loss not measured yet"
      : `held-out loss ${newest.loss.toFixed(3)} nats per token in window ${newest.window}  `;
  const left = columns - MARGIN.length - text.length;
  const sparks = sparkline(
    losses.map(({ loss }) => loss),
    Math.min(MOST_SPARKS, left),
  );
  return `${fitted(MARGIN + text, columns)}${paint("bar", sparks)}`;
}

/** What this node earns. */
function payLine(own: ParticipantView, { paidSince }: NowView): string {
  const paid = `${tokensText(BigInt(own.paidRao))} alpha since block ${paidSince}`;
  const part =
    own.role === "validator" || own.permit
      ? `dividends ${share(own.dividends)}, stake ${tokensText(BigInt(own.stakeRao))}`
      : `incentive ${share(own.incentive)}`;
  return `uid ${own.uid}  paid ${paid}  ${part}`;
}

/** Why it scored what it scored, in words. */
function whyLines(own: ParticipantView, columns: number, paint: Paint): readonly string[] {
  const { judged } = own;
  if (judged === null)
    return own.role === "miner" ? [paint("quiet", `${MARGIN}not judged yet`)] : [];
  const { window, verdict, score, share: part } = judged;
  const head = `window ${window}: score ${score.toFixed(3)}, ${share(part)} of the weights; ${verdict.code}: ${verdict.text}`;
  const tone = verdict.code === "accepted" ? "good" : "bad";
  return wrapped(printable(head), columns - MARGIN.length)
    .slice(0, 2)
    .map((line) => paint(tone, fitted(MARGIN + line, columns)));
}

function ownLines(
  { now, ss58, role }: NodeMoment,
  columns: number,
  paint: Paint,
): readonly string[] {
  const own = now?.participants.find((one) => one.ss58 === ss58);
  if (now === null || own === undefined) return [fitted(`${MARGIN}${role} ${ss58}`, columns)];
  return [fitted(`${MARGIN}${payLine(own, now)}`, columns), ...whyLines(own, columns, paint)];
}

/** One uid as a line. */
function rowOf(one: ParticipantView, isOwn: boolean, columns: number): string {
  const name = fitted(printable(one.name ?? one.ss58), NAME_COLUMNS).padEnd(NAME_COLUMNS);
  const earns = share(one.role === "validator" ? one.dividends : one.incentive).padStart(7);
  const score = (one.judged === null ? "-" : one.judged.score.toFixed(3)).padStart(7);
  const paid = tokensText(BigInt(one.paidRao)).padStart(11);
  const head = `${isOwn ? "▸ " : MARGIN}${String(one.uid).padStart(3)}  ${name}  ${one.role.padEnd(9)}  ${score}  ${earns}  ${paid}`;
  const why = one.judged === null ? "" : `${one.judged.verdict.code}: ${one.judged.verdict.text}`;
  return fitted(columns < WHY_FROM ? head : `${head}  ${printable(why)}`, columns).trimEnd();
}

/** Who takes part: this node, then by pay; what finds no room is counted. */
function tableLines({ now, ss58 }: NodeMoment, room: Room, paint: Paint): readonly string[] {
  if (now === null || room.rows < 2) return [];
  const head = `${MARGIN}uid  ${"name".padEnd(NAME_COLUMNS)}  ${"role".padEnd(9)}  ${"score".padStart(7)}  ${"share".padStart(7)}  ${"paid".padStart(11)}  why`;
  const sorted = now.participants.toSorted((a, b) => {
    if ((a.ss58 === ss58) !== (b.ss58 === ss58)) return a.ss58 === ss58 ? -1 : 1;
    const [paidA, paidB] = [BigInt(a.paidRao), BigInt(b.paidRao)];
    return paidA === paidB ? a.uid - b.uid : paidA < paidB ? 1 : -1;
  });
  const fits = room.rows - 1;
  const shown = sorted.length <= fits ? sorted : sorted.slice(0, Math.max(0, fits - 1));
  const rows = shown.map((one) => {
    const isOwn = one.ss58 === ss58;
    const line = rowOf(one, isOwn, room.columns);
    return isOwn ? paint("title", line) : line;
  });
  const hidden = sorted.length - shown.length;
  return [
    paint("quiet", fitted(head, room.columns)),
    ...rows,
    ...(hidden > 0 ? [paint("quiet", fitted(`${MARGIN}… and ${hidden} more`, room.columns))] : []),
  ];
}

/** The whole screen: no line is wider, and there are no more lines than there is room for. */
export function nodeLines(moment: NodeMoment, room: Room, paint: Paint): readonly string[] {
  const { columns, rows } = room;
  const { now, losses, seconds, said, role } = moment;
  const device = now === null ? "" : `  on ${now.node.device}`;
  const run = now?.run ?? null;
  const clock = run === null ? [] : [clockLine(run.phases, columns, paint)];
  const told = now?.trouble ?? null;
  const trouble =
    told === null ? [] : [paint("bad", fitted(`${MARGIN}! ${printable(told)}`, columns))];
  const head = [
    paint("title", fitted(`${MARGIN}Assay ${role}${device}  ${clockText(seconds)} gone`, columns)),
    fitted(`${MARGIN}${now === null ? "starting" : runText(now)}`, columns),
    ...clock,
    lossLine(losses, columns, paint),
    ...trouble,
    "",
    ...ownLines(moment, columns, paint),
    "",
  ];
  const saidRows = Math.min(SAID.most, Math.max(SAID.least, Math.floor((rows - head.length) / 3)));
  const news = said
    .slice(-saidRows)
    .map((line) => paint("quiet", fitted(MARGIN + printable(line), columns)));
  const left = rows - head.length - news.length - 1;
  const table = tableLines(moment, { columns, rows: left }, paint);
  return [...head, ...table, "", ...news].slice(0, rows);
}
