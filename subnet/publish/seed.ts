/** @file What an owner stores before a run's start block is known: text cut into pages and theta_0, all as blobs. */
import { initialParameters, layoutOf, specsOf } from "../../kernels/nn/model.ts";
import type { BlobStore } from "../../src/blobs/directory.ts";
import { putCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { type Corpus, type DataOptions, readCorpus } from "../../src/data/corpus.ts";
import { buildDataManifest, type Mirror, pagesIn } from "../../src/data/data-manifest.ts";
import { type CorpusParts, type CorpusReport, describeReport } from "../../src/data/report.ts";
import type { TokenBytes } from "../../src/data/tokens.ts";
import { AssayError } from "../../src/errors.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { leastPages } from "../../src/protocol/assignment.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";

/** What a run starts from. */
export type SeedOptions = Pick<
  RunManifest["data"],
  "sequencesPerPage" | "pagesPerWindow" | "noisePages"
> & {
  readonly data: DataOptions;
  readonly model: RunManifest["model"];
  /** Miners to expect: each gets `pagesPerWindow` pages of its own in a window. */
  readonly neurons: number;
  /** Draws theta_0 where no `genesis` is given. */
  readonly initialSeed: number;
  /** Parameters to go on from, flat and padded, of the same model. */
  readonly genesis?: Float32Array;
};

/** Blobs that a run needs before its start block is known. */
export type Seed = {
  readonly dataManifest: Hex;
  readonly pages: number;
  readonly genesisCheckpoint: Hex;
  /** Blob of the tokenizer.json, where there is one. */
  readonly tokenizerFile: Hex | null;
  readonly heldOut: Uint8Array;
  readonly tokenBytes: TokenBytes;
  readonly parameters: number;
  readonly trainingBytes: number;
  /** Files that text was taken from. */
  readonly files: number;
  /** What was taken and left out. */
  readonly report: CorpusReport;
};

/** Less held-out text than this would make the measured loss noise. */
const MINIMUM_HELD_OUT_BYTES = 4096;

/** @throws AssayError data-too-small, held-out-too-small, bad-option */
function requireEnough(corpus: Corpus, options: SeedOptions): void {
  const { training, heldOut, tokenBytes, vocabulary, report } = corpus;
  const { model, sequencesPerPage, neurons, pagesPerWindow, noisePages } = options;
  const { context } = model;
  const pages = pagesIn(training.length, { context, sequencesPerPage, tokenBytes });
  const needed = leastPages({ neurons, perUid: pagesPerWindow, noise: noisePages });
  const found = describeReport(report);
  if (vocabulary > model.vocabulary)
    throw new AssayError({
      code: "bad-option",
      detail: `model.vocabulary = ${model.vocabulary} is too small: the tokenizer tells ${vocabulary} tokens apart`,
    });
  if (pages < needed) throw new AssayError({ code: "data-too-small", pages, needed, found });
  if (heldOut.length < MINIMUM_HELD_OUT_BYTES)
    throw new AssayError({
      code: "held-out-too-small",
      bytes: heldOut.length,
      needed: MINIMUM_HELD_OUT_BYTES,
      found,
    });
}

/** theta_0. */
function genesisOf({ model, initialSeed, genesis }: SeedOptions): Float32Array {
  if (genesis === undefined) return initialParameters(model, initialSeed);
  if (!genesis.every(Number.isFinite))
    throw new AssayError({
      code: "checkpoint-invalid",
      reason: "a parameter is not finite",
    });
  return genesis;
}

/** Where the training tokens already lie for everybody: one shard behind an address that says all that is asked for. */
function mirrorsOf({ range }: Corpus): readonly Mirror[] {
  return range !== null && /^https?:/.test(range.name)
    ? [{ url: range.name, offset: range.offset }]
    : [];
}

/**
 * Reads the text and stores data manifest, shard, page digests, held-out text and theta_0.
 * @throws AssayError data-unreadable, data-too-small, held-out-too-small, checkpoint-invalid (a parameter that is not finite),
 * disk-full
 */
export async function seedRun(
  options: SeedOptions,
  blobs: BlobStore,
  parts: CorpusParts = {},
): Promise<Seed> {
  const { model, sequencesPerPage } = options;
  const layout = layoutOf(specsOf(model));
  const genesis = genesisOf(options);
  const corpus = await readCorpus(options.data, parts);
  requireEnough(corpus, options);
  const { training, heldOut, tokenBytes, tokenizerFile, report } = corpus;
  const shard = { ...corpus, mirrors: mirrorsOf(corpus) };
  const built = buildDataManifest(shard, { context: model.context, sequencesPerPage });
  const [dataManifest, genesisCheckpoint, tokenizer] = await Promise.all([
    blobs.put(built.manifest),
    putCheckpoint(blobs.trees, layout, genesis),
    tokenizerFile === null ? null : blobs.put(tokenizerFile),
    blobs.put(training),
    blobs.put(heldOut),
    blobs.put(built.pageDigests),
  ]);
  return {
    dataManifest,
    pages: built.pages,
    genesisCheckpoint,
    tokenizerFile: tokenizer,
    heldOut,
    tokenBytes,
    parameters: layout.lengths.reduce((sum, length) => sum + length, 0),
    trainingBytes: training.length,
    files: report.files,
    report,
  };
}
