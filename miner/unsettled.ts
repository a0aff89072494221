/**
 * @file The optimizer's state after an update, on disk until the votes say what became of it: a miner that is killed in between
 * would otherwise train on with an error feedback in which an applied update still lies, and be refused for sending it again.
 */
import type { MomentState } from "../kernels/engine/calls.ts";
import type { Participant } from "../src/neuron/participant.ts";
import { concatBytes } from "../src/protocol/bytes.ts";
import { LOOK_BACK_WINDOWS } from "../src/protocol/acceptance.ts";
import { bytesOf, hexOf, updateDigest } from "../src/protocol/digest.ts";
import { readUpdate, readUpdateHeader } from "../src/protocol/update.ts";
import { decodeMoments, encodeMoments } from "./moments.ts";
import { movedOn } from "./settle.ts";
import type { Work } from "./strategies/strategy.ts";
import { loadUnrevealed } from "./unrevealed.ts";

const FILE = "unsettled.bin";
/** Digest of the update, its training loss as float64. */
const HEADER_BYTES = 40;

/** An update that an earlier process of this miner made, with the optimizer's state after it. */
export type Begun = { readonly work: Work; readonly moments: MomentState };

/** Keeps the engine's state as it is after `work`, before the digest goes to the chain. @throws AssayError disk-full */
export async function keepUnsettled(miner: Participant, work: Work): Promise<void> {
  const { engine, run, neuron } = miner;
  if (work.trainingLoss === null) return;
  const header = new Uint8Array(HEADER_BYTES);
  header.set(bytesOf(work.digest));
  new DataView(header.buffer).setFloat64(32, work.trainingLoss, true);
  const moments = encodeMoments(run.runId, await engine.momentState(), run.layout.total);
  await neuron.state.save(FILE, concatBytes([header, moments]));
}

/** What was kept last, if it is of this run and the update that it is about is there too. */
export async function begunWork({ neuron, run }: Participant): Promise<Begun | null> {
  const [saved, bytes] = [await neuron.state.load(FILE), await loadUnrevealed(neuron.state)];
  if (saved === null || saved.length < HEADER_BYTES || bytes === null) return null;
  const moments = decodeMoments(run.runId, saved.subarray(HEADER_BYTES), run.layout.total);
  const digest = hexOf(saved.subarray(0, 32));
  if (moments === null || digest !== updateDigest(bytes)) return null;
  const { window, hotkey, baseDigest } = readUpdateHeader(bytes);
  const expected = run.expectedHeader(Number(window), hotkey, baseDigest);
  const reading = readUpdate(bytes, run.updateLayout, expected);
  if (!reading.ok) return null;
  const trainingLoss = new DataView(saved.buffer, saved.byteOffset).getFloat64(32, true);
  const work = { window: Number(window), update: reading.update, bytes, digest, trainingLoss };
  return { work, moments };
}

/** The state from which the next window begins, once a window that an earlier process worked in is over. */
async function settleBegun(
  miner: Participant,
  { work, moments }: Begun,
  before: MomentState,
): Promise<MomentState> {
  const { engine, record, follower } = miner;
  const outcome = await record.outcome(work.window);
  const derived = follower.digestOf(work.window) ?? outcome.thetaDigest;
  const own = outcome.thetaDigest === derived ? outcome : { ...outcome, accepted: [] };
  await engine.setMomentState(moments);
  return movedOn(miner, { work, outcome: own, moments: before });
}

/** What a window begins with. */
export type Start = {
  /** Its update, where an earlier process made one. */
  readonly work: Work | null;
  /** The optimizer's state before the window, to which a null window goes back. */
  readonly moments: MomentState;
};

/**
 * Begins the window that is running with what an earlier process of this miner left. An update of this very window is taken up, with the
 * engine's state after it. Of a window that is over since, the optimizer's state becomes what it would be had that process lived on; of
 * one so long ago that nothing compares with it, it stays.
 * @param before the optimizer's state as it was saved last: before the work that was begun
 */
export async function takeUp(
  miner: Participant,
  begun: Begun | null,
  before: MomentState,
): Promise<Start> {
  const { window } = miner.follower;
  if (begun === null || begun.work.window > window) return { work: null, moments: before };
  if (begun.work.window === window) {
    await miner.engine.setMomentState(begun.moments);
    return { work: begun.work, moments: before };
  }
  if (begun.work.window <= window - LOOK_BACK_WINDOWS) return { work: null, moments: before };
  return { work: null, moments: await settleBegun(miner, begun, before) };
}
