/** @file `miner plan`: what a model would take of a peer and of its lines, before anybody rents anything. */
import type { ModelConfig } from "../../kernels/nn/model.ts";
import { lineFor, type Peer, type Plan, planOf, type WindowPlan } from "../../src/run/plan.ts";
import { STAGES, windowSeconds } from "../../src/run/window-simulation.ts";
import { MODELS, PLANNED_MODELS } from "../../src/run/presets.ts";
import type { PlanOptions } from "./options.ts";
import { PUBLISHED } from "./published.ts";
import { utilisationMarkdown } from "./utilisation.ts";

type Name = PlanOptions["model"];

/** A peer and a window as far as they follow from the model; devices in whole GFLOP/s. */
type Defaults = Omit<Peer, "teraflops"> &
  Omit<WindowPlan, "delivery" | "momentBits" | "chunk" | "blockSeconds"> & {
    readonly gigaflops: number;
    readonly blockMs: number;
  };

const LINES = { uplinkMbps: 1000, downlinkMbps: 1000 } as const;
const WINDOW = { steps: 30, peers: 17, validators: 3, k: 64, sequences: 16, workers: 1 } as const;
/** Of a local network, which is final at once; and of a public one. */
const LOCAL = { blockMs: 250, finalityBlocks: 0 } as const;
const PUBLIC = { blockMs: 12_000, finalityBlocks: 2 } as const;
const ON_CPU = { ...LINES, ...WINDOW, ...LOCAL, devices: 1, gigaflops: 100, cores: 2 } as const;
const ON_GPU = { ...LINES, ...WINDOW, ...PUBLIC, devices: 1, cores: 16 } as const;

/**
 * Peers that such models are trained by, unless the options say otherwise. That of 72b is the published one: its batch and steps are
 * the published 11.8 M tokens of a window, its speed is what 20 minutes for them come to on 8 devices.
 */
const DEFAULTS: Readonly<Record<Name, Defaults>> = {
  nano: { ...ON_CPU, batch: 12, microBatch: 12 },
  "1m": { ...ON_CPU, batch: 12, microBatch: 12 },
  "10m": { ...ON_CPU, batch: 12, microBatch: 12 },
  "124m": { ...ON_GPU, gigaflops: 40_000, batch: 64, microBatch: 8 },
  "350m": { ...ON_GPU, gigaflops: 40_000, batch: 64, microBatch: 4 },
  "1b": { ...ON_GPU, gigaflops: 200_000, batch: 64, microBatch: 2 },
  "8b": { ...ON_GPU, devices: 8, gigaflops: 400_000, cores: 64, batch: 96, microBatch: 8 },
  "72b": { ...ON_GPU, devices: 8, gigaflops: 555_000, cores: 64, batch: 192, microBatch: 8 },
};

const CHUNK = 4096;

const PLANNED: Readonly<Record<Name, ModelConfig>> = { ...MODELS, ...PLANNED_MODELS };

type Assumed = { readonly peer: Peer; readonly window: WindowPlan };

/** What the options say, over what fits the model. */
function assumed(options: PlanOptions): Assumed {
  const fits = DEFAULTS[options.model];
  const of = (key: keyof Defaults): number => options[key] ?? fits[key];
  const batch = of("batch");
  return {
    peer: {
      devices: of("devices"),
      teraflops: of("gigaflops") / 1000,
      cores: of("cores"),
      uplinkMbps: of("uplinkMbps"),
      downlinkMbps: of("downlinkMbps"),
    },
    window: {
      steps: of("steps"),
      batch,
      microBatch: Math.min(batch, of("microBatch")),
      peers: of("peers"),
      validators: of("validators"),
      delivery: options.delivery,
      sequences: of("sequences"),
      workers: of("workers"),
      blockSeconds: of("blockMs") / 1000,
      finalityBlocks: of("finalityBlocks"),
      k: of("k"),
      chunk: CHUNK,
      momentBits: options.momentBits === "8" ? 8 : 32,
    },
  };
}

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** Bytes for people. */
function sizeText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toPrecision(3)} ${UNITS[power] ?? ""}`;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const rateText = (mbps: number): string =>
  Number.isFinite(mbps) ? `${mbps.toPrecision(3)} Mbit/s` : "no line is fast enough";

/** What a window may have at least where lines are good. */
const GOAL = 0.96;

/** What happens in each stage. */
const STAGE_TEXT: Readonly<Record<(typeof STAGES)[number], string>> = {
  download: "updates fetched",
  outerStep: "outer step",
  digest: "digest",
  pages: "pages still fetched",
  compute: "inner steps",
  compress: "update cut",
  commit: "digest on chain, final",
  upload: "update sent",
  judge: "judged, votes final",
};

const PARTS: Readonly<Record<string, string>> = {
  theta: "theta",
  working: "working copy",
  moments: "moments",
  errorFeedback: "error feedback",
  gradient: "gradient",
  accumulated: "sum over micro-batches",
  outerMomentum: "outer momentum",
  scratch: "inner optimiser's scratch",
  activations: "activations, kept",
  activationsRecomputed: "activations, recomputed",
};

const row = (label: string, text: string, more = ""): string =>
  `  ${label.padEnd(26)}${text.padStart(10)}${more}`;

/** The lines of a plan. */
function linesOf(name: string, plan: Plan, { peer, window }: Assumed): string[] {
  const share = (bytes: number): string =>
    peer.devices === 1 ? "" : sizeText(bytes / peer.devices).padStart(12);
  return [
    `${name}: ${plan.parameters.toLocaleString("en")} parameters`,
    `memory of a miner, micro-batch ${window.microBatch}${peer.devices === 1 ? "" : `, and of each of its ${peer.devices} devices`}`,
    ...Object.entries(plan.miner)
      .filter(([, bytes]) => bytes > 0)
      .map(([part, bytes]) => row(PARTS[part] ?? part, sizeText(bytes), share(bytes))),
    row("in all, recomputed", sizeText(plan.minerBytes), share(plan.minerBytes)),
    row("of a validator", sizeText(plan.validatorBytes), ", theta and a trial of it"),
    `bytes of a window, ${window.peers} accepted updates, k = ${window.k} of ${window.chunk}`,
    row(
      "an update",
      sizeText(plan.updateBytes),
      `  ${plan.bitsPerParameter.toFixed(4)} bit a parameter at most`,
    ),
    row("a miner sends", sizeText(plan.sentBytes), `  ${window.delivery}`),
    row("a miner fetches", sizeText(plan.fetchedBytes)),
    "lines, both ways",
    row(
      `for ${percent(PUBLISHED.utilisation)}`,
      rateText(lineFor(PUBLISHED.utilisation, plan.setting)),
    ),
    row(`for ${percent(GOAL)}`, rateText(lineFor(GOAL, plan.setting))),
    `a window of ${window.steps} steps of ${window.batch} sequences, simulated`,
    ...STAGES.map((stage) => row(STAGE_TEXT[stage], `${plan.seconds[stage].toPrecision(3)} s`)),
    row("in all", `${windowSeconds(plan.seconds).toPrecision(4)} s`),
    row(
      "utilisation",
      percent(plan.utilisation),
      `  (Covenant-72B publishes ${percent(PUBLISHED.utilisation)})`,
    ),
  ];
}

/** Prints what a model takes. */
export function showPlan(options: PlanOptions, print: (line: string) => void): void {
  if (options.markdown) return print(utilisationMarkdown().trimEnd());
  const at = assumed(options);
  const plan = planOf(PLANNED[options.model], at.peer, at.window);
  const value = { model: options.model, ...at, plan, published: PUBLISHED };
  for (const line of options.json ? [JSON.stringify(value)] : linesOf(options.model, plan, at))
    print(line);
}
