/** @file What `subnet check` measures on this machine: the speed of this very model, and what the data makes. */
import { createHash } from "node:crypto";
import { glob, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { initialParameters } from "../../kernels/nn/model.ts";
import { uint32Stream } from "../../kernels/random.ts";
import { type Engine, startEngine } from "../../kernels/runtime/engine.ts";
import { AssayError } from "../../src/errors.ts";
import { blake2b256Bytes } from "../../src/protocol/digest.ts";
import type { SubnetConfig } from "../config/schema.ts";
import type { DataMeasure, EngineMeasure } from "./subject.ts";

/** Where to measure. */
export type MeasureOptions = {
  readonly device: "auto" | "cpu" | "cuda" | "webgpu";
  readonly threads: number;
};

/** Long enough for a steady figure, short enough to wait for. */
const AIM_MS = 1500;
const MOST_STEPS = 50;
/** Hashing is so even that a part tells the whole. */
const HASHED_BYTES = 8 << 20;
const HELD_OUT_BELOW = 8;

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const start = performance.now();
  const value = await work();
  return { value, ms: performance.now() - start };
}

/** Sequences of random bytes; what they say does not change how long they take. */
function randomTokens(config: SubnetConfig, sequences: number): Int32Array {
  const draw = uint32Stream(1, 0);
  const tokens = new Int32Array(sequences * (config.model.context + 1));
  for (let at = 0; at < tokens.length; at++) tokens[at] = draw() % config.model.vocabulary;
  return tokens;
}

/** Milliseconds of one inner step: one to warm up, one to size the sample, then as many as fit. */
async function measureSteps(engine: Engine, config: SubnetConfig): Promise<number> {
  const { batch } = config.inner;
  const train = (steps: number): Promise<unknown> =>
    engine.train({
      tokens: randomTokens(config, steps * batch),
      learningRates: new Float32Array(steps).fill(1e-6),
    });
  await train(1);
  const { ms } = await timed(() => train(1));
  const steps = Math.max(1, Math.min(MOST_STEPS, Math.round(AIM_MS / ms)));
  return steps === 1 ? ms : (await timed(() => train(steps))).ms / steps;
}

async function measureLosses(engine: Engine, config: SubnetConfig): Promise<number> {
  const { update } = await engine.compress({ ...config.codec, beta: config.inner.errorDecay });
  const sequences = config.evaluation.noiseSequences;
  const tokens = randomTokens(config, sequences);
  const once = (): Promise<unknown> => engine.losses({ tokens, update, factor: 1e-6 });
  await once();
  const { ms } = await timed(once);
  const times = Math.max(1, Math.min(MOST_STEPS, Math.round(AIM_MS / ms)));
  const all = await timed(async () => {
    for (let time = 0; time < times; time++) await once();
  });
  return (1000 * times * sequences) / all.ms;
}

function hashMs(theta: Float32Array): number {
  const part = Math.min(theta.byteLength, HASHED_BYTES);
  const bytes = new Uint8Array(theta.buffer, theta.byteOffset, part);
  const start = performance.now();
  blake2b256Bytes(bytes);
  return ((performance.now() - start) * theta.byteLength) / part;
}

/**
 * Trains, compresses and evaluates this model for some seconds.
 * @throws KernelError if no device can train it
 */
export async function measureEngine(
  config: SubnetConfig,
  options: MeasureOptions,
): Promise<EngineMeasure> {
  const { beta1, beta2, epsilon, weightDecay, clip, batch, errorDecay } = config.inner;
  const { preset: _preset, seed, ...model } = config.model;
  const engine = await startEngine({
    model,
    batch,
    evaluationBatch: config.evaluation.noiseSequences,
    device: options.device,
    threads: options.threads,
    innerOptimizer: { beta1, beta2, epsilon, weightDecay, clip },
  });
  try {
    const theta = initialParameters(model, seed);
    await engine.setParameters(theta);
    const stepMs = await measureSteps(engine, config);
    const compressed = await timed(() => engine.compress({ ...config.codec, beta: errorDecay }));
    const { alpha, mean } = config.outer;
    const updates = [compressed.value.update];
    const outer = await timed(() => engine.outerStep({ updates, alpha, mean }));
    return {
      device: engine.device.chosen,
      threads: options.threads,
      stepMs,
      compressMs: compressed.ms,
      turnMs: outer.ms + hashMs(theta),
      lossesPerSecond: await measureLosses(engine, config),
    };
  } finally {
    await engine.close();
  }
}

async function requireFolder(folder: string): Promise<void> {
  try {
    if ((await stat(folder)).isDirectory()) return;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AssayError({ code: "data-unreadable", path: folder, reason }, { cause });
  }
  throw new AssayError({ code: "data-unreadable", path: folder, reason: "it is not a folder" });
}

async function filesOf({ folder, include }: SubnetConfig["data"]): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const entry of glob([...include], { cwd: folder, withFileTypes: true }))
    if (entry.isFile()) paths.push(join(entry.parentPath, entry.name));
  return paths.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Bytes of text in a file: all of it, or the field of each JSON line. 0 when it is no UTF-8 text. */
function textBytes(bytes: Uint8Array, { format, field }: SubnetConfig["data"]): number {
  if (bytes.includes(0)) return 0;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return 0;
  }
  if (format === "text") return bytes.length;
  return text.split("\n").reduce((sum, line) => sum + fieldBytes(line, field), 0);
}

function fieldBytes(line: string, field: string): number {
  try {
    const value: unknown = new Map<string, unknown>(Object.entries(JSON.parse(line) ?? {})).get(
      field,
    );
    return typeof value === "string" ? Buffer.byteLength(value) : 0;
  } catch {
    return 0;
  }
}

/**
 * Counts the text: files by path, equal ones once, one in 32 held out, until the limit.
 * @throws AssayError data-unreadable
 */
export async function measureData(config: SubnetConfig): Promise<DataMeasure> {
  const { data, model } = config;
  await requireFolder(data.folder);
  const seen = new Set<string>();
  const bytes = { training: 0, heldOut: 0 };
  let files = 0;
  for (const path of await filesOf(data)) {
    if (bytes.training >= data.limitBytes) break;
    const content = await readFile(path).catch(() => new Uint8Array());
    const digest = createHash("sha256").update(content).digest();
    const name = digest.toString("base64");
    const length = seen.has(name) ? 0 : textBytes(content, data);
    seen.add(name);
    if (length === 0) continue;
    files++;
    if ((digest[0] ?? 0) < HELD_OUT_BELOW) bytes.heldOut += length;
    else bytes.training += length;
  }
  const pages = Math.floor(
    Math.max(0, bytes.training - 1) / (model.context * data.sequencesPerPage),
  );
  return { pages, trainingBytes: bytes.training, heldOutBytes: bytes.heldOut, files };
}
