/** @file What the demo's owner publishes: the nano model on the text below a folder, and the demo's manifest. */
import { resolve } from "node:path";
import type { BlobStore } from "../../src/blobs/directory.ts";
import type { DataOptions } from "../../src/data/corpus.ts";
import { type CorpusParts, describeReport } from "../../src/data/report.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { encodeManifest } from "../../src/protocol/manifest-file.ts";
import { DEMO_SEQUENCES_PER_PAGE, demoManifest, MODELS } from "../../src/run/presets.ts";
import { type Seed, seedRun } from "../publish/seed.ts";

const CORPUS_LIMIT_BYTES = 8 << 20;
const INITIAL_SEED = 1;
/** Pages of a window: of each miner, and of noise (demoManifest). */
const PAGES = { pagesPerWindow: 8, noisePages: 8 } as const;
/** The folder whose text the demo's figures were taken on. */
const DEMO_FOLDER = "node_modules";

const isDemoFolder = (folder: string): boolean => resolve(folder) === resolve(DEMO_FOLDER);

/** The demo's own folder is read by the demo's own rule; any other one is somebody's text, all of which counts. */
function textOf(folder: string): DataOptions {
  const common = { folder, limitBytes: CORPUS_LIMIT_BYTES };
  return isDemoFolder(folder)
    ? { selection: "demo", ...common }
    : { selection: "all", format: "text", ...common };
}

/** Stores the demo's data and theta_0 for `neurons` miners and cheaters. @throws AssayError as seedRun */
export async function seedDemo(
  options: { readonly folder: string; readonly neurons: number },
  blobs: BlobStore,
  parts: CorpusParts = {},
): Promise<Seed> {
  return seedRun(
    {
      ...PAGES,
      data: textOf(options.folder),
      model: MODELS.nano,
      sequencesPerPage: DEMO_SEQUENCES_PER_PAGE,
      neurons: options.neurons,
      initialSeed: INITIAL_SEED,
    },
    blobs,
    parts,
  );
}

/** What a run starts from, for people; of their own folder also what was left out and why. */
export function describeSeed(folder: string, seed: Seed): string {
  const { trainingBytes, files, pages, parameters, report } = seed;
  const megabytes = (trainingBytes / 1e6).toFixed(1);
  const text = `${megabytes} MB of text from ${files} files, ${pages} pages, ${parameters} parameters`;
  return isDemoFolder(folder) ? text : `${text}; ${describeReport(report)}`;
}

/** Fixes the start block, stores the manifest, returns it with its address, which is the run id. */
export async function publishManifest(
  seed: Seed,
  when: Pick<RunManifest, "netuid" | "startBlock" | "windows">,
  blobs: BlobStore,
): Promise<{ manifest: RunManifest; runId: Hex }> {
  const manifest = demoManifest({
    name: "localnet",
    ...when,
    genesisCheckpoint: seed.genesisCheckpoint,
    data: { manifest: seed.dataManifest, pages: seed.pages },
  });
  return { manifest, runId: await blobs.put(encodeManifest(manifest)) };
}
