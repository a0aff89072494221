/** @file What a miner earned: how the stake of its hotkey grew since the window before, and since it joined the run. */
import { z } from "zod";
import { taoText } from "../base/tao.ts";
import type { Participant } from "../src/neuron/participant.ts";

const FILE = "earnings.json";

/** The stake from which the total counts. */
const baselineSchema = z.strictObject({
  runId: z.string(),
  window: z.int().min(0),
  stakeRao: z.string().regex(/^\d{1,39}$/),
});
type Baseline = { readonly window: number; readonly stakeRao: bigint };

/** Growth in words; stake that was taken away is not called a loss. */
function growthText(rao: bigint): string {
  return rao < 0n ? `${taoText(-rao, "alpha")} less staked` : `earned ${taoText(rao, "alpha")}`;
}

/** Counts the earnings of one miner in one run, over restarts. */
export class Earnings {
  readonly #miner: Participant;
  #first: Baseline | null = null;
  #last: Baseline | null = null;

  constructor(miner: Participant) {
    this.#miner = miner;
  }

  /** The stake of the hotkey at the end of a window. */
  async #stakeAfter(window: number): Promise<bigint> {
    const { neuron, subnet, run } = this.#miner;
    const { chain, blocks, netuid } = subnet;
    const at = await blocks.hashOf(run.clock.lastJudgeBlock(window));
    const [stake] = await chain.stakes(netuid, [neuron.signer.publicKey], at);
    return stake ?? 0n;
  }

  async #saved(): Promise<Baseline | null> {
    const { neuron, run } = this.#miner;
    const bytes = await neuron.state.load(FILE);
    if (bytes === null) return null;
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const saved = baselineSchema.safeParse(value);
    if (!saved.success || saved.data.runId !== run.runId) return null;
    return { window: saved.data.window, stakeRao: BigInt(saved.data.stakeRao) };
  }

  async #begin(now: Baseline): Promise<Baseline> {
    const saved = await this.#saved();
    if (saved !== null) return saved;
    const { neuron, run } = this.#miner;
    const text = JSON.stringify({ runId: run.runId, ...now, stakeRao: String(now.stakeRao) });
    await neuron.state.save(FILE, new TextEncoder().encode(text));
    return now;
  }

  /** Tells what the window that just ended brought; the first one only sets the beginning. */
  async tell(window: number): Promise<void> {
    const now = { window, stakeRao: await this.#stakeAfter(window) };
    this.#first ??= await this.#begin(now);
    const last = this.#last;
    this.#last = now;
    if (last === null) return;
    const total = taoText(now.stakeRao - this.#first.stakeRao, "alpha");
    this.#miner.neuron.say(
      `window ${window}: ${growthText(now.stakeRao - last.stakeRao)} since window ${last.window}; ${total} since window ${this.#first.window}, stake ${taoText(now.stakeRao, "alpha")}`,
    );
  }
}
