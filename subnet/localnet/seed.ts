/** @file What the owner publishes of a run: text cut into pages, theta_0, the manifest; all as blobs. */
import { initialParameters, layoutOf, specsOf } from "../../kernels/nn/model.ts";
import type { BlobStore } from "../../src/blobs/directory.ts";
import { AssayError } from "../../src/errors.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { type RunManifest } from "../../src/protocol/manifest.ts";
import { encodeManifest } from "../../src/protocol/manifest-file.ts";
import { encodeCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { readCorpus } from "../../src/data/corpus.ts";
import { buildDataManifest } from "../../src/data/pages.ts";
import { DEMO_SEQUENCES_PER_PAGE, demoManifest, MODELS } from "../../src/run/presets.ts";

/** Blobs that a run needs before its start block is known. */
export type Seed = {
  readonly dataManifest: Hex;
  readonly pages: number;
  readonly genesisCheckpoint: Hex;
  readonly heldOut: Uint8Array;
  readonly parameters: number;
  readonly trainingBytes: number;
  readonly files: number;
};

const CORPUS_LIMIT_BYTES = 8 << 20;
const INITIAL_SEED = 1;
/** Less held-out text than this would make the measured loss noise. */
const MINIMUM_HELD_OUT_BYTES = 4096;

/** Reads the text below `folder` and stores shard, page digests, held-out text and theta_0. @throws AssayError */
export async function seedRun(folder: string, neurons: number, blobs: BlobStore): Promise<Seed> {
  const model = MODELS.nano;
  const corpus = await readCorpus(folder, CORPUS_LIMIT_BYTES);
  const shape = { context: model.context, sequencesPerPage: DEMO_SEQUENCES_PER_PAGE };
  const pageBytes = shape.context * shape.sequencesPerPage;
  const found = Math.floor(Math.max(0, corpus.training.length - 1) / pageBytes);
  const needed = neurons * 8 + 8;
  if (found < needed || corpus.heldOut.length < MINIMUM_HELD_OUT_BYTES)
    throw new AssayError({ code: "data-too-small", pages: found, needed });
  const built = buildDataManifest(corpus.training, corpus.heldOut, shape);
  const layout = layoutOf(specsOf(model));
  const theta = initialParameters(model, INITIAL_SEED);
  const [dataManifest, genesisCheckpoint] = await Promise.all([
    blobs.put(built.manifest),
    blobs.put(encodeCheckpoint(layout, theta)),
    blobs.put(corpus.training),
    blobs.put(corpus.heldOut),
    blobs.put(built.pageDigests),
  ]);
  return {
    dataManifest,
    pages: built.pages,
    genesisCheckpoint,
    heldOut: corpus.heldOut,
    parameters: layout.lengths.reduce((sum, length) => sum + length, 0),
    trainingBytes: corpus.training.length,
    files: corpus.files.training,
  };
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
