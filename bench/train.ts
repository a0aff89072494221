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

/** One side with its answers, and the most memory that it held while it trained. */
type Timed = {
  readonly side: Side;
  readonly training: Answer[];
  readonly evaluating: Answer[];
  trainingPeak: number;
};

type Sides = { readonly ours: Timed; readonly rivals: readonly Timed[] };

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

/** Largest distance of two lists of losses; infinite if one has more. */
function gapOf(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return Math.max(...a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN))));
}

/** Asks every side in turn, `rounds` times. */
async function inTurns(
  { ours, rivals }: Sides,
  field: "training" | "evaluating",
  questionOf: (side: Side) => Question,
): Promise<void> {
  for (let round = 0; round < rounds; round++)
    for (const one of [ours, ...rivals]) one[field].push(await one.side.ask(questionOf(one.side)));
}

/** The sequences that PyTorch does at once when it evaluates: whatever is fastest of a few, a training batch and all. */
async function bestBatch(side: Side, { batch, evaluated }: Size): Promise<number> {
  let best = { batch: evaluated, ms: Number.POSITIVE_INFINITY };
  for (const tried of new Set([evaluated, Math.min(batch, evaluated), Math.ceil(evaluated / 4)])) {
    const question = { call: "evaluate", tokens: "held.bin", batch: tried } as const;
    await side.ask(question);
    const { wallMs } = await side.ask(question);
    if (wallMs < best.ms) best = { batch: tried, ms: wallMs };
  }
  return best.batch;
}

/** Largest distance of any side's answer to a question from ours. */
async function gapOver({ ours, rivals }: Sides, question: Question): Promise<number> {
  const { losses } = await ours.side.ask(question);
  const gaps: number[] = [];
  for (const { side } of rivals) gaps.push(gapOf((await side.ask(question)).losses, losses));
  return Math.max(0, ...gaps);
}

type Ratio = {
  readonly rival: string;
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
};

/** Our speed over that of the fastest rival: of the medians, and the least and the greatest of a round. */
function hardest(
  { ours, rivals }: Sides,
  field: "training" | "evaluating",
  by: "wallMs" | "cpuMs",
): Ratio {
  const own = ours[field].map((one) => one[by]);
  const ratios = rivals.map((rival): Ratio => {
    const other = rival[field].map((one) => one[by]);
    const each = other.map((ms, i) => ms / (own[i] ?? Number.NaN));
    const [low, high] = [Math.min(...each), Math.max(...each)];
    return { rival: rival.side.name, ratio: middle(other) / middle(own), low, high };
  });
  return ratios.reduce((least, one) => (one.ratio < least.ratio ? one : least));
}

const rounded = (x: number): number => Math.round(x * 1000) / 1000;
const textOf = ({ ratio, low, high }: Ratio): string =>
  `${ratio.toFixed(2)} x (${low.toFixed(2)} to ${high.toFixed(2)})`;

function describe({ side, training, evaluating, trainingPeak }: Timed, size: Size): void {
  const step = middle(training.map(({ wallMs }) => wallMs)) / size.steps;
  const sequence = middle(evaluating.map(({ wallMs }) => wallMs)) / size.evaluated;
  console.log(
    `  ${side.name}: ${step.toFixed(2)} ms a step, ${sequence.toFixed(3)} ms a sequence evaluated, peak ${Math.round(trainingPeak / 1e6)} MB`,
  );
}

function report(name: string, size: Size, sides: Sides, lossGap: number) {
  const wall = hardest(sides, "training", "wallMs");
  const cpu = hardest(sides, "training", "cpuMs");
  const evaluation = hardest(sides, "evaluating", "wallMs");
  const leanest = Math.min(...sides.rivals.map(({ trainingPeak }) => trainingPeak));
  console.log(
    `${name}: training ${textOf(wall)} against ${wall.rival}, CPU time ${textOf(cpu)}, evaluation ${textOf(evaluation)}`,
  );
  for (const one of [sides.ours, ...sides.rivals]) describe(one, size);
  console.log(
    `  losses of ${size.compared} steps and of held-out text: at most ${lossGap.toExponential(1)} apart`,
  );
  return {
    size: name,
    ratio: rounded(wall.ratio),
    ratioCpu: rounded(cpu.ratio),
    memoryRatio: rounded(sides.ours.trainingPeak / leanest),
    evaluationRatio: rounded(evaluation.ratio),
    lossGap,
    rival: wall.rival,
    spread: [rounded(wall.low), rounded(wall.high)],
  };
}

async function measure(name: string, size: Size, sides: Sides) {
  const all = [sides.ours, ...sides.rivals];
  for (const { side } of all)
    console.error(`${name}: ${side.name} ${(await side.ready()).version}`);
  const { batch } = size;
  const held = { call: "evaluate", tokens: "held.bin", batch } as const;
  const train = { call: "train", tokens: "compared.bin", batch } as const;
  const heldGap = await gapOver(sides, held);
  const trainGap = await gapOver(sides, { ...train, learningRate: LEARNING_RATE });
  await inTurns(sides, "training", () => ({ ...train, tokens: "timed.bin", learningRate: 0 }));
  for (const one of all)
    one.trainingPeak = Math.max(...one.training.map(({ peakBytes }) => peakBytes));
  const batches = new Map<Side, number>();
  for (const { side } of all) batches.set(side, await bestBatch(side, size));
  await inTurns(sides, "evaluating", (side) => ({
    ...held,
    batch: batches.get(side) ?? batch,
    candidate: true,
  }));
  return report(name, size, sides, Math.max(heldGap, trainGap));
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

const timedOf = (side: Side): Timed => ({ side, training: [], evaluating: [], trainingPeak: 0 });

/** The processes: ours, and PyTorch in each mode. */
function start(name: string, folder: string): Sides {
  const { threads, core, python } = flags;
  const cores = Number(threads) === 1 ? core : `0-${Number(threads) - 1}`;
  const suffix = import.meta.url.slice(-3);
  const node = [process.execPath, `${FOLDER}engine-side${suffix}`, folder, threads, name];
  const ours = timedOf(new Side("assay", { cores, command: node }));
  const library = fastMkl(folder);
  const modes = flags.modes.split(",").filter((mode) => mode !== "installed" || library);
  const rivals = modes.map((mode) => {
    const kind = mode === "compile" ? "compile" : "eager";
    const command = [python, `${FOLDER}pytorch.py`, folder, threads, kind];
    const preload = mode === "installed" ? undefined : library;
    return timedOf(new Side(`torch ${mode}`, { cores, command, preload }));
  });
  return { ours, rivals };
}

async function benchSize(name: string, size: Size) {
  const folder = mkdtempSync(join(tmpdir(), "assay-train-"));
  try {
    writeFiles(folder, size);
    const sides = start(name, folder);
    try {
      return await measure(name, size, sides);
    } finally {
      for (const { side } of [sides.ours, ...sides.rivals]) await side.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const chosen = flags.size.split(",").map((name) => ({ name, size: SIZES.get(name) }));
console.log(`${cpus()[0]?.model}, ${flags.threads} of ${cpus().length} cores, ${rounds} rounds`);
const sizes = [];
for (const { name, size } of chosen) {
  if (size === undefined) {
    console.error(`error: no size ${name}; there are ${[...SIZES.keys()].join(", ")}`);
    process.exit(2);
  }
  sizes.push(await benchSize(name, size));
}
for (const { size, lossGap } of sizes)
  if (!(lossGap <= LOSS_TOLERANCE)) {
    console.error(`${size}: losses are ${lossGap} apart; ${LOSS_TOLERANCE} is allowed`);
    process.exitCode = 1;
  }
if (flags.json) console.log(JSON.stringify({ sizes }));
