/** @file Honest work: assigned pages -> H inner steps -> compressed pseudo-gradient -> encoded update. */
import { KernelError } from "../../kernels/errors.ts";
import type { TrainRequest } from "../../kernels/engine/calls.ts";
import type { Participant } from "../../src/neuron/participant.ts";
import { Reminder } from "../../src/neuron/reminder.ts";
import type { SparseUpdate } from "../../src/protocol/codec.ts";
import { encodeWork, type Strategy } from "./strategy.ts";

/** The token batches of a window on the pages that the chain assigned to this hotkey; null while it has no uid. */
async function assignedTokens(miner: Participant, window: number): Promise<Int32Array | null> {
  const { neuron, subnet, run, record } = miner;
  const hotkeys = await record.hotkeys(window);
  const uid = hotkeys.indexOf(neuron.signer.publicKey);
  if (uid === -1) return null;
  const hash = await subnet.blocks.hashOf(run.clock.seedBlock(window));
  return run.trainingTokens(run.assignKey(window, hash), { uid, neurons: hotkeys.length });
}

/** Tells a person whose hotkey is not on the subnet (any more) how to get back. */
async function tellUnregistered(
  { neuron, subnet }: Participant,
  reminder: Reminder,
  window: number,
): Promise<void> {
  const { chain, netuid } = subnet;
  if ((await chain.neuronOf(netuid, neuron.signer.publicKey)) !== null) {
    neuron.say(`window ${window}: this hotkey got its uid after the window began; the next one`);
    return;
  }
  const keep = ["wallet", "hotkey", "walletFolder", "netuid", "endpoint", "genesis"];
  const line = neuron.line({ ours: "miner register", keep });
  reminder.tell(
    window,
    "",
    `window ${window}: this hotkey has no uid on subnet ${netuid} any more, so nothing can be earned. Register it again:\n  ${line}`,
  );
}

/** What costs a window and nothing else: no update of it could be sent. */
const COSTS_THE_WINDOW: ReadonlyMap<string, string> = new Map([
  ["not-finite", "training diverged"],
  ["device-lost", "the GPU failed, and is started anew for the next window"],
]);

/** Mean loss of the inner steps and the update that they made; null when there is nothing to send. */
async function trained(
  { engine, run, neuron }: Participant,
  request: TrainRequest,
): Promise<{ readonly loss: number; readonly update: SparseUpdate } | null> {
  const { codec, inner } = run.manifest;
  try {
    const { losses } = await engine.train(request);
    const { update } = await engine.compress({ ...codec, beta: inner.errorDecay });
    return { loss: losses.reduce((sum, one) => sum + one, 0) / losses.length, update };
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    const what = COSTS_THE_WINDOW.get(error.code);
    if (what === undefined) throw error;
    neuron.say(`${what}; nothing to send in this window: ${error.message}`);
    return null;
  }
}

/**
 * The first inner steps of what the chain assigned, as many as `stepsOf` says for a window. Skips a window whose deadline is
 * already past.
 */
export function training(miner: Participant, stepsOf: (window: number) => number): Strategy {
  const { neuron, subnet, run } = miner;
  const { inner, model } = run.manifest;
  const unregistered = new Reminder(neuron.say);
  return async (window) => {
    if (subnet.blocks.current.number >= run.clock.deadlineBlock(window)) return null;
    const tokens = await assignedTokens(miner, window);
    if (tokens === null) {
      await tellUnregistered(miner, unregistered, window);
      return null;
    }
    unregistered.over();
    const steps = stepsOf(window);
    const length = steps * inner.batch * (model.context + 1);
    const learningRates = run.learningRates(window).slice(0, steps);
    const made = await trained(miner, { tokens: tokens.slice(0, length), learningRates });
    if (made === null) return null;
    const { loss, update } = made;
    const work = encodeWork(miner, window, update, loss);
    neuron.say(
      `window ${window}: ${steps} inner steps, training loss ${loss.toFixed(3)}, update of ${work.bytes.length} bytes`,
    );
    return work;
  };
}

/** Trains what the chain assigned, all of it. */
export function honest(miner: Participant): Strategy {
  return training(miner, () => miner.run.manifest.inner.steps);
}
