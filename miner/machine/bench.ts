/** @file `miner bench`: how fast this machine trains, whether it keeps up with a run, and what it may earn there. */
import { availableParallelism } from "node:os";
import { taoText } from "../../base/tao.ts";
import type { ModelConfig } from "../../kernels/nn/model.ts";
import { ADAMW_DEFAULTS } from "../../kernels/optim/adamw.ts";
import { MODELS } from "../../src/run/presets.ts";
import { engineOptionsOf } from "../../src/run/run.ts";
import { Progress } from "../../src/command/progress.ts";
import { answer, type AccountParts } from "../account/parts.ts";
import { type View, withSubnet } from "../account/view.ts";
import { type Measured, measure, type Question } from "./measure.ts";
import type { BenchOptions } from "./options.ts";
import { blockSecondsOf, watchBlocks } from "./pace.ts";
import { type Prospects, prospectsOf } from "./prospects.ts";
import { saveSettings } from "./settings.ts";

/** Long enough for a steady figure, short enough to wait for. */
const AIM_MS = 2500;
/** Of a block, where the chain's were not seen: what public chains take. */
const BLOCK_SECONDS = 12;

/** A run to measure for, and what its miners are paid. */
type Live = {
  readonly name: string;
  readonly model: ModelConfig;
  readonly steps: number;
  readonly batch: number;
  /** How the run trains. */
  readonly optimisers: Pick<Question, "innerOptimizer" | "outerOptimizer">;
  /** Blocks of a window in which miners train. */
  readonly trainBlocks: number;
  readonly paidRao: readonly bigint[];
};

/** The subnet's run and the emission of those who have an incentive; null: it has none that can be looked at. */
function liveOf({ graph, run }: Pick<View, "graph" | "run">): Live | null {
  if (run === null || run === "unserved") return null;
  const { manifest } = run;
  const { innerOptimizer, outerOptimizer } = engineOptionsOf(manifest);
  return {
    name: manifest.name,
    model: manifest.model,
    steps: manifest.inner.steps,
    batch: manifest.inner.batch,
    optimisers: { innerOptimizer, ...(outerOptimizer && { outerOptimizer }) },
    trainBlocks: manifest.phases.train,
    paidRao: graph.neurons.flatMap(({ incentive, emissionRao }) =>
      incentive > 0 ? [emissionRao] : [],
    ),
  };
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

function machineLines(name: string, measured: Measured): string[] {
  const { best, ceilingGigaflops, peakBytes, refused } = measured;
  const share = best.gigaflops / ceilingGigaflops;
  return [
    `${name}: ${measured.parameters.toLocaleString("en")} parameters`,
    `  fastest      ${best.device}, threads ${best.threads}, micro-batch ${best.microBatch} (the largest that fits is ${measured.largestMicroBatch})`,
    `  speed        ${Math.round(best.tokensPerSecond).toLocaleString("en")} tokens/s, ${best.gigaflops.toFixed(1)} GFLOP/s`,
    `  ceiling      ${percent(share)} of the ${ceilingGigaflops.toFixed(0)} GFLOP/s of a plain product of matrices`,
    `  memory       ${(peakBytes / 1e9).toFixed(2)} GB at most`,
    ...refused.map(({ device, reason }) => `  refused      ${device}: ${reason}`),
  ];
}

function prospectLines({ live, blockSeconds }: Found, prospects: Prospects | null): string[] {
  if (live === null || prospects === null) return [];
  const { neededSeconds, share, steps, expectedRao } = prospects;
  const given = `${(live.trainBlocks * blockSeconds).toPrecision(3)} s (blocks of ${blockSeconds.toPrecision(2)} s)`;
  const needed = `${neededSeconds.toPrecision(3)} s for the ${live.steps} steps of a window, which gives ${given}`;
  return [
    `run "${live.name}"`,
    share === 1
      ? `  windows      all of them: ${needed}`
      : `  windows      too slow for a whole one: ${needed}; ${steps} of ${live.steps} steps (${percent(share)}) are done in time`,
    expectedRao === null
      ? "  pay          nobody is paid yet"
      : `  pay          about ${taoText(expectedRao, "alpha")} an epoch, beside ${live.paidRao.length} miners as they are paid now`,
  ];
}

/** Keeps how the fastest was trained. @returns the path */
async function keep({ state }: BenchOptions, measured: Measured, context: number): Promise<string> {
  const { device, threads, microBatch, tokensPerSecond } = measured.best;
  const { parameters } = measured;
  const how = { device, threads, microBatch, tokensPerSecond };
  return saveSettings(state, { ...how, parameters, context });
}

function prospectsIn({ live, measured: { best }, blockSeconds }: Found): Prospects | null {
  if (live === null) return null;
  const trainSeconds = live.trainBlocks * blockSeconds;
  const work = { ...live, context: live.model.context, trainSeconds };
  return prospectsOf(best.tokensPerSecond, work, live.paidRao);
}

/** What to measure: the run's model and batch, or those of the options. */
function questionOf(options: BenchOptions, live: Live | null): Question {
  const { device, threads } = options;
  const momentBits = options.momentBits === "8" ? 8 : 32;
  const optimisers = live?.optimisers ?? { innerOptimizer: ADAMW_DEFAULTS };
  const all = threads === undefined ? [1, availableParallelism()] : [threads];
  const { model, batch } = live ?? { model: MODELS[options.model], batch: options.batch };
  const trained = { model, batch, momentBits, ...optimisers } as const;
  return { ...trained, device, threads: [...new Set(all)], aimMs: AIM_MS };
}

/** What was measured, for the subnet's run if there is one. */
type Found = {
  readonly live: Live | null;
  readonly measured: Measured;
  readonly blockSeconds: number;
};

/** Where lines and progress go. */
type Tellers = Parameters<typeof measure>[1];

/** Measures for the run that the subnet trains now, and how fast its blocks come meanwhile. */
async function measureLive(options: BenchOptions, tellers: Tellers): Promise<Found> {
  return withSubnet(options, async ({ subnet, ...seen }) => {
    const live = liveOf(seen);
    if (live === null) tellers.tell("no run to look at: measuring the model of --model");
    const over = new AbortController();
    const signal = AbortSignal.any([seen.signal, over.signal]);
    const watching = watchBlocks(subnet.blocks, signal, () => performance.now());
    const measured = await measure(questionOf(options, live), tellers).finally(() => over.abort());
    const watched = blockSecondsOf(await watching) ?? BLOCK_SECONDS;
    return { live, measured, blockSeconds: options.blockSeconds || watched };
  });
}

async function measureAlone(options: BenchOptions, tellers: Tellers): Promise<Found> {
  const measured = await measure(questionOf(options, null), tellers);
  return { live: null, measured, blockSeconds: BLOCK_SECONDS };
}

/** Measures, tells, and keeps what was found for `miner`. */
export async function bench(options: BenchOptions, parts: AccountParts): Promise<void> {
  const tell = options.json ? (): void => undefined : parts.print;
  const progress = new Progress();
  const tellers = {
    tell(line: string) {
      progress.end();
      tell(line);
    },
    far: progress.at,
  };
  const found = await (options.live ? measureLive : measureAlone)(options, tellers);
  progress.end();
  const { live, measured } = found;
  const { context } = questionOf(options, live).model;
  const saved = await keep(options, measured, context);
  const prospects = prospectsIn(found);
  const name = live === null ? options.model : "the run's model";
  answer(parts, options.json, {
    value: {
      model: name,
      ...measured,
      run: live?.name ?? null,
      blockSeconds: live === null ? null : found.blockSeconds,
      prospects,
      saved,
    },
    lines: [
      ...machineLines(name, measured),
      ...prospectLines(found, prospects),
      `kept in ${saved}: miner trains so unless it is told otherwise`,
    ],
  });
}
