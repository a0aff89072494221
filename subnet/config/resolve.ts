/** @file Defaults that follow from other keys, so that an owner who changes one number need not change five. */
import { basename, extname } from "node:path";
import { type DataFormat, DEFAULT_INCLUDE } from "../../src/data/corpus.ts";
import { isRemote } from "../../src/data/places.ts";
import {
  hasPrintableSymbols,
  isSynthetic,
  type SyntheticRules,
  syntheticRules,
} from "../../src/data/synthetic.ts";
import { vocabularyOfFile } from "../../src/data/tokenizer.ts";
import { isAssayError } from "../../src/errors.ts";
import { MODELS } from "../../src/run/presets.ts";
import { NO_FILE } from "./model.ts";
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

/** What the ending of a file says; a folder has none. */
const FORMATS: Readonly<Record<string, DataFormat>> = {
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  ".parquet": "parquet",
  ".bin": "tokens",
  ".npy": "tokens",
};

type Tables = Omit<SubnetConfig, "name" | "windows">;

/** Of an address only the path says what it is. */
function pathOf(folder: string): string {
  return isRemote(folder) ? folder.replace(/[?#].*$/s, "") : folder;
}

function selectionOf(folder: string): Tables["data"]["selection"] {
  if (isSynthetic(folder)) return "synthetic";
  return basename(folder) === "node_modules" ? "demo" : "all";
}

function dataOf({ data }: CheckedConfig): Tables["data"] {
  const format = data.format ?? FORMATS[extname(pathOf(data.folder))] ?? "text";
  return {
    ...data,
    selection: data.selection ?? selectionOf(data.folder),
    format,
    include: data.include ?? [...DEFAULT_INCLUDE[format]],
  };
}

/** Whether the data are tokens already. */
export function isTokenData({ selection, format, folder }: Tables["data"]): boolean {
  if (selection !== "synthetic") return selection === "all" && format === "tokens";
  const rules = rulesIn(folder);
  return rules !== null && !hasPrintableSymbols(rules);
}

/** What is wrong with them says whoever makes the data. */
function rulesIn(folder: string): SyntheticRules | null {
  try {
    return syntheticRules(folder);
  } catch (error) {
    if (isAssayError(error, "bad-option")) return null;
    throw error;
  }
}

function tokenizerFor({ tokenizer }: CheckedConfig, data: Tables["data"]): Tables["tokenizer"] {
  const { kind, file } = tokenizer;
  const derived = file !== NO_FILE ? "huggingface" : isTokenData(data) ? "tokens" : "bytes";
  return { file, kind: kind ?? derived };
}

/** A file that cannot be read says nothing here: whoever reads the data is told why. */
function vocabularyIn({ kind, file }: Tables["tokenizer"], data: Tables["data"]): number | null {
  if (data.selection === "synthetic") {
    const rules = rulesIn(data.folder);
    return rules === null || hasPrintableSymbols(rules) ? null : rules.symbols;
  }
  if (kind !== "huggingface" || file === NO_FILE) return null;
  try {
    return vocabularyOfFile(file);
  } catch (error) {
    if (isAssayError(error, "tokenizer-invalid")) return null;
    throw error;
  }
}

function modelOf(
  { model }: CheckedConfig,
  { data, tokenizer }: Pick<Tables, "data" | "tokenizer">,
): Tables["model"] {
  const own = { bias: false, untied: false, ...MODELS[model.preset], ...model };
  if (model.vocabulary !== undefined) return own;
  return { ...own, vocabulary: vocabularyIn(tokenizer, data) ?? own.vocabulary };
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
  const data = dataOf(checked);
  const tokenizer = tokenizerFor(checked, data);
  const model = modelOf(checked, { data, tokenizer });
  const tempo = checked.chain.tempo ?? Math.min(blocksPerWindow(checked), MAXIMUM_TEMPO);
  return {
    ...checked,
    data,
    tokenizer,
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
