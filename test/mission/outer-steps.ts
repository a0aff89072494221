/** @file Four miners that train side by side and make an outer step every H inner steps: the product's engine, codec and outer step, without a chain. */
import type { OuterOptimizer } from "../../kernels/optim/outer.ts";
import { type Engine, startEngine } from "../../kernels/engine/engine.ts";
import { initialParameters, type ModelConfig } from "../../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../../kernels/optim/adamw.ts";
import { encodeBody } from "../../src/protocol/codec.ts";
import { learningRate } from "../../src/protocol/learning-rate.ts";
import { evenly, Stream, type Text } from "../../bench/convergence/text.ts";

export const MINERS = 4;
const CHUNK = 4096;
const JUDGED = 512;

/** What is trained: a model, and how many sequences a miner takes in a step. */
export type Rig = { readonly text: Text; readonly model: ModelConfig; readonly batch: number };

/**
 * How the miners' work becomes one. `diloco`, `sparseloco`: the product's, `k` of 4,096 coordinates kept and the error fed back with `decay`.
 * `uncompressed`: the rival, float32 differences averaged, with Nesterov momentum over them.
 */
type Method =
  | { readonly kind: "diloco"; readonly momentum: number; readonly decay: number }
  | { readonly kind: "sparseloco"; readonly k: number; readonly decay: number }
  | { readonly kind: "uncompressed"; readonly momentum: number };

/** Settings of a run. */
export type Setting = {
  /** Inner steps between two outer steps. */
  readonly inner: number;
  /** Peak of the inner learning rate. */
  readonly rate: number;
  /** Outer learning rate. */
  readonly alpha: number;
  readonly method: Method;
};

/** What came of it. */
export type Outcome = {
  /** Mean loss on text that nobody trained on, in nats a byte. */
  readonly loss: number;
  /** Outer steps. */
  readonly steps: number;
  /** Bytes of the updates of one miner. */
  readonly bytes: number;
};

/** Falls from the peak to a tenth in a cosine, after as many steps of warm-up as a twentieth. */
function ratesOf(peak: number, steps: number, from: number, count: number): Float32Array {
  const warmupSteps = Math.round(steps / 20);
  const schedule = { learningRate: peak, minimumLearningRate: peak / 10, warmupSteps };
  return Float32Array.from({ length: count }, (_, i) =>
    learningRate({ ...schedule, totalSteps: steps }, from + i),
  );
}

async function lossOf(engine: Engine, { text, model }: Rig): Promise<number> {
  const losses = await engine.losses({ tokens: evenly(text.test, model.context, JUDGED) });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

const options = { evaluationBatch: 32, device: "cpu", innerOptimizer: ADAMW_DEFAULTS } as const;

/** Parameters to begin with: one node on the batches of four, as DiLoCo's authors begin from a model that was trained before. */
export async function warmStart(
  { text, model, batch }: Rig,
  { steps, rate }: { readonly steps: number; readonly rate: number },
): Promise<Float32Array> {
  const engine = await startEngine({ ...options, model, batch: MINERS * batch, threads: 2 });
  try {
    await engine.setParameters(initialParameters(model, 1));
    const stream = new Stream(text, { seed: 1, miner: 0, miners: 1, context: model.context });
    for (let step = 0; step < steps; step += 10) {
      const tokens = stream.next(10 * MINERS * batch);
      await engine.train({ tokens, learningRates: ratesOf(rate, steps, step, 10) });
      await engine.adoptWorking();
    }
    return await engine.parameters();
  } finally {
    await engine.close();
  }
}

function outerOf(method: Method): OuterOptimizer {
  return method.kind === "diloco"
    ? { kind: "diloco", momentum: method.momentum }
    : { kind: "sparseloco" };
}

/** Makes outer steps by the product's updates. @returns bytes of an update of the first miner, headers left out */
async function compressed(engines: readonly Engine[], setting: Setting): Promise<number> {
  const { alpha, method } = setting;
  if (method.kind === "uncompressed") throw new Error("it has no updates");
  const k = method.kind === "diloco" ? CHUNK : method.k;
  const updates = await Promise.all(
    engines.map(
      async (engine) => (await engine.compress({ k, chunk: CHUNK, beta: method.decay })).update,
    ),
  );
  const request = { updates, alpha, mean: "choosers" } as const;
  await Promise.all(engines.map((engine) => engine.outerStep(request)));
  const { lengths } = engines[0]?.layout ?? { lengths: [] };
  return encodeBody(updates[0] ?? [], { lengths, k, chunk: CHUNK }).length;
}

/** The rival's outer steps, from `start`; in float64 but for its state. */
function uncompressed(start: Float32Array): typeof compressed {
  const [theta, velocity] = [start.slice(), new Float32Array(start.length)];
  return async (engines, { alpha, method }) => {
    const momentum = method.kind === "sparseloco" ? 0 : method.momentum;
    const ends = await Promise.all(
      engines.map(async (engine) => {
        await engine.adoptWorking();
        return engine.parameters();
      }),
    );
    for (const [i, from] of theta.entries()) {
      let sum = 0;
      for (const end of ends) sum += from - (end[i] ?? Number.NaN);
      const mean = sum / ends.length;
      velocity[i] = momentum * (velocity[i] ?? 0) + mean;
      theta[i] = from - alpha * (mean + momentum * velocity[i]);
    }
    await Promise.all(engines.map((engine) => engine.setParameters(theta)));
    return 4 * theta.length;
  };
}

/** Trains `steps` steps a miner from `start`, with an outer step every `setting.inner` of them. */
export async function outerSteps(
  rig: Rig,
  start: Float32Array,
  { steps, setting }: { readonly steps: number; readonly setting: Setting },
): Promise<Outcome> {
  const { text, model, batch } = rig;
  const { inner, rate, method } = setting;
  const outerOptimizer = outerOf(method);
  const engines = await Promise.all(
    Array.from({ length: MINERS }, () => startEngine({ ...options, model, batch, outerOptimizer })),
  );
  try {
    await Promise.all(engines.map((engine) => engine.setParameters(start)));
    const streams = engines.map(
      (_, miner) => new Stream(text, { seed: 2, miner, miners: MINERS, context: model.context }),
    );
    const outerStep = method.kind === "uncompressed" ? uncompressed(start) : compressed;
    let bytes = 0;
    let made = 0;
    for (let step = 0; step < steps; step += inner) {
      const learningRates = ratesOf(rate, steps, step, inner);
      await Promise.all(
        engines.map(async (engine, miner) => {
          const tokens = streams[miner]?.next(inner * batch) ?? new Int32Array();
          await engine.train({ tokens, learningRates });
        }),
      );
      bytes += await outerStep(engines, setting);
      made++;
    }
    const [judge] = engines;
    if (judge === undefined) throw new Error("no miners");
    return { loss: await lossOf(judge, rig), steps: made, bytes };
  } finally {
    await Promise.all(engines.map((engine) => engine.close()));
  }
}
