/** @file Four miners that train nano side by side and make an outer step every H inner steps: the product's engine, codec and outer step, without a chain. */
import { type Engine, startEngine } from "../../kernels/engine/engine.ts";
import { initialParameters } from "../../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../../kernels/optim/adamw.ts";
import { encodeBody } from "../../src/protocol/codec.ts";
import { learningRate } from "../../src/protocol/learning-rate.ts";
import { MODELS } from "../../src/run/presets.ts";
import { evenly, Stream, type Text } from "../../bench/convergence/text.ts";

const MODEL = MODELS.nano;
const MINERS = 4;
const BATCH = 12;
const CHUNK = 4096;
const JUDGED = 512;

/** Settings of the outer optimiser `diloco`, and the inner learning rate. */
export type Setting = {
  /** Inner steps between two outer steps. */
  readonly inner: number;
  readonly rate: number;
  readonly alpha: number;
  readonly momentum: number;
};

/** What came of it. */
export type Outcome = {
  /** Mean loss on text that nobody trained on, in nats a byte. */
  readonly loss: number;
  /** Outer steps. */
  readonly steps: number;
  /** Bytes of the updates of one miner, headers left out. */
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

async function lossOf(engine: Engine, text: Text): Promise<number> {
  const losses = await engine.losses({ tokens: evenly(text.test, MODEL.context, JUDGED) });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

const options = { model: MODEL, evaluationBatch: 32, device: "cpu" } as const;

/** Parameters to begin with: one node on the batches of four, as DiLoCo's authors begin from a model that was trained before. */
export async function warmStart(text: Text, steps: number): Promise<Float32Array> {
  const innerOptimizer = ADAMW_DEFAULTS;
  const engine = await startEngine({
    ...options,
    batch: MINERS * BATCH,
    threads: 2,
    innerOptimizer,
  });
  try {
    await engine.setParameters(initialParameters(MODEL, 1));
    const stream = new Stream(text, { seed: 1, miner: 0, miners: 1, context: MODEL.context });
    for (let step = 0; step < steps; step += 10) {
      const tokens = stream.next(10 * MINERS * BATCH);
      await engine.train({ tokens, learningRates: ratesOf(0.008, steps, step, 10) });
      await engine.adoptWorking();
    }
    return await engine.parameters();
  } finally {
    await engine.close();
  }
}

/** Trains `steps` steps a miner from `start` with outer steps by DiLoCo. */
export async function outerSteps(
  text: Text,
  start: Float32Array,
  { steps, setting }: { readonly steps: number; readonly setting: Setting },
): Promise<Outcome> {
  const { inner, rate, alpha, momentum } = setting;
  const outerOptimizer = { kind: "diloco", momentum } as const;
  const engines = await Promise.all(
    Array.from({ length: MINERS }, () =>
      startEngine({ ...options, batch: BATCH, innerOptimizer: ADAMW_DEFAULTS, outerOptimizer }),
    ),
  );
  try {
    await Promise.all(engines.map((engine) => engine.setParameters(start)));
    const streams = engines.map(
      (_, miner) => new Stream(text, { seed: 2, miner, miners: MINERS, context: MODEL.context }),
    );
    let bytes = 0;
    let made = 0;
    for (let step = 0; step < steps; step += inner) {
      const learningRates = ratesOf(rate, steps, step, inner);
      const updates = await Promise.all(
        engines.map(async (engine, miner) => {
          const tokens = streams[miner]?.next(inner * BATCH) ?? new Int32Array();
          await engine.train({ tokens, learningRates });
          return (await engine.compress({ k: CHUNK, chunk: CHUNK, beta: 1 })).update;
        }),
      );
      const [first = []] = updates;
      const { lengths } = engines[0]?.layout ?? { lengths: [] };
      bytes += encodeBody(first, { lengths, k: CHUNK, chunk: CHUNK }).length;
      made++;
      const request = { updates, alpha, mean: "choosers" } as const;
      await Promise.all(engines.map((engine) => engine.outerStep(request)));
    }
    const [judge] = engines;
    if (judge === undefined) throw new Error("no miners");
    return { loss: await lossOf(judge, text), steps: made, bytes };
  } finally {
    await Promise.all(engines.map((engine) => engine.close()));
  }
}
