/** @file What strategies work with: assigned tokens, training, what others revealed. */
import { encodeWork, type Work } from "../../miner/strategies/strategy.ts";
import type { Participant } from "../../src/neuron/participant.ts";
import { lowerMedian } from "../../src/gauntlet/statistics.ts";
import { decodeBody, type SparseUpdate } from "../../src/protocol/codec.ts";
import { blake2b256, type Hex } from "../../src/protocol/digest.ts";
import { type Draws, drawsOf } from "../../src/protocol/draws.ts";
import { UPDATE_HEADER_BYTES } from "../../src/protocol/update.ts";
import type { Commit } from "../../src/run/chain-record.ts";
import { normOf } from "../../miner/strategies/values.ts";

/** Draws that belong to a hotkey, this miner's own without it, a window and a purpose. */
export function drawsFor(
  { neuron, run }: Participant,
  window: number,
  what: string,
  hotkey: Hex = neuron.signer.publicKey,
): Draws {
  const text = `${run.runId}/${hotkey}/${window}/${what}`;
  return drawsOf(blake2b256(new TextEncoder().encode(text)));
}

/** The token batches of a window on the pages assigned to `hotkey`, this miner's own without it; null while it has no uid. */
export async function assignedTokens(
  { neuron, subnet, run, record }: Participant,
  window: number,
  hotkey: Hex = neuron.signer.publicKey,
): Promise<Int32Array | null> {
  const hotkeys = await record.hotkeys(window);
  const uid = hotkeys.indexOf(hotkey);
  if (uid === -1) return null;
  const hash = await subnet.blocks.hashOf(run.clock.seedBlock(window));
  return run.trainingTokens(run.assignKey(window, hash), { uid, neurons: hotkeys.length });
}

/** Tokens of one inner step. */
export function tokensPerStep({ run }: Participant): number {
  const { inner, model } = run.manifest;
  return inner.batch * (model.context + 1);
}

/** The first `steps` inner steps on `tokens`, compressed, and their mean loss. Tokens too few for them are read again. */
export async function train(
  miner: Participant,
  window: number,
  tokens: Int32Array,
  steps: number = miner.run.manifest.inner.steps,
): Promise<{ readonly update: SparseUpdate; readonly loss: number }> {
  const { engine, run } = miner;
  const { codec, inner } = run.manifest;
  const wanted = new Int32Array(steps * tokensPerStep(miner));
  for (let at = 0; at < wanted.length; at += tokens.length)
    wanted.set(tokens.subarray(0, wanted.length - at), at);
  const learningRates = run.learningRates(window).slice(0, steps);
  const { losses } = await engine.train({ tokens: wanted, learningRates });
  const { update } = await engine.compress({ ...codec, beta: inner.errorDecay });
  return { update, loss: losses.reduce((sum, one) => sum + one, 0) / losses.length };
}

/** Honest training on one's own pages, as an update only; null without a uid. */
export async function trained(
  miner: Participant,
  window: number,
  steps?: number,
): Promise<{ readonly update: SparseUpdate; readonly loss: number } | null> {
  const tokens = await assignedTokens(miner, window);
  return tokens === null ? null : train(miner, window, tokens, steps);
}

/** A strategy that trains honestly and sends something else. */
export function bent(
  bend: (update: SparseUpdate, window: number, miner: Participant) => SparseUpdate,
): (miner: Participant) => (window: number) => Promise<Work | null> {
  return (miner) => async (window) => {
    const own = await trained(miner, window);
    return own === null ? null : encodeWork(miner, window, bend(own.update, window, miner), null);
  };
}

/** An update of somebody else that was revealed. */
export type Seen = { readonly commit: Commit; readonly update: SparseUpdate };

async function read({ subnet, neuron, run }: Participant, commit: Commit): Promise<Seen | null> {
  const bytes = await subnet.finder.tryFind(commit.digest, {
    limitBytes: run.maximumUpdateBytes,
    signal: neuron.signal,
    owner: commit.hotkey,
  });
  if (bytes === null) return null;
  try {
    const update = decodeBody(bytes.subarray(UPDATE_HEADER_BYTES), run.updateLayout);
    return { commit, update };
  } catch {
    return null; // another cheat's
  }
}

/** What others revealed in a window that is over, ascending by uid; `which`: applied by all, not applied, or either. */
export async function seen(
  miner: Participant,
  window: number,
  which: "applied" | "unapplied" | "all" = "applied",
): Promise<readonly Seen[]> {
  if (window < 0) return [];
  const { record, neuron } = miner;
  const commits = await record.commits(window);
  const { accepted } = await record.outcome(window);
  const applied = new Set(accepted.map(({ digest }) => digest));
  const wanted = commits
    .filter(({ hotkey }) => hotkey !== neuron.signer.publicKey)
    .filter(({ digest }) => which === "all" || applied.has(digest) === (which === "applied"));
  const found = await Promise.all(wanted.map((commit) => read(miner, commit)));
  return found.filter((one) => one !== null);
}

/** The norm of the middle of the updates applied last; null when there were none. */
export async function usualNorm(miner: Participant, window: number): Promise<number | null> {
  const norms = (await seen(miner, window - 1)).map(({ update }) => normOf(update));
  return norms.length === 0 ? null : lowerMedian(norms);
}
