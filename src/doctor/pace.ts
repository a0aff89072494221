/** @file Whether this machine does a window's work in time: a figure of `miner bench`, or some steps tried now. */
import { cpus } from "node:os";
import type { NextCommand } from "../../base/fault.ts";
import { startEngine } from "../../kernels/engine/engine.ts";
import { parametersOf, trainingFlops } from "../../kernels/nn/memory.ts";
import { initialParameters, type ModelConfig } from "../../kernels/nn/model.ts";
import { uint32Stream } from "../../kernels/random.ts";
import { ADAMW_DEFAULTS } from "../../kernels/optim/adamw.ts";
import type { NeuronOptions } from "../command/fields.ts";
import { PART_TIME } from "../command/strategies.ts";
import type { RunManifest } from "../protocol/manifest.ts";
import { MODELS } from "../run/presets.ts";
import { fine, type Finding, type Patient, thrown, unknown, wrong } from "./finding.ts";

const CHECK = "pace";
/** A larger model takes minutes to try: then a small one is, and the work counted. */
const LARGEST_TRIED = 60_000_000;
const TRIED_STEPS = 3;
/** Reading is a third of training: forward, without the two products of the way back. */
const READ_SHARE = 1 / 3;
/** An update is judged without it and with it. */
const READINGS = 2;
/** Of a block, where the chain's were not seen. */
const BLOCK_MS = 12_000;

/** How the node trains. */
export type Training = {
  readonly device: NeuronOptions["device"];
  readonly threads: number;
  readonly microBatch?: number;
  /** Share of the inner steps that a miner does. */
  readonly share: number;
  /** Whether other machines judge for a validator. */
  readonly workers: boolean;
  /** Tokens a second that were measured for this very model; null: none were. */
  readonly known: (model: ModelConfig) => number | null;
};

/** The model that is tried for a run. */
function triedFor(model: ModelConfig): ModelConfig {
  return parametersOf(model) <= LARGEST_TRIED ? model : MODELS["1m"];
}

/** Tokens a second, from some steps of training on random tokens. */
async function tokensPerSecond(model: ModelConfig, training: Training): Promise<number> {
  const tried = triedFor(model);
  const { device, threads, microBatch } = training;
  const batch = microBatch ?? 1;
  const engine = await startEngine({
    model: tried,
    batch,
    microBatch: batch,
    evaluationBatch: 1,
    device,
    threads,
    innerOptimizer: ADAMW_DEFAULTS,
  });
  try {
    await engine.setParameters(initialParameters(tried, 1));
    const draw = uint32Stream(1);
    const train = async (steps: number): Promise<number> => {
      const tokens = new Int32Array(steps * batch * (tried.context + 1));
      for (let at = 0; at < tokens.length; at++) tokens[at] = draw() % tried.vocabulary;
      const start = performance.now();
      await engine.train({ tokens, learningRates: new Float32Array(steps).fill(1e-6) });
      return performance.now() - start;
    };
    await train(1);
    const rate = (1000 * TRIED_STEPS * batch * tried.context) / (await train(TRIED_STEPS));
    // A larger model takes as many more operations a token.
    return (
      (rate * trainingFlops(tried, parametersOf(tried))) / trainingFlops(model, parametersOf(model))
    );
  } finally {
    await engine.close();
  }
}

const seconds = (value: number): string => `${value.toPrecision(2)} s`;

/** Tokens of training that a role's part of a window is worth. */
function workOf(
  role: Patient["role"],
  manifest: RunManifest,
  at: { readonly miners: number; readonly share: number },
): number {
  const { inner, model, evaluation } = manifest;
  if (role === "miner") return inner.steps * at.share * inner.batch * model.context;
  const { ownSequences, noiseSequences } = evaluation;
  return at.miners * READINGS * (ownSequences + noiseSequences) * model.context * READ_SHARE;
}

/** What helps: measure first; then less of the work, or other machines; where the least is too much, another device. */
function remedy(
  { role, start }: Patient,
  training: Training,
  at: { readonly measured: boolean; readonly inTime: number },
): NextCommand {
  if (role === "validator") return start({ workers: true });
  if (!at.measured && training.threads === 1 && cpus().length > 1)
    return {
      ours: "miner bench",
      keep: ["netuid", "endpoint", "genesis", "state"],
      set: { live: true },
    };
  const shares = PART_TIME.map((name) => ({ name, share: Number(name.replace("steps-", "")) }));
  const fits = shares.findLast(({ share }) => share <= at.inTime);
  return fits === undefined ? { ours: "subnet devices" } : start({ strategy: fits.name });
}

/**
 * Whether the window's work is done in time.
 * @param run what is trained, how long a block takes (null: not seen), and who is judged
 */
export async function paceFinding(
  patient: Patient,
  run: { readonly manifest: RunManifest; readonly blockMs: number | null; readonly miners: number },
  training: Training,
): Promise<Finding> {
  const { manifest, miners } = run;
  const { train, commit, reveal, judge } = manifest.phases;
  const isMiner = patient.role === "miner";
  if (training.workers) return fine(CHECK, "workers share the judging");
  const known = training.known(manifest.model);
  let rate = known;
  try {
    rate ??= await tokensPerSecond(manifest.model, training);
  } catch (error) {
    const found = thrown(CHECK, error, { ours: "subnet devices" });
    return found.state === "wrong" ? found : unknown(CHECK, `not measured: ${found.text}`);
  }
  const needed = workOf(patient.role, manifest, { miners, share: training.share }) / rate;
  const blocks = isMiner ? train : train + commit + reveal + judge;
  const given = (blocks * (run.blockMs ?? BLOCK_MS)) / 1000;
  const what = isMiner
    ? `the ${Math.round(manifest.inner.steps * training.share)} inner steps of a window`
    : `judging ${miners} updates`;
  const text = `${what} ${isMiner ? "take" : "takes"} about ${seconds(needed)} here, and a window gives ${seconds(given)}`;
  if (needed <= given) return fine(CHECK, text);
  const inTime = (training.share * given) / needed;
  return wrong(
    [CHECK, "slow-device"],
    `This machine is too slow: ${text}.`,
    remedy(patient, training, { measured: known !== null, inTime }),
  );
}
