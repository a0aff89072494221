/** @file A simulation as a report: its numbers into the pictures of subnet/report. */
import { type Bar, barsPicture } from "../report/bars.ts";
import { CURVE_BOUNDS, curvePicture, keepsBounds } from "../report/curve.ts";
import { type Emission, emissionPicture } from "../report/emission.ts";
import { percent } from "../report/numbers.ts";
import type { Report, Section } from "../report/page.ts";
import { MOST_DEVIATION, spreadPicture } from "../report/spread.ts";
import { sweepPicture } from "../report/sweep.ts";
import type { Outcome, PlayedCast, PlayedStrategy } from "./outcome.ts";
import { lossesText } from "./table.ts";
import { boundedOf, cheatShareOf, isOver, type Simulated } from "./standing.ts";

const fixed = (places: number): { readonly places: number } => ({ places });
const castName = ({ name, regime }: PlayedCast): string =>
  regime === "plateau" ? `${name} (plateau)` : name;
/** A strategy for people: honest work by that name, whichever of its forms a cast plays. */
function strategyName({ name, regime, most }: PlayedStrategy): string {
  const own = most === null && /^(?:plateau\/)?honest/.test(name) ? "honest work" : name;
  return regime === "plateau" ? `${own.replace(/^plateau\//, "")} (plateau)` : own;
}

const honestName = ({ work, rows }: PlayedCast): string =>
  `${rows.filter(({ strategy }) => strategy === work).length} honest miners`;

/** A cast's emission: uids of one strategy together, who never sends anything left out. */
function emissionOf(cast: PlayedCast): Emission {
  const names = [...new Set(cast.rows.map(({ strategy }) => strategy))];
  const periods = Array.from({ length: cast.windows }, (_, window) => window);
  const series = names.map((name) => {
    const own = cast.rows.filter(({ strategy }) => strategy === name);
    const isHonest = name === cast.work;
    return {
      name: isHonest ? honestName(cast) : name,
      isHonest,
      shares: periods.map((at) => own.reduce((sum, { shares }) => sum + (shares[at] ?? 0), 0)),
      whole: own.reduce((sum, { share }) => sum + share, 0),
    };
  });
  return {
    series: series.filter(({ name, whole }) => name !== "idle" || whole > 0),
    period: "window",
    axis: "window",
    periods,
  };
}

function emissionSection({ casts }: Outcome): Section {
  const shown = casts.filter(({ rows, work }) =>
    rows.some(({ strategy, share }) => strategy !== work && (strategy !== "idle" || share > 0)),
  );
  return {
    title: "Emission by strategy over time",
    words: [
      "Who was paid which part of each window's emission to miners, cast by cast. What is not honest work lies at the bottom; the numbers are of the whole run.",
    ],
    pictures: shown.map((cast, at) => ({
      caption: castName(cast),
      drawn: emissionPicture(
        { id: `emission-${at}`, title: `Emission in the cast ${castName(cast)}` },
        emissionOf(cast),
      ),
    })),
    table: null,
  };
}

function curveSection({ payCurve }: Outcome): readonly Section[] {
  if (payCurve.length === 0) return [];
  const { slack, half, least } = CURVE_BOUNDS;
  const verdict = keepsBounds(payCurve) ? "It keeps them." : "It does not keep them.";
  return [
    {
      title: "Pay curve",
      words: [
        "What a miner is paid who does a share of the inner steps, in shares of an honest miner of the same cast.",
        `Less work should never be the better bargain: on or below the dashed diagonal (+${slack}) everywhere, and at least ${least} at ${half} (the short mark). ${verdict}`,
      ],
      pictures: [
        {
          caption: "",
          drawn: curvePicture(
            { id: "pay-curve", title: "Pay against the share of the steps" },
            payCurve,
          ),
        },
      ],
      table: {
        head: ["share of the steps", "pay"],
        rows: payCurve.map(({ steps, pay }) => [String(steps), pay.toFixed(2)]),
      },
    },
  ];
}

/** What a unit of compute earned; "-" for who did no work. */
const perCompute = ({ share, computeShare }: PlayedStrategy): string =>
  computeShare > 0 ? (share / computeShare).toFixed(2) : "-";

function costSection(outcome: Outcome): Section {
  const bounded = boundedOf(outcome);
  const over = bounded.filter(isOver);
  const verdict =
    over.length === 0
      ? "None of them earned more than it may."
      : `More than they may earned: ${over.map(strategyName).join(", ")}.`;
  const bars = bounded.map((one, at): Bar => {
    const { share, computeShare, most } = one;
    return { name: strategyName(one), hue: at, value: share, mark: computeShare, bound: most };
  });
  return {
    title: "Cost to attack",
    words: [
      "The share of all emission that a strategy earned (bar), its share of all compute (hollow mark) and the most that it may earn (line): 1 % without honest work, else what its compute is worth. A red bar crosses its line.",
      "A strategy whose bar ends before its mark costs its owner money: the same compute earns more honestly. The last column is share over compute; of honest work it is about 1.",
      ...(bounded.length === 0 ? ["No cast had such a strategy."] : [verdict]),
    ],
    pictures: [
      {
        caption: "",
        drawn: barsPicture({ id: "cost", title: "Share earned against share of compute" }, bars, {
          value: "earned",
          mark: "of compute",
          bound: "at most",
        }),
      },
    ],
    table: {
      head: ["strategy", "uids", "earned", "compute", "at most", "holds", "per compute"],
      rows: outcome.strategies.map((one) => [
        strategyName(one),
        String(one.uids),
        percent(one.share, fixed(2)),
        percent(one.computeShare, fixed(2)),
        one.most === null ? "-" : percent(one.most, fixed(2)),
        one.most === null ? "-" : isOver(one) ? "NO" : "yes",
        perCompute(one),
      ]),
    },
  };
}

function spreadSection({ casts, honest }: Outcome): Section {
  const rows = casts.map((cast) => ({
    name: castName(cast),
    pays: cast.rows.flatMap(({ strategy, share }) => (strategy === cast.work ? [share] : [])),
  }));
  return {
    title: "Variation of honest pay",
    words: [
      `Honest miners do equal work, but for a few windows that each misses by lot: what they are paid should be equal too. A dot is a miner, dashed lines are ${percent(MOST_DEVIATION, fixed(0))} from the mean.`,
      `Mean of the casts while the model learns: coefficient of variation ${percent(honest.cv)}, largest deviation ${percent(honest.maxDeviation)}. Few windows make it larger.`,
    ],
    pictures: [
      {
        caption: "",
        drawn: spreadPicture(
          { id: "spread", title: "Pay of honest miners against their mean" },
          rows,
        ),
      },
    ],
    table: {
      head: ["cast", "variation", "largest deviation", "loss", "above clean", "windows that moved"],
      rows: casts.map((cast) => [
        castName(cast),
        percent(cast.cv),
        percent(cast.maxDeviation),
        cast.loss === null ? "-" : cast.loss.toFixed(4),
        cast.aboveClean === null ? "-" : percent(cast.aboveClean, { places: 2, signed: true }),
        `${cast.moved} of ${cast.windows}`,
      ]),
    },
  };
}

function sweepSection({ options, runs }: Simulated): Section {
  const key = /^[^=]*/.exec(options.sweep ?? "")?.[0].trim() ?? "";
  const values = runs.map(({ setting }) => (setting ?? "").slice(key.length + 1));
  const outcomes = runs.map(({ outcome }) => outcome);
  const lines = [
    { name: "earned by cheats", hue: 0, shares: outcomes.map(cheatShareOf) },
    {
      name: "variation of honest pay",
      hue: "honest" as const,
      shares: outcomes.map(({ honest }) => honest.cv),
    },
    ...(outcomes.some((one) => one.lossAboveClean === null)
      ? []
      : [
          {
            name: "loss above clean",
            hue: 4,
            shares: outcomes.map((one) => one.lossAboveClean ?? 0),
          },
        ]),
  ];
  const half = outcomes.map(({ payCurve }) =>
    payCurve.find(({ steps }) => steps === CURVE_BOUNDS.half),
  );
  return {
    title: `Sweep over ${key}`,
    words: [
      "All of it once for each value, with the same miners and seed: what cheats took together (mean of the casts that had one), how much equal work's pay varies, and what cheats did to the loss. Values draw other lots: what is smaller than the difference between two seeds says nothing.",
    ],
    pictures: [
      {
        caption: "",
        drawn: sweepPicture({ id: "sweep", title: `Sweep over ${key}` }, { key, values, lines }),
      },
    ],
    table: {
      head: [key, ...lines.map(({ name }) => name), "pay for half of the steps"],
      rows: values.map((value, at) => [
        value,
        ...lines.map(({ shares }) => percent(shares[at] ?? 0, fixed(2))),
        half[at]?.pay.toFixed(2) ?? "-",
      ]),
    },
  };
}

/** What played. */
const leadOf = (model: string | null): string =>
  model === null
    ? "What strategies would earn under this file: the product's own miner, validator, scorer and aggregation, played on a simulated clock and chain."
    : "What strategies would earn under this file in a field of this size: the product's own scorer and votes and the runtime's own epochs, over losses that are drawn.";

/** Miners of a cast, and how many of them do no honest work: as was asked, but for a modelled field, which is as large as its uids are. */
function minersText({ options, runs }: Simulated): string {
  const { model = null, casts = [] } = runs[0]?.outcome ?? {};
  const cast = casts.at(-1);
  if (model === null || cast === undefined)
    return `${options.miners}, ${options.cheats} of them not honest`;
  const honest = cast.rows.filter(({ strategy }) => strategy === cast.work).length;
  return `${cast.rows.length}, ${cast.rows.length - honest} of them not honest`;
}

/** A simulation as a report; of a sweep, the first value's pictures follow the sweep's. */
export function simulationReport(simulated: Simulated): Report {
  const { options, runs } = simulated;
  const [first] = runs;
  const isSweep = first !== undefined && first.setting !== null;
  const set = [...options.set, ...(isSweep ? [first.setting] : [])];
  return {
    title: `Simulation of ${options.file}`,
    lead: leadOf(first?.outcome.model ?? null),
    facts: [
      ["file", options.file],
      ...(set.length === 0
        ? []
        : [[isSweep ? "set (pictures below the sweep)" : "set", set.join(", ")] as const]),
      ["losses", lossesText(first?.outcome.model ?? null)],
      ["miners of a cast", minersText(simulated)],
      ["windows", String(options.windows)],
      ["seed", String(options.seed)],
      ["regime", options.regime],
    ],
    sections: [
      ...(isSweep ? [sweepSection(simulated)] : []),
      ...(first === undefined
        ? []
        : [
            costSection(first.outcome),
            emissionSection(first.outcome),
            ...curveSection(first.outcome),
            spreadSection(first.outcome),
          ]),
    ],
  };
}
