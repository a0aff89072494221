/** @file What a played cell has to hold. */
import { FAULT_WINDOW } from "./faults.ts";
import { countingSixteenths } from "../../src/protocol/acceptance.ts";
import { brokenBounds, type CaseResult, recoveryOf, WITHIN } from "../outcome/result.ts";
import { type Cell, FOR_GOOD } from "./plan.ts";
import { type Played, type PlayedWindow, withinOf } from "./play.ts";

const AWAY = ["stop", "pause", "kill", "disk-full"];

/** Names of those who can work together in a window: all that are there, or of each side of a wall. */
function sidesOf({ stage, troubles }: Played, window: number): readonly (readonly string[])[] {
  const { clock } = stage.world.run;
  const [first, last] = [clock.startBlock(window), clock.lastJudgeBlock(window)];
  const inForce = troubles.filter(({ from, to }) => from <= last && to >= first);
  const away = new Set(
    inForce
      .filter(({ fault }) => AWAY.includes(fault.what))
      .flatMap(({ nodes }) => nodes.map(({ name }) => name)),
  );
  const there = stage.world.nodes.map(({ name }) => name).filter((name) => !away.has(name));
  const wall = inForce.find(({ fault }) => fault.what === "partition");
  if (wall === undefined) return [there];
  const inside = new Set(wall.nodes.map(({ name }) => name));
  return [there.filter((name) => inside.has(name)), there.filter((name) => !inside.has(name))];
}

/** Whether some side of a window had most of the counting stake, and a miner. */
function hadQuorum(played: Played, { window, voters }: PlayedWindow): boolean {
  const { world } = played.stage;
  const seats = world.chain.at(world.run.clock.seedBlock(window)).state.seats;
  const nameOf = (uid: number): string | undefined =>
    world.nodes.find(({ hotkey }) => hotkey === seats[uid]?.hotkey)?.name;
  const counting = voters.filter(({ permit, stake }) => permit && stake > 0n);
  const sum = (of: typeof counting): bigint =>
    of.reduce((total, voter) => total + countingSixteenths(voter), 0n);
  return sidesOf(played, window).some((side) => {
    const ours = counting.filter(({ uid }) => side.includes(nameOf(uid) ?? ""));
    const hasMiner = side.some((name) => name.startsWith("miner"));
    return hasMiner && 2n * sum(ours) > sum(counting);
  });
}

/** Windows in which training stood still though a quorum had been there for two windows before. */
function standstills(played: Played): string[] {
  const { rows } = played;
  const quorums = rows.map((row) => hadQuorum(played, row));
  return rows.flatMap(({ window, accepted }) => {
    const owed = quorums.slice(Math.max(0, window - WITHIN), window + 1).every((had) => had);
    return owed && accepted.length === 0 ? [`window ${window} is null despite a quorum`] : [];
  });
}

/** The first window whose parameters were derived differently, in words; null: none. */
function differenceOf({ digests, stage, rows, troubles }: Played): string | null {
  for (const [window, byName] of digests) {
    const found = new Set([...byName.values()].flatMap((own) => [...own]));
    if (found.size > 1)
      return `window ${window}: ${found.size} digests by ${[...byName.keys()].join(", ")}`;
  }
  const last = digests.get(rows.length);
  const gone = troubles.filter(({ to }) => to === FOR_GOOD).flatMap(({ nodes }) => nodes);
  const left = stage.world.nodes.filter((node) => !gone.includes(node));
  const missing = left.filter(({ name }) => !last?.has(name));
  return missing.length === 0
    ? null
    : `${missing.map(({ name }) => name).join(", ")} did not get to window ${rows.length}`;
}

/** Smallest pay of a miner over `windows` windows from `from` on, as a part of an equal share. */
function leastPay({ stage }: Played, from: number, windows: number): number {
  const { world, miners } = stage;
  const { clock } = world.run;
  const before = world.chain.at(clock.startBlock(from)).state.paidRao;
  const after = world.chain.at(clock.startBlock(from + windows)).state.paidRao;
  const paid = miners.map(({ hotkey }) =>
    Number((after.get(hotkey) ?? 0n) - (before.get(hotkey) ?? 0n)),
  );
  const total = paid.reduce((sum, one) => sum + one, 0);
  return total === 0 ? 0 : (Math.min(...paid) * paid.length) / total;
}

/** Windows that stake of one block decided. */
function bought({ troubles, rows }: Played): string[] {
  if (!troubles.some(({ fault }) => fault.what === "stake-moved")) return [];
  const absent = troubles.find(({ fault }) => fault.what === "pause")?.fault.windows ?? 0;
  const during = rows.slice(FAULT_WINDOW, FAULT_WINDOW + absent);
  return during.flatMap(({ window, accepted }) =>
    accepted.length === 0 ? [] : [`stake of one block decided window ${window}`],
  );
}

/** How the cell ended. */
export function judgedCell({ name, faults, payWindows }: Cell, played: Played): CaseResult {
  const { rows, healed, stage, ended } = played;
  const miners = stage.miners.length;
  // So small a model refuses an update now and then for what it is worth.
  const recovered = recoveryOf(rows, { healed, miners, least: miners - 1 });
  const difference = differenceOf(played);
  const from = Math.min(healed + (recovered ?? 0), rows.length - payWindows);
  const result = {
    name,
    recoveredAfterWindows: recovered,
    digestsEqual: difference === null,
    leastPay: leastPay(played, from, payWindows),
    payWindows,
    folder: null,
  };
  return {
    ...result,
    causes: [
      ...brokenBounds(result, withinOf({ faults })),
      ...(difference === null ? [] : [difference]),
      ...standstills(played),
      ...bought(played),
      ...ended.map((one) => `the process of ${one} had ended`),
    ],
  };
}
