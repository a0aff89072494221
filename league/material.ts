/**
 * @file What a league is played on: the text and rules of a configuration, while the model learns, or on its plateau.
 *
 * Plateau: the run begins from parameters that were trained on its very pages until they fall no more, at the learning rate
 * with which the schedule ends. A small rate alone would be none: paired losses of small honest updates are as clear as
 * those of large ones.
 */
import { startEngine } from "../kernels/engine/engine.ts";
import { initialParameters } from "../kernels/nn/model.ts";
import { batchOrder } from "../src/data/batches.ts";
import { type Corpus, readCorpus } from "../src/data/corpus.ts";
import { pageStep } from "../src/data/data-manifest.ts";
import { learningRate } from "../src/protocol/learning-rate.ts";
import { blake2b256 } from "../src/protocol/digest.ts";
import type { RunManifest } from "../src/protocol/manifest.ts";
import type { IncentiveRules } from "../src/protocol/rules.ts";
import { demoManifest } from "../src/run/presets.ts";
import { engineOptionsOf } from "../src/run/run.ts";
import { readTomlFile } from "../src/command/toml.ts";
import { type Material, materialOf } from "../simulation/material.ts";
import { dataChoiceOf } from "../subnet/config/data-choice.ts";
import { manifestOf, rulesOfConfig } from "../subnet/config/manifest.ts";
import { loadConfig } from "../subnet/config/read.ts";
import type { SubnetConfig } from "../subnet/config/schema.ts";

/** When a league is played: while the loss falls, or when it no longer does. */
export type Regime = "learning" | "plateau";

/** Which run a league is about. */
export type RunChoice = {
  readonly regime: Regime;
  readonly windows: number;
  /** A subnet.toml; null: the demo. */
  readonly config: string | null;
  /** `key=value`, above the file. */
  readonly set: readonly string[];
};

/** Pages of the plateau: few, so that training them to the end takes a minute. */
const PLATEAU_PAGES = 256;
const PLATEAU_STEPS = 1600;
const PLATEAU_RATE = 0.004;

/** The configuration that a choice stands for. @throws AssayError bad-option */
export function configOf({ config, set, windows }: RunChoice): {
  readonly config: SubnetConfig;
  readonly isDemo: boolean;
} {
  const document = config === null ? null : readTomlFile(config);
  const all = ["scoring.mode=credit", ...set, `windows=${windows}`];
  return { config: loadConfig(document, { set: all }).config, isDemo: document === null };
}

/** What of a configuration a modelled league plays by: how updates are scored, and blocks between epochs. @throws AssayError bad-option */
export function modelledRulesOf(choice: RunChoice): Pick<IncentiveRules, "scoring"> & {
  readonly tempo: number;
} {
  const { config } = configOf(choice);
  return { scoring: rulesOfConfig(config).scoring, tempo: config.chain.tempo };
}

/** The text of a regime. */
async function textOf(choice: RunChoice, config: SubnetConfig): Promise<Corpus> {
  const corpus = await readCorpus(dataChoiceOf(config));
  if (choice.regime === "learning") return corpus;
  const { context } = config.model;
  const { sequencesPerPage } = config.data;
  const { training, tokenBytes } = corpus;
  const step = pageStep({ context, sequencesPerPage, tokenBytes });
  return { ...corpus, training: training.subarray(0, PLATEAU_PAGES * step + tokenBytes) };
}

function manifestFor(
  choice: RunChoice,
  found: { readonly config: SubnetConfig; readonly isDemo: boolean },
  parts: Parameters<typeof manifestOf>[1],
): RunManifest {
  const { config, isDemo } = found;
  const { dataManifest, pages, tokenizerFile: _none, ...where } = parts;
  const data = { manifest: dataManifest, pages };
  const { name, windows } = config;
  const isAsDemo =
    isDemo &&
    choice.set.every((key) => !/^(?:inner|model|outer|data|codec|phases|tokenizer)\./.test(key));
  const manifest = isAsDemo
    ? { ...demoManifest({ name, windows, ...where, data }), ...rulesOfConfig(config) }
    : manifestOf(config, parts);
  if (choice.regime === "learning") return manifest;
  const rate = manifest.inner.minimumLearningRate;
  return { ...manifest, inner: { ...manifest.inner, learningRate: rate, warmupSteps: 0 } };
}

/** The run. `theta` is theta_0, without it the model's initial parameters. @throws AssayError bad-option, data-unreadable */
export async function materialFor(choice: RunChoice, theta?: Float32Array): Promise<Material> {
  const found = configOf(choice);
  const corpus = await textOf(choice, found.config);
  const { preset: _preset, seed: _seed, ...model } = found.config.model;
  return materialOf({
    ...corpus,
    model,
    sequencesPerPage: found.config.data.sequencesPerPage,
    ...(theta !== undefined && { theta }),
    manifest: (parts) => {
      const { tokenizerFile: file } = corpus;
      const tokenizerFile = file === null ? null : blake2b256(file);
      return manifestFor(choice, found, { ...parts, tokenizerFile });
    },
  });
}

/** Parameters that know the pages of the plateau: one node, AdamW, the usual schedule. */
export async function plateauTheta(choice: RunChoice): Promise<Float32Array> {
  const { manifest, pages } = await materialFor({ ...choice, regime: "plateau" });
  const { inner, model, data } = manifest;
  const engine = await startEngine({ ...engineOptionsOf(manifest), device: "cpu", threads: 1 });
  try {
    await engine.setParameters(initialParameters(model, 1));
    const source = await pages.sequences(Array.from({ length: data.pages }, (_, page) => page));
    const shape = { available: source.count, steps: PLATEAU_STEPS, batch: inner.batch };
    const order = batchOrder(blake2b256(new TextEncoder().encode("plateau")), shape);
    const schedule = {
      ...inner,
      learningRate: PLATEAU_RATE,
      minimumLearningRate: PLATEAU_RATE / 10,
      warmupSteps: PLATEAU_STEPS / 20,
      totalSteps: PLATEAU_STEPS,
    };
    for (let step = 0; step < PLATEAU_STEPS; step += inner.steps) {
      const chosen = order.slice(step * inner.batch, (step + inner.steps) * inner.batch);
      const rates = Array.from({ length: inner.steps }, (_, index) =>
        learningRate(schedule, step + index),
      );
      const tokens = new Int32Array(chosen.length * (model.context + 1));
      for (const [row, index] of chosen.entries())
        tokens.set(source.at(index), row * (model.context + 1));
      await engine.train({ tokens, learningRates: Float32Array.from(rates) });
      await engine.adoptWorking();
    }
    return await engine.parameters();
  } finally {
    await engine.close();
  }
}
