/** @file A validator without a permit is told so, what it needs, and how to get it; meanwhile it follows and scores. */
import { taoDigits, taoText } from "../base/tao.ts";
import type { PermitNeed } from "../chain/client/staking.ts";
import { Reminder } from "../src/neuron/reminder.ts";
import type { Connected } from "../src/neuron/neuron.ts";

/** When an epoch is, in words. */
function epochText(epoch: number | null, now: number): string {
  if (epoch === null) return "no epoch is due on this subnet";
  return `block ${epoch}, in ${Math.max(0, epoch - now)} blocks`;
}

/** What to tell a validator without a permit; `stakeLine` is the command that stakes what is missing. */
function permitText(need: PermitNeed, now: number, stakeLine: string): string {
  const epoch = epochText(need.permitEpoch, now);
  const state =
    "no validator permit: votes and weights of this hotkey do not count yet; it follows and scores meanwhile.";
  const has = `It has ${taoText(need.stakeRao, "alpha")}`;
  if (need.missingRao === 0n)
    return `${state} ${has}, which is enough: an epoch gives the permit when the stake has lain there since the one before (${epoch})`;
  return `${state} ${has} and needs ${taoText(need.neededRao, "alpha")}; staked now it counts from the epoch after the next (${epoch}). Other validators hold ${taoText(need.othersRao, "alpha")}; more than half of all decides. Stake what is missing:\n  ${stakeLine}`;
}

/** Looks after the permit of one validator. */
export class Permit {
  readonly #node: Connected;
  readonly #reminder: Reminder;
  #isGiven = false;

  constructor(node: Connected) {
    this.#node = node;
    this.#reminder = new Reminder(node.neuron.say);
  }

  /** Whether the chain takes weights of this validator, as of the last look. */
  get isGiven(): boolean {
    return this.#isGiven;
  }

  /** Reads the permit and tells people when it is there, and when it is missing, at first and again while that lasts. */
  async look(window: number): Promise<void> {
    const { neuron, subnet } = this.#node;
    const { chain, netuid, blocks } = subnet;
    const need = await chain.stakeForPermit(netuid, neuron.signer.publicKey);
    const hadIt = this.#isGiven;
    this.#isGiven = need.permitted;
    if (need.permitted) {
      this.#reminder.over();
      if (!hadIt)
        neuron.say("an epoch gave this validator its permit: its votes and weights count");
      return;
    }
    const stakeLine = neuron.line({
      ours: "miner stake",
      keep: ["wallet", "hotkey", "walletFolder", "netuid", "endpoint", "genesis"],
      set: { amount: taoDigits(need.missingRao) },
    });
    const key = need.missingRao === 0n ? "epoch" : "stake";
    this.#reminder.tell(window, key, permitText(need, blocks.current.number, stakeLine));
  }
}
