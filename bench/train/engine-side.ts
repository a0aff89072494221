/**
 * @file The engine's side of bench/train.ts, as a process: `node engine-side.ts FOLDER THREADS SIZE`. It reads the same files
 * as pytorch.py, answers the same questions, and goes the product's way: worker, gradients by onnxruntime, clip and AdamW outside.
 */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { createInterface } from "node:readline";
import { type Engine, startEngine } from "../../kernels/engine/engine.ts";
import type { SparseUpdate } from "../../kernels/exact/sparse.ts";
import type { Layout } from "../../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../../kernels/optim/adamw.ts";
import type { Answer, Question } from "./side.ts";
import { SIZES } from "./sizes.ts";

const CHUNK = 4096;
const KEPT = 64;

const [folder = ".", threads = "1", name = "nano"] = process.argv.slice(2);
const found = SIZES.get(name);
if (found === undefined) throw new Error(`no size ${name}`);
const size = found;

const bytesOf = (file: string): ArrayBuffer =>
  new Uint8Array(readFileSync(`${folder}/${file}`)).buffer;

/** Sets theta tensor by tensor, so that no copy of the whole model stays behind and counts as memory. */
async function load(into: Engine): Promise<void> {
  const { lengths, offsets } = into.layout;
  const file = openSync(`${folder}/theta.bin`, "r");
  for (const [tensor, length] of lengths.entries()) {
    const values = new Float32Array(length);
    readSync(file, values, 0, values.byteLength, (offsets[tensor] ?? 0) * values.BYTES_PER_ELEMENT);
    await into.setTensor({ tensor, values });
  }
  closeSync(file);
}

/** An update that chooses as many coordinates as a miner's does, evenly spread; it hardly moves the model. */
function updateOf({ lengths }: Layout): SparseUpdate {
  return lengths.map((length) => {
    const stride = CHUNK / KEPT;
    const indices = Uint32Array.from({ length: Math.ceil(length / stride) }, (_, i) => i * stride);
    return { indices, values: new Float32Array(indices.length).fill(2 ** -20) };
  });
}

async function lossesOf(engine: Engine, question: Question): Promise<ArrayLike<number>> {
  const tokens = new Int32Array(bytesOf(question.tokens));
  if (question.call === "evaluate")
    return engine.losses(question.candidate === true ? { tokens, update } : { tokens });
  const steps = tokens.length / (question.batch * (size.model.context + 1));
  const learningRates = new Float32Array(steps).fill(question.learningRate);
  return (await engine.train({ tokens, learningRates })).losses;
}

const engine = await startEngine({
  model: size.model,
  batch: size.batch,
  evaluationBatch: size.evaluated,
  threads: Number(threads),
  device: "cpu",
  innerOptimizer: ADAMW_DEFAULTS,
});
const update = updateOf(engine.layout);
await load(engine);
// A node's error feedback is in memory from its first window on, and counts.
await engine.compress({ k: KEPT, chunk: CHUNK, beta: 0.95 });
console.log(JSON.stringify({ version: process.version }));
for await (const line of createInterface({ input: process.stdin })) {
  const question: Question = JSON.parse(line);
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const losses = Array.from(await lossesOf(engine, question));
  const used = process.cpuUsage(cpu);
  const answer: Answer = {
    wallMs: performance.now() - start,
    cpuMs: (used.user + used.system) / 1e3,
    losses,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
  console.log(JSON.stringify(answer));
}
await engine.close();
