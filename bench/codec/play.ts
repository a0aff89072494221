/** @file Miners that train one model together in one process, by the product's engine, with any way to send values. */
import { loadExactModule } from "../../kernels/compress/exact-module.ts";
import { EngineCore } from "../../kernels/engine/core.ts";
import { openExact } from "../../kernels/exact/exact.ts";
import type { SparseTensor, SparseUpdate } from "../../kernels/exact/sparse.ts";
import type { MomentState } from "../../kernels/engine/calls.ts";
import { initialParameters, layoutOf, specsOf } from "../../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../../kernels/optim/adamw.ts";
import { uint32Stream } from "../../kernels/random.ts";
import { readDemoText } from "../../src/data/demo-text.ts";
import { Tally } from "../../src/data/report.ts";
import { learningRate } from "../../src/protocol/learning-rate.ts";
import type { ModelConfig } from "../../src/protocol/manifest.ts";
import type { Quantiser } from "./quantisers.ts";

/** Text as bytes: what is trained on, and what never is. */
export type Text = { readonly training: Uint8Array; readonly heldOut: Uint8Array };

/** What is played. Rates are learning rates; the outer step takes the mean over choosers. */
export type Play = {
  readonly model: ModelConfig;
  readonly miners: number;
  readonly windows: number;
  readonly steps: number;
  readonly batch: number;
  readonly k: number;
  readonly chunk: number;
  readonly rate: number;
  readonly alpha: number;
  readonly errorDecay: number;
  readonly seed: number;
  readonly quantise: Quantiser;
  /** Told of every update of miner 0: kept coordinates with their values before they were quantised, and the error feedback with them. */
  readonly onUpdate?: (window: number, update: SparseUpdate, error: Float32Array) => void;
};

const EVALUATED = 512;
/** So few that the end of a nano run hangs on the luck of its first steps: seeds spread as far as they may. */
const WARMUP = 40;

function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

/** The text of the demo below a folder. */
export async function textBelow(folder: string, limitBytes: number): Promise<Text> {
  const found = await readDemoText(folder, limitBytes, new Tally(folder, {}));
  return { training: concatenated(found.training), heldOut: concatenated(found.heldOut) };
}

/** Sequences of `length` bytes that begin at random places. */
function sequences(
  text: Uint8Array,
  count: number,
  length: number,
  draw: () => number,
): Int32Array {
  const tokens = new Int32Array(count * length);
  for (let row = 0; row < count; row += 1) {
    const start = draw() % (text.length - length);
    tokens.set(text.subarray(start, start + length), row * length);
  }
  return tokens;
}

/** Where the entries of each chunk end. */
function endsOf(indices: Uint32Array, chunk: number): number[] {
  const chunks = Array.from(indices, (index) => Math.floor(index / chunk));
  return chunks.flatMap((one, at) => (chunks[at + 1] === one ? [] : [at + 1]));
}

const meanOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** A miner: its state, and where its text comes from. */
type Member = { state: MomentState; readonly draw: () => number };

function memberOf(floats: number, draw: () => number): Member {
  const zeros = (): Float32Array => new Float32Array(floats);
  return { state: { step: 0, m: zeros(), v: zeros(), e: zeros() }, draw };
}

/** What a member sends in a window, before and after its values go the way that is tried. */
async function windowOf(
  engine: EngineCore,
  member: Member,
  rules: Play,
  step: { readonly tokens: Int32Array; readonly learningRates: Float32Array },
): Promise<{
  readonly raw: SparseUpdate;
  readonly sent: SparseUpdate;
  readonly error: Float32Array;
}> {
  const { k, chunk, errorDecay, quantise } = rules;
  const { offsets } = layoutOf(specsOf(rules.model));
  await engine.setMomentState(member.state);
  await engine.train(step);
  const { update } = await engine.compress({ k, chunk, beta: errorDecay });
  // The engine's own way to send values is undone.
  await engine.restoreSent(update);
  const after = await engine.momentState();
  const error = after.e.slice();
  const raw = update.map(({ indices }, tensor): SparseTensor => {
    const own = after.e.subarray(offsets[tensor]);
    return { indices, values: Float32Array.from(indices, (at) => own[at] ?? 0) };
  });
  const sent = raw.map(({ indices, values }, tensor): SparseTensor => {
    const arrived = quantise(values, endsOf(indices, chunk));
    const own = after.e.subarray(offsets[tensor]);
    for (const [i, at] of indices.entries()) own[at] = (own[at] ?? 0) - (arrived[i] ?? 0);
    return { indices, values: arrived };
  });
  member.state = after;
  return { raw, sent, error };
}

/** Plays all windows and returns the held-out loss at the end, in nats a byte. */
export async function play(text: Text, rules: Play): Promise<number> {
  const { model, batch, steps, windows, miners } = rules;
  const engine = await EngineCore.open(
    { model, batch, evaluationBatch: 32, innerOptimizer: ADAMW_DEFAULTS },
    "cpu",
  );
  const layout = layoutOf(specsOf(model));
  const exact = openExact(loadExactModule(), layout.total);
  const theta = exact.vector(layout.total);
  theta.view.set(initialParameters(model, rules.seed));
  const members = Array.from({ length: miners }, (_, miner) =>
    memberOf(layout.total, uint32Stream(rules.seed, 100 + miner)),
  );
  const schedule = {
    learningRate: rules.rate,
    minimumLearningRate: rules.rate / 10,
    warmupSteps: WARMUP,
    totalSteps: windows * steps,
  };
  for (let window = 0; window < windows; window += 1) {
    const learningRates = Float32Array.from({ length: steps }, (_, step) =>
      learningRate(schedule, window * steps + step),
    );
    const updates: SparseUpdate[] = [];
    for (const [miner, member] of members.entries()) {
      await engine.setParameters(theta.view);
      const tokens = sequences(text.training, steps * batch, model.context + 1, member.draw);
      const { raw, sent, error } = await windowOf(engine, member, rules, { tokens, learningRates });
      if (miner === 0) rules.onUpdate?.(window, raw, error);
      updates.push(sent);
    }
    exact.outerStep(theta, layout, updates, { alpha: rules.alpha, mean: "choosers" });
  }
  await engine.setParameters(theta.view);
  const held = sequences(text.heldOut, EVALUATED, model.context + 1, uint32Stream(7));
  const loss = meanOf(await engine.losses({ tokens: held }));
  await engine.close();
  return loss;
}
