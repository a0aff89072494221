/**
 * @file A committed update on disk until it is revealed: a miner that is killed between the two still delivers it, since the
 * chain's record already says that it exists.
 */
import type { Participant } from "../src/neuron/participant.ts";
import type { NeuronState } from "../src/neuron/state.ts";
import { readUpdateHeader, UPDATE_HEADER_BYTES } from "../src/protocol/update.ts";
import type { Work } from "./strategies/strategy.ts";

const FILE = "unrevealed.bin";

/** The update that was kept last; null when there is none, or what is there is none. */
export async function loadUnrevealed({
  load,
}: Pick<NeuronState, "load">): Promise<Uint8Array | null> {
  const bytes = await load(FILE);
  return bytes === null || bytes.length < UPDATE_HEADER_BYTES ? null : bytes;
}

/** Keeps an update before its digest goes to the chain. @throws AssayError disk-full */
export async function keepUnrevealed({ neuron }: Participant, work: Work): Promise<void> {
  await neuron.state.save(FILE, work.bytes);
}

/** Hands out an update from `block` on: not before its window's deadline is final. */
async function handOut(
  { subnet, neuron }: Participant,
  bytes: Uint8Array,
  block: number,
): Promise<void> {
  await subnet.blocks.reached(block, neuron.signal);
  await subnet.blobs.put(bytes);
}

/** Makes the payload readable once the deadline block is final. */
export async function reveal(miner: Participant, work: Work): Promise<void> {
  await handOut(miner, work.bytes, miner.run.clock.deadlineBlock(work.window) + 1);
}

/** Reveals what an earlier process of this miner committed last in this run, if that is still to be done. */
export async function revealKept(miner: Participant): Promise<void> {
  const bytes = await loadUnrevealed(miner.neuron.state);
  if (bytes === null) return;
  const header = readUpdateHeader(bytes);
  const window = Number(header.window);
  const { run } = miner;
  // An earlier window's verdict is out: nobody asks for it any more.
  if (header.runId !== run.runId || window < miner.follower.window - 1) return;
  await handOut(miner, bytes, run.clock.deadlineBlock(window) + 1);
}
