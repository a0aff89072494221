/**
 * @file What a validator earns that copies weights instead of judging: its dividends over its part of the stake, in percent, the least and the
 * largest of twelve drawn subnets of twelve miners and sixty epochs, whose weights move as those of mode credit do. The chain's epoch (src/yuma), by what
 * an owner can set, by when weights become public, and by how late they are copied. `npm run bench -- copier [--json]`; some minutes. A copier
 * that is late is given its best way to copy. Exit code 1: one that only sees weights after their epoch earned as much as its stake.
 */
import {
  COPIES,
  type Earned,
  type Game,
  GAME,
  NEW_SUBNET,
  played,
  type Rules,
} from "./copier/play.ts";
import { playRuns } from "./copier/runs.ts";
import { flagsOf } from "./support/flags.ts";

const SEEDS = 12;
const U16 = 65_535;

const RULES: Readonly<Record<string, Partial<Rules>>> = {
  "as new subnets": {},
  "liquid alpha, defaults": { liquidAlpha: { low: 45_875, high: 58_982, steepness: 1000 } },
  "liquid alpha, widest": { liquidAlpha: { low: 1638, high: U16, steepness: 32_767 } },
  "bonds follow at once": { bondsMovingAverage: 0 },
  "bonds half as slow": { bondsMovingAverage: 500_000 },
  "bonds slowest": { bondsMovingAverage: 975_000 },
  "bonds penalty half": { bondsPenalty: 32_768 },
  "bonds penalty none": { bondsPenalty: 0 },
  "kappa 0.4 (Root)": { kappa: 26_214 },
  "kappa 0.6 (Root)": { kappa: 39_321 },
  Yuma2: { yuma3: false },
  "Yuma2, penalty none": { yuma3: false, bondsPenalty: 0 },
};
const DISAGREEMENTS = [0, 0.1];
/** Without a penalty what is said beyond the consensus buys bonds too, and a copy made to gain by that does: owners leave it whole. */
const isBad = ({ bondsPenalty }: Partial<Rules>): boolean => bondsPenalty === 0;

/** What is played, and whether the copier has to stay below its stake's part in it. */
type Row = { readonly name: string; readonly game: Partial<Game>; readonly isBound: boolean };
/** Percent of what the stake would give: least and largest of the seeds; the judge is the largest one. */
type Found = Row & {
  readonly copy: string;
  readonly percent: readonly [least: number, largest: number];
  readonly judge: readonly [least: number, largest: number];
};

const percent = (value: number): number => Math.round(1e4 * value) / 100;
const span = (values: readonly number[]): readonly [number, number] => [
  percent(Math.min(...values)),
  percent(Math.max(...values)),
];
const apart = (disagreement: number): string =>
  disagreement === 0 ? "" : `, judges differ by ${100 * disagreement} %`;

/** What an owner can set, under copies in time and an epoch late. */
function byRules(): readonly Row[] {
  const rows = Object.entries(RULES).flatMap(([name, changed]) =>
    DISAGREEMENTS.flatMap((disagreement): Row[] => {
      const game = { rules: { ...NEW_SUBNET, ...changed }, disagreement };
      const text = `${name}${apart(disagreement)}`;
      return [
        { name: `in time: ${text}`, game: { ...game, late: 0 }, isBound: false },
        { name: `an epoch late: ${text}`, game, isBound: !isBad(changed) },
      ];
    }),
  );
  const reset = { resetPercent: 10 };
  return [
    ...rows,
    {
      name: "in time: bonds reset, each miner in every tenth epoch",
      game: { ...reset, late: 0 },
      isBound: false,
    },
    { name: "an epoch late: the same", game: reset, isBound: true },
  ];
}

/** When weights become public. */
const BY_TIME: readonly Row[] = [
  { name: "hidden until the epoch: all, always", game: {}, isBound: true },
  { name: "hidden: 5 % are seen in time", game: { seenPercent: 5 }, isBound: false },
  { name: "hidden: 20 % are seen in time", game: { seenPercent: 20 }, isBound: false },
  {
    name: "hidden: but for the largest of five",
    game: { seenPercent: 100, whose: 0 },
    isBound: false,
  },
  {
    name: "hidden: but for the smallest of five",
    game: { seenPercent: 100, whose: 4 },
    isBound: false,
  },
  { name: "hidden: 1 % come after the epoch", game: { missedPercent: 1 }, isBound: true },
  { name: "hidden: 5 % come after the epoch", game: { missedPercent: 5 }, isBound: true },
  { name: "hidden: 20 % come after the epoch", game: { missedPercent: 20 }, isBound: true },
  {
    name: "hidden: 5 % of the largest's come after the epoch",
    game: { missedPercent: 5, whose: 0 },
    isBound: true,
  },
  {
    name: "hidden: 20 % of the largest's come after the epoch",
    game: { missedPercent: 20, whose: 0 },
    isBound: true,
  },
  ...[1, 2, 5, 10].map((late) => ({
    name: `an epoch of ten windows, what is copied is ${late} ${late === 1 ? "window" : "windows"} old`,
    game: { windowsPerEpoch: 10, late },
    isBound: true,
  })),
  { name: "two epochs late", game: { late: 2 }, isBound: true },
];

/** The row under each way to copy; the one that earns most in its worst seed. */
function bestOf(row: Row): Found {
  const found = COPIES.map((copy): Found => {
    const earned = Array.from({ length: SEEDS }, (_, seed): Earned =>
      played(seed, { ...GAME, ...row.game, copy }),
    );
    return {
      ...row,
      copy,
      percent: span(earned.map(({ copier }) => copier)),
      judge: span(earned.map(({ judges: [largest = 0] }) => largest)),
    };
  });
  return found.reduce((best, one) => (one.percent[1] > best.percent[1] ? one : best));
}

const values = flagsOf({
  json: { type: "boolean", default: false },
  live: { type: "boolean", default: false },
  runs: { type: "string", default: "5" },
  windows: { type: "string", default: "30" },
  "no-shield": { type: "boolean", default: false },
});
const text = ([least, largest]: readonly [number, number]): string =>
  `${least.toFixed(2)} to ${largest.toFixed(2)}`.padEnd(18);

/** The drawn subnets; returns how many rows do not hold. */
function draw(json: boolean): number {
  const title = ["weights".padEnd(66), "copier, %".padEnd(18), "largest judge, %".padEnd(18)];
  if (!json) console.log([...title, "its way"].join(" "));
  let failed = 0;
  for (const row of [...BY_TIME, ...byRules()]) {
    const { name, isBound, copy, percent: earned, judge } = bestOf(row);
    const holds = !isBound || earned[1] < 100;
    if (!holds) failed++;
    const marked = `${copy}${holds ? "" : " !"}`;
    if (json) console.log(JSON.stringify({ name, copy, percent: earned, judge, isBound, holds }));
    else console.log(`${name.padEnd(66)} ${text(earned)} ${text(judge)} ${marked}`);
  }
  return failed;
}

if (values.live) {
  const failed = await playRuns({
    runs: Number(values.runs),
    windows: Number(values.windows),
    shield: !values["no-shield"],
    json: values.json,
  });
  if (failed > 0) process.exitCode = 1;
} else if (draw(values.json) > 0) process.exitCode = 1;
