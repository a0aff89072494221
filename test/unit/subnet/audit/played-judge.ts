/** @file The validators of a played run, where they hide their weights: by the validator's own code, a block at a time. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ChainClient } from "../../../../chain/client/client.ts";
import type { EmbeddedChain } from "../../../../chain/embedded/chain.ts";
import type { Signer } from "../../../../chain/wallet/signer.ts";
import type { Log } from "../../../../src/command/log.ts";
import type { NeuronState } from "../../../../src/neuron/state.ts";
import type { Run } from "../../../../src/run/run.ts";
import type { Subnet } from "../../../../src/run/subnet.ts";
import { HiddenWeights } from "../../../../validator/hidden-weights.ts";
import type { Memory } from "../../../../validator/memory.ts";
import { participantOf } from "../../participant.ts";
import { stub } from "../../stub.ts";

/** A validator: one that is to hide its weights, or one that sets them at once. */
export type Judge = {
  readonly signer: Signer;
  readonly memory: Memory;
  readonly hidden: { readonly weights: HiddenWeights; readonly reveals: () => number } | null;
};

/** What the validators reveal after the newest block; each is on its way when this resolves. */
export async function reveals(
  subnet: Subnet,
  judges: readonly Judge[],
): Promise<readonly Promise<unknown>[]> {
  const sent: Promise<unknown>[] = [];
  for (const { hidden } of judges) {
    if (hidden === null) continue;
    const before = hidden.reveals();
    const step = hidden.weights.step(subnet.blocks.current);
    const isOver = async (): Promise<boolean> =>
      Promise.race([step.then(() => true), sleep(2, false)]);
    while (!(await isOver()) && hidden.reveals() === before);
    if (hidden.reveals() > before) sent.push(step);
  }
  return sent;
}

/** A judge's weights, hidden. */
export async function hiding(
  about: {
    readonly subnet: Subnet;
    readonly run: Run;
    readonly folder: string;
    readonly signer: Signer;
  },
  memory: Memory,
): Promise<NonNullable<Judge["hidden"]>> {
  const { subnet, run, folder, signer } = about;
  let count = 0;
  const revealWeights: ChainClient["revealWeights"] = async (...args) => {
    count++;
    return subnet.chain.revealWeights(...args);
  };
  const node = participantOf({
    ...subnet,
    chain: stub<ChainClient>({ ...subnet.chain, revealWeights }),
    signer,
    state: stub<NeuronState>({ folder }),
    log: stub<Log>({ warn: () => undefined }),
    signal: new AbortController().signal,
    say: () => undefined,
  });
  const weights = await HiddenWeights.open(node);
  await weights.joined(run, memory);
  return { weights, reveals: () => count };
}

/** Block 1: the owner hides weights. */
export async function switchOn(
  chain: EmbeddedChain,
  { chain: client, blocks, netuid }: Subnet,
  coldkey: Signer,
): Promise<void> {
  const change = { name: "commitReveal", value: true } as const;
  const sent = client.setOwnerParameter(coldkey, netuid, change);
  while (chain.pool.readyCount === 0) await sleep(2);
  const { number } = await chain.seal();
  await Promise.all([sent, blocks.reached(number, new AbortController().signal)]);
}
