/** @file Seeded kills: one process in each of many windows, at any moment of it, started again at once. */
import { setTimeout as sleep } from "node:timers/promises";
import type { CaseResult } from "../outcome/result.ts";
import { type Dice, diceOf } from "../outcome/dice.ts";
import type { Ledger } from "./ledger.ts";
import { type Network, statusOf, until } from "./network.ts";
import { type RealOptions, watched } from "./run-case.ts";

const BEFORE_WINDOWS = 3;
const BACK_MS = 120_000;
/** More than half of all stake. */
const MAJORITY = "validator-1";

/** From when to when a process was away, in blocks. */
type Absence = { readonly name: string; readonly from: number; to: number };

/** Kills one process and starts it again; the absence ends once it stands in the run's window again. */
async function killOne(net: Network, name: string, absences: Absence[]): Promise<void> {
  const height = (): number => net.subnet.blocks.current.number;
  const node = net.nodes.find((one) => one.name === name);
  const process = node?.process ?? net.chain;
  const absence: Absence = { name, from: height(), to: Infinity };
  absences.push(absence);
  net.step(`kill ${name} at block ${height()}`);
  await process.kill();
  process.start();
  if (node === undefined) await process.ready;
  else
    await until(
      `${name} is back`,
      async () => ((await statusOf(node))?.window ?? -1) >= net.clock.windowOf(height()),
      BACK_MS,
    );
  absence.to = height();
}

async function killAll(net: Network, dice: Dice, count: number): Promise<Absence[]> {
  const names = ["chain", ...net.nodes.map(({ name }) => name)];
  const absences: Absence[] = [];
  const kills: Promise<void>[] = [];
  for (let kill = 0; kill < count; kill++) {
    const [name, moment] = [dice.one(names), dice.fraction()];
    const window = BEFORE_WINDOWS + kill;
    await net.subnet.blocks.reached(net.clock.startBlock(window), net.signal);
    await sleep(moment * net.windowMs);
    // Who is still on its way back is spared this time.
    if (!absences.some((one) => one.name === name && one.to === Infinity))
      kills.push(killOne(net, name, absences));
  }
  await Promise.all(kills);
  return absences;
}

/** Windows that were null though the majority, the chain and some miner had been there all the time. */
function lostWindows(net: Network, ledger: Ledger, absences: readonly Absence[]): string[] {
  const needed = absences.filter(({ name }) => name === MAJORITY || name === "chain");
  return ledger.rows.flatMap(({ window, committed, accepted }) => {
    const [first, last] = [net.clock.startBlock(window), net.clock.lastJudgeBlock(window)];
    const away = needed.some(({ from, to }) => from <= last && to >= first);
    if (away || accepted.length > 0 || committed.length === 0) return [];
    return [`window ${window} had a quorum and was lost`];
  });
}

/** Runs `count` kills of a seed. */
export async function runKills(
  options: RealOptions & { readonly count: number; readonly seed: number },
): Promise<CaseResult> {
  const { count, seed } = options;
  return watched(`kills-${count}-seed-${seed}`, options, async (net, ledger) => {
    const [absences] = await Promise.all([
      killAll(net, diceOf(seed), count),
      ledger.through(BEFORE_WINDOWS + count - 1),
    ]);
    const healed = ledger.now;
    await ledger.through(healed);
    const lost = lostWindows(net, ledger, absences);
    const nulls = ledger.rows.filter(({ accepted }) => accepted.length === 0).length;
    net.step(
      `${absences.length} kills, ${ledger.rows.length} windows, ${nulls} null, ${lost.length} lost`,
    );
    return { ledger, healed, causes: lost };
  });
}
