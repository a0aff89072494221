/** @file docs/utilisation.md: the published window and Assay's, simulated on lines that add up. */
import { lineFor, planOf } from "../../src/run/plan.ts";
import { PLANNED_MODELS } from "../../src/run/presets.ts";
import {
  simulateWindow,
  type StageSeconds,
  utilisationOf,
  windowSeconds,
  type WindowSetting,
} from "../../src/run/window-simulation.ts";
import { PUBLISHED, PUBLISHED_SETTING } from "./published.ts";

/** A simulated window, and what it is. */
export type UtilisationRow = {
  readonly name: string;
  readonly setting: WindowSetting;
  readonly stages: StageSeconds;
  readonly utilisation: number;
};

/** A line of a peer, chain and window of a row. */
type Case = {
  readonly name: string;
  readonly mbps: number;
  readonly steps?: number;
  readonly blockSeconds: number;
  readonly workers: number;
};

/** The machine of the published peers: 11.8 M tokens in 20 minutes. */
const PEER = { devices: 8, teraflops: 555, cores: 64 } as const;
const FINALITY_BLOCKS = 2;
const STEPS = 30;

const symmetric = (mbps: number): WindowSetting["line"] => ({
  uplinkMbps: mbps,
  downlinkMbps: mbps,
});

function rowOf(name: string, setting: WindowSetting): UtilisationRow {
  const stages = simulateWindow(setting);
  return { name, setting, stages, utilisation: utilisationOf(stages) };
}

/** Assay's window of the same model, peers and batch. */
function assay({ name, mbps, steps = STEPS, blockSeconds, workers }: Case): UtilisationRow {
  const { setting } = planOf(
    PLANNED_MODELS["72b"],
    { ...PEER, ...symmetric(mbps) },
    {
      steps,
      batch: 192,
      microBatch: 8,
      peers: PUBLISHED.peers,
      validators: 3,
      delivery: "store",
      k: 64,
      chunk: 4096,
      momentBits: 32,
      sequences: 16,
      workers,
      blockSeconds,
      finalityBlocks: FINALITY_BLOCKS,
    },
  );
  return rowOf(name, setting);
}

/** The line on which the published bytes take the published time. */
function publishedLine(): number {
  const { computeSeconds, communicationSeconds } = PUBLISHED;
  return lineFor(computeSeconds / (computeSeconds + communicationSeconds), PUBLISHED_SETTING);
}

/** The rows of the table. */
export function utilisationRows(): readonly UtilisationRow[] {
  const mbps = publishedLine();
  return [
    rowOf("published, on the lines that are said of its peers", PUBLISHED_SETTING),
    rowOf("published, on the line that takes 70 s for its bytes", {
      ...PUBLISHED_SETTING,
      line: symmetric(mbps),
    }),
    assay({ name: "Assay, on that line", mbps, blockSeconds: 2, workers: 1 }),
    assay({ name: "Assay", mbps: 10_000, blockSeconds: 2, workers: 2 }),
    assay({ name: "Assay", mbps: 25_000, blockSeconds: 2, workers: 2 }),
    assay({ name: "Assay, blocks of 12 s", mbps: 25_000, blockSeconds: 12, workers: 2 }),
    assay({
      name: "Assay, blocks of 12 s, 120 steps",
      mbps: 10_000,
      steps: 120,
      blockSeconds: 12,
      workers: 2,
    }),
  ];
}

const HEAD = [
  "window",
  "line, Mbit/s up / down",
  "sent + fetched, GB",
  "inner steps",
  "fetched, applied, digest",
  "cut, on chain",
  "sent",
  "judged, votes final",
  "in all",
  "utilisation",
] as const;

const rate = (mbps: number): string => String(Math.round(mbps));
const giga = (bytes: number): string => (bytes / 1e9).toFixed(2);
const seconds = (value: number): string => `${value.toFixed(1)} s`;

function cells({ name, setting, stages, utilisation }: UtilisationRow): readonly string[] {
  const { line, miners, updateBytes } = setting;
  return [
    name,
    `${rate(line.uplinkMbps)} / ${rate(line.downlinkMbps)}`,
    `${giga(updateBytes)} + ${giga((miners - 1) * updateBytes)}`,
    seconds(stages.compute),
    seconds(stages.download + stages.outerStep + stages.digest + stages.pages),
    seconds(stages.compress + stages.commit),
    seconds(stages.upload),
    seconds(stages.judge),
    seconds(windowSeconds(stages)),
    `${(100 * utilisation).toFixed(1)} %`,
  ];
}

/** docs/utilisation.md */
export function utilisationMarkdown(): string {
  const grid = [HEAD, HEAD.map(() => "---"), ...utilisationRows().map(cells)];
  return `${TEXT}\n${grid.map((row) => `| ${row.join(" | ")} |`).join("\n")}\n${NOTES}`;
}

const TEXT = `# Utilisation of a window

Written by \`miner plan --markdown > docs/utilisation.md\`: do not edit. The part of a window in which a peer's devices compute, of a model of
72,747,327,488 parameters with 17 peers, as Covenant-72B publishes it (arXiv 2603.08163: 20 minutes of computing, 70 s of communication, 94.5 %; 12 bits of index
and 2 of value for 64 of 4096 coordinates), and of Assay's window of the same model, batch and machines. Each row is a simulation of all nodes event by event
([window-simulation.ts](../src/run/window-simulation.ts)); the waits come from the order of the protocol, none is set.
`;

const NOTES = `
- The lines that are said of the published peers (110 up, 500 down) do not bring its bytes in its 70 s. The second row asks which line does, and has the published utilisation.
- In Assay's window peers wait for more than bytes: the digest of an update has to be final on chain before anybody may see it, the pages of the gate
  are drawn by the block after that, every validator fetches and tries every update, and votes have to be final before the outer step. Pages of the next window come while
  updates are fetched and applied (miner/ahead.ts); nothing else overlaps.
- Assay's rows: 3 validators with a peer's machine and line, sixteen sequences of 2048 tokens at the gate, evaluated by one machine (third row) or by two; blocks of 2 s, final after two more, but for the rows of 12 s; an update goes to a store
  that has enough bandwidth. Cutting, applying and digesting are figures of one core of the reference machine
  ([kernels/exact](../kernels/exact/README.md)) on 64 cores. Nothing of this size was run.
- \`miner plan --model 72b\` simulates any other setting, and says which line it needs for 94.5 and for 96 %.
`;
