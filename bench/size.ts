/**
 * @file What large models take here, each case in a process of its own: `npm run bench -- size [--only=124m,build,validator,trainer]`.
 * 124m: three training steps within 12 GiB, with activations kept and with layers computed again. 1b: first parameters made and saved (`build`), then loaded, tried, updated by a synthetic
 * update and digested as a validator holds it, within 12 GiB, over few memories and over many; the same as a trainer with moments of
 * eight bits holds it, with an AdamW step and a compressed update, within 20 GiB. All three give one digest. Exit code 1: a bound or a
 * digest does not hold. Takes some minutes and 20 GiB; `--folder=FOLDER` keeps the saved parameters (4 GB) for the next time.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EngineCore } from "../kernels/engine/core.ts";
import { FlatState } from "../kernels/engine/state.ts";
import { keptOf } from "../kernels/exact/exact.ts";
import type { SparseTensor, SparseUpdate } from "../kernels/exact/sparse.ts";
import { trainingFlops } from "../kernels/nn/memory.ts";
import { fillInitial, initialParameters, layoutOf, specsOf } from "../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../kernels/optim/adamw.ts";
import { uint32Stream } from "../kernels/random.ts";
import { decodeSafetensors, encodeSafetensors } from "../src/checkpoint/safetensors.ts";
import { thetaDigestOf } from "../src/protocol/digest.ts";
import { MODELS } from "../src/run/presets.ts";
import { flagsOf } from "./support/flags.ts";

const GIB = 2 ** 30;
const LARGE = MODELS["1b"];
const LAYOUT = layoutOf(specsOf(LARGE));
const RUN = `0x${"1b".repeat(32)}` as const;
const RULE = { k: 64, chunk: 4096 } as const;

/** What a case found; the most memory it held is added by the process. */
type Found = Readonly<Record<string, number | string>>;

const flags = flagsOf({
  only: { type: "string" },
  folder: { type: "string" },
  /** One case in this process: how the command starts each. */
  case: { type: "string" },
});

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a value is missing");
  return value;
}

const fileOf = (folder: string, tensor: number): string =>
  join(folder, `${String(tensor).padStart(3, "0")}.safetensors`);

const digestOf = (state: FlatState): string => thetaDigestOf(RUN, state.digests());

/** Every chunk's kept coordinates spread over it, with signs and magnitudes from a counter. */
function syntheticUpdate(): SparseUpdate {
  return LAYOUT.lengths.map((length, tensor): SparseTensor => {
    const { k, chunk } = RULE;
    const kept = keptOf(length, RULE);
    const [indices, values] = [new Uint32Array(kept), new Float32Array(kept)];
    const draw = uint32Stream(7, tensor);
    for (let i = 0; i < kept; i++) {
      const at = Math.floor(i / k) * chunk;
      const share = Math.floor(
        Math.min(chunk, length - at) / Math.min(k, kept - Math.floor(i / k) * k),
      );
      indices[i] = at + (i % k) * share + (draw() % share);
      const code = draw() & 3;
      values[i] = (code & 1 ? -1 : 1) * (code > 1 ? 3e-4 : 1e-4);
    }
    return { indices, values };
  });
}

function loaded(folder: string, options: { shardBytes?: number; momentBits?: 8 }): FlatState {
  const state = new FlatState(LAYOUT, options);
  LAYOUT.specs.forEach((spec, i) => {
    const [tensor] = decodeSafetensors(readFileSync(fileOf(folder, i)), [spec]);
    state.writeTensor("theta", i, must(tensor).values);
  });
  return state;
}

async function train124m(recompute: boolean): Promise<Found> {
  const model = MODELS["124m"];
  const [batch, steps] = [2, 3];
  const core = await EngineCore.open(
    {
      model,
      batch,
      microBatch: 1,
      recompute,
      evaluationBatch: 1,
      threads: 2,
      innerOptimizer: ADAMW_DEFAULTS,
    },
    "cpu",
  );
  const theta = initialParameters(model, 1);
  await core.setParameters(theta);
  const draw = uint32Stream(1);
  const tokens = Int32Array.from(
    { length: batch * steps * (model.context + 1) },
    (_, i) => (i * i + (draw() % 7)) % 1000,
  );
  const start = performance.now();
  const { losses } = await core.train({
    tokens,
    learningRates: new Float32Array(steps).fill(1e-3),
  });
  const seconds = (performance.now() - start) / 1000;
  const rate = (batch * steps * model.context) / seconds;
  if (!(must(losses[steps - 1]) < must(losses[0])))
    throw new Error(`the loss did not fall: ${losses.join()}`);
  return {
    firstLoss: must(losses[0]),
    lastLoss: must(losses[steps - 1]),
    tokensPerSecond: rate,
    gigaflops: (rate * trainingFlops(model, theta.length)) / 1e9,
  };
}

function build(folder: string): Found {
  mkdirSync(folder, { recursive: true });
  const state = new FlatState(LAYOUT, {});
  LAYOUT.specs.forEach((spec, tensor) => {
    const values = state.tensor("theta", tensor);
    fillInitial(LARGE, { seed: 1, tensor }, values);
    const bytes = encodeSafetensors([{ ...spec, values }], { format: "pt" });
    writeFileSync(fileOf(folder, tensor), bytes);
  });
  return { parameters: LAYOUT.lengths.reduce((a, b) => a + b, 0), digest: digestOf(state) };
}

function validate(folder: string, shardBytes?: number): Found {
  const state = loaded(folder, shardBytes === undefined ? {} : { shardBytes });
  const before = digestOf(state);
  const update = syntheticUpdate();
  state.trial(update, 0.5)();
  state.outerStep({ updates: [update, update], alpha: 0.7, mean: "choosers" });
  return { memories: state.shards.length, before, digest: digestOf(state) };
}

function trainState(folder: string): Found {
  const state = loaded(folder, { momentBits: 8 });
  const update = syntheticUpdate();
  state.beginTraining();
  for (const { gradient } of state.shards)
    for (let i = 0; i < gradient.length; i++) gradient.view[i] = ((i % 17) - 8) * 1e-4;
  const start = performance.now();
  state.descend(ADAMW_DEFAULTS, 1e-4, 1);
  const adamwSeconds = (performance.now() - start) / 1000;
  const own = state.compress({ ...RULE, beta: 0.9 });
  state.restoreSent(own);
  state.outerStep({ updates: [update, update], alpha: 0.7, mean: "choosers" });
  return { memories: state.shards.length, adamwSeconds, digest: digestOf(state) };
}

/** Cases in their order, with the most GiB that each may hold. */
const CASES: ReadonlyMap<
  string,
  { limitGiB: number; run: (folder: string) => Promise<Found> | Found }
> = new Map([
  ["124m", { limitGiB: 12, run: () => train124m(false) }],
  ["124m-recomputed", { limitGiB: 12, run: () => train124m(true) }],
  ["build", { limitGiB: 12, run: build }],
  ["validator", { limitGiB: 12, run: (folder: string) => validate(folder) }],
  ["many-memories", { limitGiB: 12, run: (folder: string) => validate(folder, 2.2 * GIB) }],
  ["trainer", { limitGiB: 20, run: trainState }],
]);

/** Runs one case in this process and prints what it found. */
async function runCase(name: string, folder: string): Promise<void> {
  const { limitGiB, run } = must(CASES.get(name));
  const start = performance.now();
  const found = await run(folder);
  const seconds = (performance.now() - start) / 1000;
  const peakGiB = (process.resourceUsage().maxRSS * 1024) / GIB;
  console.log(JSON.stringify({ case: name, peakGiB, limitGiB, seconds, ...found }));
  if (peakGiB > limitGiB) process.exitCode = 1;
}

/** Each case in a process of its own, one after the other; the updated parameters must have one digest. */
function runAll(names: readonly string[]): void {
  const kept = flags.folder;
  const folder = kept ?? mkdtempSync(join(tmpdir(), "assay-size-"));
  const digests = new Set<string>();
  try {
    for (const name of names) {
      if (name === "build" && existsSync(fileOf(folder, LAYOUT.specs.length - 1))) continue;
      const words = [fileURLToPath(import.meta.url), `--case=${name}`, `--folder=${folder}`];
      const { status, stdout } = spawnSync(process.execPath, words, {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "inherit"],
      });
      process.stdout.write(stdout);
      if (status !== 0) process.exitCode = 1;
      const digest = /"digest":"([^"]+)"/.exec(stdout)?.[1];
      if (digest !== undefined && name !== "build") digests.add(digest);
    }
  } finally {
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
  }
  if (digests.size <= 1) return;
  console.error(`digests differ: ${[...digests].join(", ")}`);
  process.exitCode = 1;
}

if (flags.case !== undefined) await runCase(flags.case, flags.folder ?? "");
else runAll(flags.only?.split(",") ?? [...CASES.keys()]);
