/** @file A replay as a report: its numbers into the pictures of subnet/report. */
import { type Bar, barsPicture } from "../report/bars.ts";
import { type Emission, emissionPicture, type PaidSeries } from "../report/emission.ts";
import { percent } from "../report/numbers.ts";
import type { Report, Section } from "../report/page.ts";
import { MOST_DEVIATION, spreadPicture } from "../report/spread.ts";
import { type SweepLine, sweepPicture } from "../report/sweep.ts";
import type { EarnedRow, Trial } from "./replay.ts";
import { nameOf, type SweepRow } from "./table.ts";
import type { TriedRules } from "./tried-rules.ts";

/** Everything that a replay found. */
export type Replayed = {
  readonly runId: string;
  /** Folder or endpoint. */
  readonly origin: string;
  readonly tried: TriedRules;
  readonly trial: Trial;
  readonly sweep: readonly SweepRow[];
};

/** Which pay: what there was, or what there would have been. */
type Side = "earned" | "tried";
/** Who is shown as one colour. */
type Group = {
  readonly name: string;
  readonly isHonest: boolean;
  readonly rows: readonly EarnedRow[];
};

const MOST_GROUPS = 8;
const WITHOUT_WORK = 0.01;
const places = (digits: number): { readonly places: number } => ({ places: digits });
const wholeOf = (row: EarnedRow, side: Side): number =>
  side === "earned" ? row.earnedShare : row.triedShare;
const sharesOf = (row: EarnedRow, side: Side): readonly number[] =>
  side === "earned" ? row.earnedShares : row.triedShares;
const sumOf = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0);

/** Honest miners as one; everybody else by themselves, the smallest together where they are many. */
function groupsOf({ rows }: Trial): readonly Group[] {
  const honest = rows.filter(({ isHonest }) => isHonest);
  const others = rows
    .filter(({ isHonest }) => !isHonest)
    .toSorted((a, b) => b.earnedShare + b.triedShare - a.earnedShare - a.triedShare);
  const shown = others.length > MOST_GROUPS ? others.slice(0, MOST_GROUPS - 1) : others;
  const rest = others.slice(shown.length);
  return [
    ...shown.map((row) => ({ name: nameOf(row), isHonest: false, rows: [row] })),
    ...(rest.length === 0 ? [] : [{ name: `${rest.length} others`, isHonest: false, rows: rest }]),
    ...(honest.length === 0
      ? []
      : [{ name: `${honest.length} honest miners`, isHonest: true, rows: honest }]),
  ];
}

function emissionOf(trial: Trial, side: Side): Emission {
  const series = groupsOf(trial).map(({ name, isHonest, rows }): PaidSeries => ({
    name,
    isHonest,
    shares: trial.epochWindows.map((_, at) =>
      sumOf(rows.map((row) => sharesOf(row, side)[at] ?? 0)),
    ),
    whole: sumOf(rows.map((row) => wholeOf(row, side))),
  }));
  const axis = "epochs, by the window that each fell into";
  return { series, period: "epoch", axis, periods: trial.epochWindows };
}

function emissionSection(trial: Trial): Section {
  const drawn = (side: Side, caption: string): Section["pictures"][number] => ({
    caption,
    drawn: emissionPicture({ id: `emission-${side}`, title: caption }, emissionOf(trial, side)),
  });
  return {
    title: "Emission over time",
    words: [
      "Who was paid which part of the emission to miners in each epoch of the chain, and who would have been. An epoch that paid nobody is empty; those after the last window pay by its weights. The numbers are of the whole run.",
    ],
    pictures: [drawn("earned", "as it was paid"), drawn("tried", "as it would have been")],
    table: null,
  };
}

function paySection({ rows }: Trial): Section {
  const isKnown = rows.some(({ isHonest }) => isHonest);
  const bars = rows.map((row, at): Bar => ({
    name: nameOf(row),
    hue: row.isHonest ? "honest" : at,
    value: row.triedShare,
    mark: row.earnedShare,
    bound: isKnown && !row.isHonest ? WITHOUT_WORK : null,
  }));
  return {
    title: "Cost to attack",
    words: [
      "The share of the emission to miners that each would have earned (bar), and what it earned (hollow mark).",
      isKnown
        ? `The line is ${percent(WITHOUT_WORK, places(0))}, the most that anybody should get without honest work; a red bar crosses it. How much compute each spent no record says: subnet simulate counts it.`
        : "The record does not say who is honest.",
    ],
    pictures: [
      {
        caption: "",
        drawn: barsPicture({ id: "pay", title: "Share of emission by participant" }, bars, {
          value: "would have earned",
          mark: "earned",
          bound: "at most",
        }),
      },
    ],
    table: {
      head: ["who", "uid", "earned", "would have", "difference"],
      rows: rows.map((row) => [
        nameOf(row),
        String(row.uid),
        percent(row.earnedShare, places(2)),
        percent(row.triedShare, places(2)),
        percent(row.triedShare - row.earnedShare, { places: 2, signed: true }),
      ]),
    },
  };
}

const variationText = (cv: number | null): string => (cv === null ? "-" : percent(cv));

function spreadSection({ rows, earnedCv, triedCv }: Trial): readonly Section[] {
  const honest = rows.filter(({ isHonest }) => isHonest);
  if (honest.length < 2) return [];
  const drawn = spreadPicture({ id: "spread", title: "Pay of honest miners against their mean" }, [
    { name: "earned", pays: honest.map(({ earnedShare }) => earnedShare) },
    { name: "would have earned", pays: honest.map(({ triedShare }) => triedShare) },
  ]);
  return [
    {
      title: "Variation of honest pay",
      words: [
        `Honest miners do equal work. A dot is a miner, dashed lines are ${percent(MOST_DEVIATION, places(0))} from the mean.`,
        `Coefficient of variation: ${variationText(earnedCv)} as it was paid, ${variationText(triedCv)} as it would have been.`,
      ],
      pictures: [{ caption: "", drawn }],
      table: null,
    },
  ];
}

/** A line for each group, and the variation of honest pay where it is known. */
function linesOf(trials: readonly Trial[]): readonly SweepLine[] {
  const [first] = trials;
  if (first === undefined) return [];
  const others = groupsOf(first).filter(({ isHonest }) => !isHonest);
  const lines = others.map(({ name, rows }, hue): SweepLine => {
    const hotkeys = new Set(rows.map(({ hotkey }) => hotkey));
    const shares = trials.map((trial) =>
      sumOf(trial.rows.flatMap((row) => (hotkeys.has(row.hotkey) ? [row.triedShare] : []))),
    );
    return { name, hue, shares };
  });
  if (trials.every(({ triedCv }) => triedCv === null)) return lines;
  const variation = trials.map(({ triedCv }) => triedCv);
  return [...lines, { name: "variation of honest pay", hue: "honest", shares: variation }];
}

function sweepSection({ sweep }: Replayed): readonly Section[] {
  const [first] = sweep;
  if (first === undefined) return [];
  const key = first.setting.slice(0, first.setting.indexOf("="));
  const values = sweep.map(({ setting }) => setting.slice(key.length + 1));
  const trials = sweep.map(({ trial }) => trial);
  const lines = linesOf(trials);
  const about = { id: "sweep", title: `Sweep over ${key}` };
  return [
    {
      title: about.title,
      words: [
        "The same record scored once for each value: what each who is not known as honest would have earned, and how much the pay of equal work would have varied.",
      ],
      pictures: [{ caption: "", drawn: sweepPicture(about, { key, values, lines }) }],
      table: {
        head: [key, ...first.trial.rows.map(nameOf), "variation"],
        rows: sweep.map(({ trial }, at) => [
          values[at] ?? "",
          ...trial.rows.map(({ triedShare }) => percent(triedShare, places(2))),
          variationText(trial.triedCv),
        ]),
      },
    },
  ];
}

/** A replay as a report. */
export function replayReport(replayed: Replayed): Report {
  const { runId, origin, tried, trial, sweep } = replayed;
  const changes = tried.changed.map(({ key, was, is }) => `${key}: ${was} -> ${is}`);
  const unmeasured =
    trial.unmeasured === 0
      ? []
      : [["never measured, counted as credit 0", `${trial.unmeasured} updates`] as const];
  return {
    title: `Replay of ${origin}`,
    lead: "What a recorded run would have paid under other rules. Votes and parameters stay as they were; so do stakes.",
    facts: [
      ["run", runId],
      ["rules", changes.length === 0 ? "the run's own" : changes.join(", ")],
      ["epochs", String(trial.epochWindows.length)],
      ...(sweep.length === 0 ? [] : [["sweep", `${sweep.length} values`] as const]),
      ...unmeasured,
    ],
    sections: [
      ...sweepSection(replayed),
      paySection(trial),
      emissionSection(trial),
      ...spreadSection(trial),
    ],
  };
}
