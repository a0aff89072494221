/** @file The suite on endpoints: faults at the pace of a real neuron, then forks; what was found, in figures. */
import { diceOf } from "../outcome/dice.ts";
import { type PlayedForks, playForks } from "./forks.ts";
import type { Judged } from "./judge.ts";
import { QUICK, USUAL } from "./plan.ts";
import { type Played, playFaults } from "./play.ts";

/** What the suite found. */
export type RpcReport = { readonly faults: Played; readonly forks: PlayedForks };

/** Blocks come faster where nothing waits for a clock. */
const FORKS = { rounds: 24, tempo: 24, blockMs: 60 };
const FEW_FORKS = { ...FORKS, rounds: 3 };

/** Plays all of it, in about five minutes; `short`: in half of one. */
export async function runRpc(
  { seed, short }: { readonly seed: number; readonly short: boolean },
  say: (text: string) => void,
): Promise<RpcReport> {
  const pace = short ? QUICK : USUAL;
  const plan = short ? FEW_FORKS : FORKS;
  const { blockMs, tempo, faultMs } = pace;
  say(
    `faults of endpoints: blocks of ${blockMs} ms, an epoch every ${(tempo * blockMs) / 1000} s, each fault ${faultMs / 1000} s`,
  );
  const faults = await playFaults(pace, (text) => say(`  ${text}`));
  for (const line of linesOf(faults)) say(`  ${line}`);
  say(`forks: ${plan.rounds}, of one or two blocks, seed ${seed}`);
  const forks = await playForks(plan, diceOf(seed));
  say(`  ${forks.replaced} blocks replaced, with ${forks.orphans} extrinsics in them`);
  for (const line of linesOf(forks)) say(`  ${line}`);
  return { faults, forks };
}

/** Whether everything held. */
export function held({ faults, forks }: RpcReport): boolean {
  return faults.causes.length === 0 && forks.causes.length === 0;
}

function linesOf(found: Judged): string[] {
  const { due, set, extrinsics, duplicates, heads, foreignHeads, notFinal, causes } = found;
  return [
    `weights in ${set} of ${due} tempos through which an endpoint was well`,
    `${extrinsics} extrinsics on the chain, ${duplicates} of them twice`,
    `${heads} heads read, ${foreignHeads} of them not the chain's; ${notFinal} reads of blocks that were not final`,
    ...causes.map((cause) => `FAILED: ${cause}`),
  ];
}
