/**
 * @file The training engine against PyTorch at its best on the same pinned core: training step, evaluation of a candidate, peak memory, and
 * whether both sides compute the same losses. Needs a Python with torch: `--python`, PYTORCH_PYTHON or python3.
 * Flags: --size=nano,small,medium,124m (default the first three), --rounds=5, --threads=1, --core=0, --modes=installed,eager,compile, --json
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { initialParameters, layoutOf, specsOf } from "../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../kernels/optim/adamw.ts";
import { uint32Stream } from "../kernels/random.ts";
import { flagsOf } from "./support/flags.ts";
import { type Answer, type Question, Side } from "./train/side.ts";
import { type Size, SIZES } from "./train/sizes.ts";

const LEARNING_RATE = 1e-3;
/** Largest distance of two loss curves, in nats. */
const LOSS_TOLERANCE = 1e-4;
const FOLDER = fileURLToPath(new URL("./train/", import.meta.url));

const flags = flagsOf({
  size: { type: "string", default: "nano,small,medium" },
  rounds: { type: "string", default: "5" },
  threads: { type: "string", default: "1" },
  core: { type: "string", default: "0" },
  modes: { type: "string", default: "installed,eager,compile" },
  python: { type: "string", default: process.env["PYTORCH_PYTHON"] ?? "python3" },
  json: { type: "boolean", default: false },
});
const rounds = Number(flags.rounds);

/** One side's times and the most memory that it held while it trained. */
type Timed = {
  readonly side: Side;
  readonly training: Answer[];
  readonly evaluating: Answer[];
  trainingPeak: number;
};

function tokensOf({ model }: Size, sequences: number, seed: number): Int32Array {
  const draw = uint32Stream(seed);
  const next = new Map<number, number>();
  // Half of the tokens follow from the one before, so that there is something to learn.
  const tokens = new Int32Array(sequences * (model.context + 1));
  for (let i = 0; i < tokens.length; i++) {
    const before = tokens[i - 1] ?? 0;
    const known = next.get(before) ?? draw() % model.vocabulary;
    next.set(before, known);
    tokens[i] = draw() % 2 === 0 ? known : draw() % model.vocabulary;
  }
  return tokens;
}

/** What both sides read. */
function writeFiles(folder: string, size: Size): void {
  const specs = specsOf(size.model);
  const { offsets } = layoutOf(specs);
  const tensors = specs.map(({ name, shape }, i) => [name, shape, offsets[i]]);
  const model = { config: size.model, optimizer: ADAMW_DEFAULTS, tensors };
  writeFileSync(join(folder, "model.json"), JSON.stringify(model));
  writeFileSync(join(folder, "theta.bin"), initialParameters(size.model, 1));
  writeFileSync(join(folder, "compared.bin"), tokensOf(size, size.compared * size.batch, 1));
  writeFileSync(join(folder, "timed.bin"), tokensOf(size, size.steps * size.batch, 2));
  writeFileSync(join(folder, "held.bin"), tokensOf(size, size.evaluated, 3));
}

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const largestGap = (a: readonly number[], b: readonly number[]): number =>
  a.length === b.length
    ? Math.max(...a.map((x, i) => Math.abs(x - b[i]!)))
    : Number.POSITIVE_INFINITY;

/** Asks every side in turn, `rounds` times. */
async function inTurns(
  timed: readonly Timed[],
  field: "training" | "evaluating",
  questionOf: (side: Side) => Question,
): Promise<void> {
  for (let round = 0; round < rounds; round++)
    for (const one of timed) one[field].push(await one.side.ask(questionOf(one.side)));
}

/** The sequences that PyTorch does at once when it evaluates: the faster of a training batch and all. */
async function bestBatch(side: Side, size: Size): Promise<number> {
  let best = { batch: size.evaluated, ms: Number.POSITIVE_INFINITY };
  for (const batch of new Set([size.evaluated, Math.min(size.batch, size.evaluated)])) {
    const question = { call: "evaluate", tokens: "held.bin", batch } as const;
    await side.ask(question);
    const { wallMs } = await side.ask(question);
    if (wallMs < best.ms) best = { batch, ms: wallMs };
  }
  return best.batch;
}

/** Both sides' losses over training from the same parameters, and of the same held-out sequences. */
async function compareLosses(timed: readonly Timed[], size: Size): Promise<number> {
  const curves: (readonly number[])[] = [];
  const train = { call: "train", tokens: "compared.bin", batch: size.batch } as const;
  for (const { side } of timed)
    curves.push((await side.ask({ ...train, learningRate: LEARNING_RATE })).losses);
  return Math.max(...curves.slice(1).map((curve) => largestGap(curve, curves[0]!)));
}

type Ratio = { readonly ratio: number; readonly low: number; readonly high: number };

/** Speed of ours over a rival's: of the medians, and the least and the greatest of a round. */
function ratioOf(
  ours: readonly Answer[],
  theirs: readonly Answer[],
  by: "wallMs" | "cpuMs",
): Ratio {
  const [own, other] = [ours.map((one) => one[by]), theirs.map((one) => one[by])];
  const each = other.map((ms, i) => ms / own[i]!);
  return { ratio: middle(other) / middle(own), low: Math.min(...each), high: Math.max(...each) };
}

/** Of several rivals, the one with the lowest ratio. */
function hardest(
  ours: Timed,
  rivals: readonly Timed[],
  field: "training" | "evaluating",
  by: "wallMs" | "cpuMs",
): Ratio & { readonly name: string } {
  const all = rivals.map((rival) => ({
    ...ratioOf(ours[field], rival[field], by),
    name: rival.side.name,
  }));
  return all.toSorted((a, b) => a.ratio - b.ratio)[0]!;
}

const round = (x: number): number => Math.round(x * 1000) / 1000;
const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
const textOf = ({ ratio, low, high }: Ratio): string =>
  `${ratio.toFixed(2)} x (${low.toFixed(2)} to ${high.toFixed(2)})`;

function report(name: string, size: Size, gap: number, [ours, ...rivals]: readonly Timed[]) {
  const wall = hardest(ours!, rivals, "training", "wallMs");
  const cpu = hardest(ours!, rivals, "training", "cpuMs");
  const evaluation = hardest(ours!, rivals, "evaluating", "wallMs");
  const leanest = Math.min(...rivals.map(({ trainingPeak }) => trainingPeak));
  console.log(
    `${name}: training ${textOf(wall)} against ${wall.name}, CPU time ${textOf(cpu)}, evaluation ${textOf(evaluation)}`,
  );
  for (const { side, training, evaluating, trainingPeak } of [ours!, ...rivals]) {
    const step = middle(training.map(({ wallMs }) => wallMs)) / size.steps;
    const sequence = middle(evaluating.map(({ wallMs }) => wallMs)) / size.evaluated;
    console.log(
      `  ${side.name}: ${step.toFixed(2)} ms a step, ${sequence.toFixed(3)} ms a sequence evaluated, peak ${megabytes(trainingPeak)} MB`,
    );
  }
  console.log(
    `  losses of ${size.compared} steps and of the held-out text: at most ${gap.toExponential(1)} apart`,
  );
  return {
    size: name,
    ratio: round(wall.ratio),
    ratioCpu: round(cpu.ratio),
    memoryRatio: round(ours!.trainingPeak / leanest),
    evaluationRatio: round(evaluation.ratio),
    lossGap: gap,
    rival: wall.name,
    spread: [round(wall.low), round(wall.high)],
  };
}

async function measure(name: string, size: Size, sides: readonly Side[]) {
  for (const side of sides) {
    const { version } = await side.ready();
    console.error(`${name}: ${side.name} ${version}`);
  }
  const timed = sides.map((side): Timed => ({
    side,
    training: [],
    evaluating: [],
    trainingPeak: 0,
  }));
  const theta: (readonly number[])[] = [];
  for (const side of sides)
    theta.push(
      (await side.ask({ call: "evaluate", tokens: "held.bin", batch: size.batch })).losses,
    );
  const held = Math.max(...theta.slice(1).map((losses) => largestGap(losses, theta[0]!)));
  const gap = Math.max(held, await compareLosses(timed, size));
  const train = { call: "train", tokens: "timed.bin", batch: size.batch } as const;
  await inTurns(timed, "training", () => ({ ...train, learningRate: 0 }));
  for (const one of timed) one.trainingPeak = one.training.at(-1)!.peakBytes;
  const batches = new Map<Side, number>();
  for (const side of sides) batches.set(side, await bestBatch(side, size));
  await inTurns(timed, "evaluating", (side) => ({
    call: "evaluate",
    tokens: "held.bin",
    batch: batches.get(side)!,
    candidate: true,
  }));
  return report(name, size, gap, timed);
}

/**
 * A library under which MKL uses its AVX-512 kernels on processors of others too; undefined on Intel's, where it does so by itself.
 * Without it PyTorch multiplies at half the speed that such a processor can give, and would be an easy rival.
 */
function fastMkl(folder: string): string | undefined {
  if (cpus()[0]?.model.includes("Intel") === true) return undefined;
  const library = join(folder, "mkl.so");
  const { status } = spawnSync("cc", ["-shared", "-fPIC", "-o", library, `${FOLDER}mkl.c`]);
  if (status === 0) return library;
  console.error("no C compiler: PyTorch runs as installed, with AVX2 products on this processor");
  return undefined;
}

async function benchSize(name: string, size: Size) {
  const folder = mkdtempSync(join(tmpdir(), "assay-train-"));
  const sides: Side[] = [];
  try {
    writeFiles(folder, size);
    const { threads, core, python } = flags;
    const cores = Number(threads) === 1 ? core : `0-${Number(threads) - 1}`;
    const suffix = import.meta.url.slice(-3);
    const node = [process.execPath, `${FOLDER}engine-side${suffix}`, folder, threads, name];
    sides.push(new Side("assay", { cores, command: node }));
    const library = fastMkl(folder);
    for (const mode of flags.modes.split(",")) {
      if (mode === "installed" && library === undefined) continue;
      const kind = mode === "compile" ? "compile" : "eager";
      const command = [python, `${FOLDER}pytorch.py`, folder, threads, kind];
      const preload = mode === "installed" ? undefined : library;
      sides.push(new Side(`torch ${mode}`, { cores, command, preload }));
    }
    return await measure(name, size, sides);
  } finally {
    for (const side of sides) await side.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const wanted = flags.size.split(",");
const unknown = wanted.find((name) => !SIZES.has(name));
if (unknown !== undefined) {
  console.error(`error: no size ${unknown}; there are ${[...SIZES.keys()].join(", ")}`);
  process.exit(2);
}
console.log(`${cpus()[0]?.model}, ${flags.threads} of ${cpus().length} cores, ${rounds} rounds`);
const sizes = [];
for (const name of wanted) sizes.push(await benchSize(name, SIZES.get(name)!));
for (const { size, lossGap } of sizes)
  if (!(lossGap <= LOSS_TOLERANCE)) {
    console.error(`${size}: losses are ${lossGap} apart; ${LOSS_TOLERANCE} is allowed`);
    process.exitCode = 1;
  }
if (flags.json) console.log(JSON.stringify({ sizes }));
