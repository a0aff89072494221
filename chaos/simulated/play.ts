/** @file Plays one cell: a world of its own, its faults, and what became of every window. */
import type { Material } from "../../simulation/material.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { Voter } from "../../src/protocol/acceptance.ts";
import { diceOf } from "../outcome/dice.ts";
import { WITHIN } from "../outcome/result.ts";
import { arrange, FAULT_WINDOW, type Trouble, troubleOf } from "./faults.ts";
import { type Cell, FOR_GOOD } from "./plan.ts";
import { openStage, type Stage } from "./stage.ts";

/** A window as it went. */
export type PlayedWindow = {
  readonly window: number;
  readonly committed: readonly number[];
  readonly accepted: readonly number[];
  readonly voters: readonly Voter[];
};

/** What is left of a cell to judge. */
export type Played = {
  readonly stage: Stage;
  readonly troubles: readonly Trouble[];
  readonly rows: readonly PlayedWindow[];
  /** Window in which the last fault was over. */
  readonly healed: number;
  /** Digests by window, by name of who derived them, "votes" among them. */
  readonly digests: ReadonlyMap<number, ReadonlyMap<string, ReadonlySet<Hex>>>;
  /** Nodes whose process had ended by itself at the end. */
  readonly ended: readonly string[];
};

/** Until 40 % of the stake are most of what counts (docs/protocol.md#7-acceptance). */
const WITHOUT_MAJORITY = 9;

/** Windows within which training has to go on. */
export function withinOf({ faults }: Pick<Cell, "faults">): number {
  return faults.some(({ windows }) => windows === FOR_GOOD) ? WITHOUT_MAJORITY : WITHIN;
}

/** Digests that were seen. */
class Digests {
  readonly byWindow = new Map<number, Map<string, Set<Hex>>>();

  note(window: number, who: string, digest: Hex): void {
    const byName = this.byWindow.get(window) ?? new Map<string, Set<Hex>>();
    this.byWindow.set(window, byName.set(who, (byName.get(who) ?? new Set()).add(digest)));
  }

  /** What every living node has derived so far: a kill would take it along. */
  look({ world }: Stage): void {
    for (const node of world.nodes)
      for (const [window, digest] of world.digestsOf(node)) this.note(window, node.name, digest);
  }
}

const uidsOf = (all: readonly { readonly uid: number }[]): number[] => all.map(({ uid }) => uid);

async function rowOf({ minority }: Stage, window: number): Promise<[PlayedWindow, Hex | null]> {
  const record = minority.node.participant?.record;
  if (record === undefined) throw new Error("nobody is left to read the chain's record");
  const [commits, outcome] = await Promise.all([record.commits(window), record.outcome(window)]);
  const { voters, thetaDigest } = outcome;
  const [committed, accepted] = [uidsOf(commits), uidsOf(outcome.accepted)];
  return [{ window, committed, accepted, voters }, thetaDigest];
}

/** Plays a cell and lets `judge` look before everything is closed. @throws Error when a process ended that should not */
export async function play<T>(
  cell: Cell,
  material: Material,
  judge: (played: Played) => T,
): Promise<T> {
  const stage = openStage(cell.seed, material);
  const { world } = stage;
  const { clock } = world.run;
  const dice = diceOf(cell.seed);
  const troubles = cell.faults.map((fault) => troubleOf(stage, fault));
  const rightNow = Date.now;
  try {
    for (const trouble of troubles) arrange(stage, trouble, dice);
    const ends = troubles.map(({ to }) => to).filter((to) => to !== FOR_GOOD);
    const healed = Math.max(...ends.map((to) => clock.windowOf(to)), FAULT_WINDOW);
    const windows = healed + withinOf(cell) + 1 + cell.payWindows;
    const digests = new Digests();
    for (let window = 1; window <= windows; window++)
      world.atBlock(clock.startBlock(window), () => digests.look(stage));
    for (const node of world.nodes) node.start();
    await world.runTo(clock.startBlock(windows) + 1);
    digests.look(stage);
    const rows: PlayedWindow[] = [];
    for (let window = 0; window < windows; window++) {
      const [row, voted] = await rowOf(stage, window);
      rows.push(row);
      if (voted !== null) digests.note(window, "votes", voted);
    }
    const ended = world.nodes.filter(({ failure }) => failure !== null).map(({ name }) => name);
    return judge({ stage, troubles, rows, healed, digests: digests.byWindow, ended });
  } finally {
    Date.now = rightNow;
    await world.close();
  }
}
