/** @file The matrix: what goes wrong, with whom, in which phase, for how many windows. */
import { type Dice, diceOf } from "../outcome/dice.ts";

/** What goes wrong. */
const WHATS = [
  "stop",
  "pause",
  "kill",
  "disk-full",
  "partition",
  "chain-stall",
  "clock-off",
] as const;
/** "stake-moved": stake that lies on a hotkey for one block; in special cells only. */
export type What = (typeof WHATS)[number] | "stake-moved";

/** With whom. "half": one half of the nodes against the other. */
export type Whom = "majority" | "minority" | "miner" | "everybody" | "half" | "chain";

const PHASES = ["train", "commit", "reveal", "judge"] as const;
/** In which phase it begins, and ends. */
export type FaultPhase = (typeof PHASES)[number];

/** One fault. */
export type SimulatedFault = {
  readonly what: What;
  readonly whom: Whom;
  readonly phase: FaultPhase;
  /** FOR_GOOD: it is never over. */
  readonly windows: number;
};

/** Length of a fault that is never over. */
export const FOR_GOOD = Infinity;

/** A cell of the matrix: one fault, or several at once. */
export type Cell = {
  readonly name: string;
  readonly seed: number;
  readonly faults: readonly SimulatedFault[];
  /** Windows over which pay is measured. */
  readonly payWindows: number;
};

type Unpaid = Omit<Cell, "payWindows">;
/** What the bound on pay is about, and what the short form has time for. */
const PAY_WINDOWS = { whole: 20, short: 3 } as const;

const LENGTHS = [1, 2, 5, 20] as const;
const NODES = ["majority", "minority", "miner", "everybody"] as const;

/** Whom a fault can meet. The chain is not a node: whatever happens to its process, no block is made. */
const WHOM: { readonly [W in (typeof WHATS)[number]]: readonly Whom[] } = {
  stop: NODES,
  pause: NODES,
  kill: NODES,
  "disk-full": NODES,
  partition: ["majority", "minority", "miner", "half"],
  "chain-stall": ["chain"],
  "clock-off": ["everybody"],
};

/** A fault in words: `kill-miner-commit-5`. */
function nameOf({ what, whom, phase, windows }: SimulatedFault): string {
  return `${what}-${whom}-${phase}-${windows}`;
}

/** What the rules of counting stake are for, each once. */
function specials(): readonly Unpaid[] {
  const gone = { what: "kill", whom: "majority", phase: "train", windows: FOR_GOOD } as const;
  const away = { what: "pause", whom: "majority", phase: "train", windows: 5 } as const;
  const moved = { what: "stake-moved", whom: "minority", phase: "judge", windows: 1 } as const;
  return [
    { name: "majority-gone-for-good", seed: 1, faults: [gone] },
    { name: "stake-moved-for-a-block", seed: 2, faults: [away, moved] },
  ];
}

/** Every fault alone. */
function singles(): readonly Unpaid[] {
  const faults = WHATS.flatMap((what) =>
    WHOM[what].flatMap((whom) =>
      PHASES.flatMap((phase) =>
        LENGTHS.map((windows): SimulatedFault => ({ what, whom, phase, windows })),
      ),
    ),
  );
  return faults.map((fault, index) => ({ name: nameOf(fault), seed: index + 1, faults: [fault] }));
}

function drawn(dice: Dice): SimulatedFault {
  const what = dice.one(WHATS);
  return { what, whom: dice.one(WHOM[what]), phase: dice.one(PHASES), windows: dice.one(LENGTHS) };
}

/** Whether two faults can be put in and taken out without undoing each other. */
function areApart(one: SimulatedFault, other: SimulatedFault): boolean {
  const processes = ["stop", "pause", "kill", "disk-full"];
  if (one.what === other.what) return processes.includes(one.what) && one.whom !== other.whom;
  if (!processes.includes(one.what) || !processes.includes(other.what)) return true;
  return one.whom !== other.whom && one.whom !== "everybody" && other.whom !== "everybody";
}

/** `count` pairs of faults that a seed chooses. */
function pairs(count: number, seed: number): readonly Unpaid[] {
  const dice = diceOf(seed);
  const cells: Unpaid[] = [];
  while (cells.length < count) {
    const [one, other] = [drawn(dice), drawn(dice)];
    if (!areApart(one, other)) continue;
    const name = `${nameOf(one)}+${nameOf(other)}`;
    if (cells.some((cell) => cell.name === name)) continue;
    cells.push({ name, seed: seed + cells.length, faults: [one, other] });
  }
  return cells;
}

/** The whole matrix: every fault alone, what is special, and `count` pairs that a seed chooses. */
export function matrixOf(count: number, seed: number): readonly Cell[] {
  const cells = [...singles(), ...specials(), ...pairs(count, seed)];
  return cells.map((cell) => ({ ...cell, payWindows: PAY_WINDOWS.whole }));
}

/** A dozen cells, one of each kind at least: what every test run can afford. */
export function shortForm(): readonly Cell[] {
  const wanted = [
    "pause-majority-judge-1",
    "pause-everybody-train-5",
    "kill-majority-judge-1",
    "kill-everybody-reveal-2",
    "disk-full-majority-reveal-1",
    "disk-full-miner-train-2",
    "partition-half-commit-2",
    "partition-miner-reveal-1",
    "chain-stall-chain-judge-5",
    "clock-off-everybody-train-2",
    "majority-gone-for-good",
    "stake-moved-for-a-block",
  ];
  return [...singles(), ...specials()]
    .filter(({ name }) => wanted.includes(name))
    .map((cell) => ({ ...cell, payWindows: PAY_WINDOWS.short }));
}
