/** @file The screen of `subnet status`: the subnet in a few lines, its participants as a table, then what is wrong. */
import { ss58Of } from "../../chain/wallet/account.ts";
import type { NextCommand } from "../../base/fault.ts";
import { taoDigits } from "../../base/tao.ts";
import { explainReason, isReason } from "../../src/gauntlet/verdict.ts";
import { parseHexFloat } from "../../src/protocol/hex-float.ts";
import { rulesDigest } from "../../src/protocol/rules.ts";
import type { Look, RunLook } from "./look.ts";
import type { Participant } from "./participants.ts";
import { differingWindows, type Problem } from "./problems.ts";
import { stateOf } from "./state.ts";

/** How a screen is written. */
export type ScreenParts = {
  readonly problems: readonly Problem[];
  readonly width: number;
  readonly line: (command: NextCommand) => string;
};

const SHORT_DIGITS = 18;
const NAME_COLUMNS = 16;
/** Stake and pay are shown to so many places. */
const PLACES = 3;

/** Tokens to three places, for a table. */
function rounded(rao: bigint): string {
  const [whole = "0", rest = ""] = taoDigits(rao).split(".");
  return `${whole}.${rest.padEnd(PLACES, "0").slice(0, PLACES)}`;
}

/** A line that fits; what is cut away leaves a mark. */
function fitted(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

/** Block after the last one of the phase that `block` lies in, and the phase's name. */
export function phaseOf({ run }: RunLook): { readonly phase: string; readonly blocksLeft: number } {
  const { clock, head, window } = run;
  const phase = clock.phaseOf(head.number);
  const ends = {
    before: clock.startBlock(0),
    train: clock.firstCommitBlock(window),
    commit: clock.firstRevealBlock(window),
    reveal: clock.firstJudgeBlock(window),
    judge: clock.lastJudgeBlock(window) + 1,
    over: head.number,
  };
  return { phase, blocksLeft: ends[phase] - head.number };
}

/** The newest held-out loss that a validator measured, in nats per token. */
export function newestLoss(
  participants: readonly Participant[],
): { readonly window: number; readonly loss: number } | null {
  const all = participants.flatMap(({ answer }) =>
    answer?.status.heldOut ? [answer.status.heldOut] : [],
  );
  return all.toSorted((a, b) => b.window - a.window)[0] ?? null;
}

function subnetLine({ summary, endpoint, found, nextEpoch, hyperparameters }: Look): string {
  const { netuid, name, startedAt } = summary;
  const title = name === "" ? `subnet ${netuid}` : `subnet ${netuid} (${name})`;
  const started = startedAt === null ? "not started" : `started at block ${startedAt}`;
  const epoch = nextEpoch === null ? "" : `, next epoch in ${nextEpoch - found.head.number} blocks`;
  return `${title} on ${endpoint}, block ${found.head.number}; ${started}; tempo ${hyperparameters.tempo}${epoch}`;
}

function runLine(running: RunLook): string {
  const { runId, manifest, window } = running.run;
  const { phase, blocksLeft } = phaseOf(running);
  const windows = manifest.windows === 0 ? "" : ` of ${manifest.windows}`;
  const id = `run ${runId.slice(0, SHORT_DIGITS)} (${manifest.name})`;
  if (phase === "before") return `${id} begins in ${blocksLeft} blocks, at ${manifest.startBlock}`;
  if (phase === "over") return `${id} is over after ${manifest.windows} windows`;
  return `${id}, window ${window}${windows}, ${phase}, ${blocksLeft} blocks left`;
}

function lossLine({ participants }: Look): string {
  const loss = newestLoss(participants);
  const told =
    loss === null
      ? "not measured yet"
      : `${loss.loss.toFixed(3)} nats per token in window ${loss.window}`;
  const counted = participants.filter(({ answer }) => (answer?.digests.length ?? 0) > 0).length;
  const digests =
    counted < 2
      ? "nobody to compare parameters with"
      : differingWindows(participants).length === 0
        ? `parameters equal on ${counted} nodes`
        : "PARAMETERS DIFFER";
  return `held-out loss ${told}; ${digests}`;
}

function rulesLine({ run }: RunLook): string {
  const { now, pending } = run;
  const then =
    pending === null
      ? "no amendment pending"
      : `${rulesDigest(pending.amendment.rules).slice(0, SHORT_DIGITS)} from window ${pending.from} on`;
  return `rules ${rulesDigest(now.rules).slice(0, SHORT_DIGITS)}; ${then}`;
}

function tokensLine({ ledger }: Look): string {
  if (ledger === null) return "this chain keeps no ledger of what it emitted";
  const { issuedRao, paidNeuronsRao, paidOwnerRao, burnedRao } = ledger;
  const waiting = issuedRao - paidNeuronsRao - paidOwnerRao - burnedRao;
  return `emitted ${rounded(issuedRao)}: neurons ${rounded(paidNeuronsRao)}, owner ${rounded(paidOwnerRao)}, burned ${rounded(burnedRao)}, not paid out yet ${rounded(waiting)}`;
}

/** What a uid was told in the newest judged window: code, sentence and score. */
export function verdictOf(
  running: RunLook | null,
  { hotkey }: Pick<Participant, "hotkey">,
): {
  readonly window: number;
  readonly code: string;
  readonly text: string;
  readonly score: number;
} | null {
  const record = running?.record ?? null;
  const miner = record?.miners.find((one) => one.hotkey === hotkey);
  if (record === null || miner === undefined) return null;
  const text = isReason(miner.verdict) ? explainReason(miner.verdict) : miner.detail;
  return {
    window: record.window,
    code: miner.verdict,
    text,
    score: parseHexFloat(miner.final) ?? 0,
  };
}

function verdictText({ running }: Look, participant: Participant): string {
  const verdict = verdictOf(running, participant);
  if (verdict === null) return "";
  return `${verdict.window}: ${verdict.code}: ${verdict.text}`;
}

type Column = {
  readonly title: string;
  readonly right?: true;
  readonly cell: (one: Participant, look: Look) => string;
};

const share = (part: number): string => `${(100 * part).toFixed(1)} %`;

const COLUMNS: readonly Column[] = [
  { title: "uid", right: true, cell: ({ uid }) => String(uid) },
  { title: "name", cell: ({ name, ss58 }) => fitted(name ?? ss58, NAME_COLUMNS) },
  { title: "role", cell: ({ role }) => role },
  { title: "state", cell: (one, { running }) => stateOf(one, running?.run.window ?? null) },
  { title: "stake", right: true, cell: ({ stakeRao }) => rounded(stakeRao) },
  {
    title: "permit",
    cell: ({ permit, active }) => (permit ? (active ? "yes" : "inactive") : "no"),
  },
  { title: "incentive", right: true, cell: ({ incentive }) => share(incentive) },
  { title: "emission", right: true, cell: ({ emissionRao }) => rounded(emissionRao) },
  {
    title: "last",
    right: true,
    cell: ({ committed }) =>
      committed === null || committed.window < 0 ? "-" : String(committed.window),
  },
  {
    title: "axon",
    cell: ({ axon, answer }) => (axon === null ? "none" : answer === null ? "silent" : "up"),
  },
  { title: "verdict", cell: (one, look) => verdictText(look, one) },
];

function tableLines(look: Look, width: number): readonly string[] {
  const rows = [
    COLUMNS.map(({ title }) => title),
    ...look.participants.map((one) => COLUMNS.map(({ cell }) => cell(one, look))),
  ];
  const widths = COLUMNS.map((_column, at) =>
    Math.max(...rows.map((row) => (row[at] ?? "").length)),
  );
  return rows.map((row) =>
    fitted(
      row
        .map((text, at) =>
          COLUMNS[at]?.right === true
            ? text.padStart(widths[at] ?? 0)
            : text.padEnd(widths[at] ?? 0),
        )
        .join("  ")
        .trimEnd(),
      width,
    ),
  );
}

function problemLines({ problems, line }: ScreenParts): readonly string[] {
  if (problems.length === 0) return ["nothing is wrong"];
  return [
    `wrong (${problems.length})`,
    ...problems.flatMap(({ text, next }) => [
      `  ${text}`,
      ...(next === undefined ? [] : [`    ${line(next)}`]),
    ]),
  ];
}

/** The whole screen. */
export function screenText(look: Look, parts: ScreenParts): string {
  const { running, summary } = look;
  const owner = look.participants.find(({ hotkey }) => hotkey === summary.ownerHotkey);
  const name = owner?.name === null || owner === undefined ? "" : ` (${owner.name})`;
  const head = [
    subnetLine(look),
    `owner ${ss58Of(summary.ownerColdkey)}${name}`,
    ...(running === null ? [] : [runLine(running), lossLine(look), rulesLine(running)]),
    tokensLine(look),
  ].map((text) => fitted(text, parts.width));
  return [...head, "", ...tableLines(look, parts.width), "", ...problemLines(parts)].join("\n");
}
