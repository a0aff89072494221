/** @file Defaults that follow from other keys, so that an owner who changes one number need not change five. */
import { basename } from "node:path";
import { MODELS } from "../../src/run/presets.ts";
import { type CheckedConfig, type SubnetConfig, subnetConfigSchema } from "./schema.ts";

const MAXIMUM_STEPS = 4_294_967_295;
const MAXIMUM_TEMPO = 65_535;
/** Best for nano (64 wide); Adam's best rate falls about as the width grows. */
const RATE_TIMES_WIDTH = 0.012 * 64;
/** Coordinates kept of a chunk, and outer learning rate, unless the optimiser asks for others. */
const KEPT = 256;
const OUTER_RATE = 0.7;
const DILOCO_MOMENTUM = 0.9;
/** What demo moves every parameter by in a window (bench/convergence). */
export const SIGN_STEP = 0.004;
/** Part of the schedule wsd in which the rate falls. */
const DECAY_SHARE = 0.2;
const WINDOWS_FOR_FULL_WARMUP = 20;
const WARMUP_WINDOWS = 8;
/** Windows over which an endless run lets its learning rate fall. */
const ENDLESS_SCHEDULE_WINDOWS = 1000;

type Tables = Omit<SubnetConfig, "name" | "windows">;

function dataOf({ data }: CheckedConfig): Tables["data"] {
  const demo = basename(data.folder) === "node_modules";
  return {
    ...data,
    selection: data.selection ?? (demo ? "demo" : "all"),
    include: data.include ?? (data.format === "jsonl" ? ["*.jsonl", "*.ndjson"] : ["**"]),
  };
}

function modelOf({ model }: CheckedConfig): Tables["model"] {
  return { ...MODELS[model.preset], ...model };
}

function phasesOf({ phases }: CheckedConfig): Tables["phases"] {
  return { ...phases, deadlineOffset: phases.deadlineOffset ?? phases.train + phases.commit - 1 };
}

function learningRateFor(width: number): number {
  return Math.min(100, Number((RATE_TIMES_WIDTH / width).toPrecision(3)));
}

function innerOf({ inner, windows }: CheckedConfig, width: number): Tables["inner"] {
  const learningRate = inner.learningRate ?? learningRateFor(width);
  const scheduled = inner.steps * (windows === 0 ? ENDLESS_SCHEDULE_WINDOWS : windows);
  const totalSteps = inner.totalSteps ?? Math.min(scheduled, MAXIMUM_STEPS);
  const share = windows === 0 ? 1 : Math.min(1, windows / WINDOWS_FOR_FULL_WARMUP);
  const warmup = Math.max(1, Math.round(WARMUP_WINDOWS * inner.steps * share));
  const warmupSteps = inner.warmupSteps ?? Math.min(warmup, totalSteps);
  const decay = Math.min(Math.round(DECAY_SHARE * totalSteps), totalSteps - warmupSteps);
  return {
    ...inner,
    learningRate,
    minimumLearningRate: inner.minimumLearningRate ?? learningRate / 10,
    warmupSteps,
    totalSteps,
    decaySteps: inner.decaySteps ?? Math.max(1, decay),
  };
}

function codecOf({ codec, outer }: CheckedConfig): Tables["codec"] {
  return { ...codec, k: codec.k ?? (outer.optimizer === "diloco" ? codec.chunk : KEPT) };
}

function outerOf({ outer }: CheckedConfig): Tables["outer"] {
  const { optimizer } = outer;
  return {
    ...outer,
    alpha: outer.alpha ?? (optimizer === "demo" ? SIGN_STEP : OUTER_RATE),
    momentum: outer.momentum ?? (optimizer === "diloco" ? DILOCO_MOMENTUM : 0),
  };
}

/** Blocks of a window. */
export function blocksPerWindow({ phases }: Pick<CheckedConfig, "phases">): number {
  return phases.train + phases.commit + phases.reveal + phases.judge;
}

/** The same configuration with every open key filled in. */
export function resolveConfig(checked: CheckedConfig): SubnetConfig {
  const model = modelOf(checked);
  const tempo = checked.chain.tempo ?? Math.min(blocksPerWindow(checked), MAXIMUM_TEMPO);
  return {
    ...checked,
    data: dataOf(checked),
    model,
    phases: phasesOf(checked),
    inner: innerOf(checked, model.width),
    codec: codecOf(checked),
    outer: outerOf(checked),
    chain: { ...checked.chain, tempo },
  };
}

/** What holds when nobody says anything: the demo. */
export function defaultConfig(): SubnetConfig {
  return resolveConfig(subnetConfigSchema.parse({}));
}
