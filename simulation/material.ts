/** @file What a simulated run is about: text, manifest, first parameters. */
import { layoutOf, specsOf, initialParameters } from "../kernels/nn/model.ts";
import { encodeCheckpoint } from "../src/checkpoint/checkpoint.ts";
import {
  buildDataManifest,
  parseDataManifest,
  type ShardParts,
} from "../src/data/data-manifest.ts";
import { openPages, type PageSource } from "../src/data/pages.ts";
import { memoryFile } from "../src/data/ranges.ts";
import { treeAddress } from "../src/protocol/block-tree.ts";
import { blake2b256, type Hex } from "../src/protocol/digest.ts";
import type { ModelConfig, RunManifest } from "../src/protocol/manifest.ts";
import { encodeManifest } from "../src/protocol/manifest-file.ts";
import { Run } from "../src/run/run.ts";

/** The netuid of every simulated subnet. */
export const NETUID = 1;
/** First block of window 0: so many blocks before it that the rules which look back find some. */
const START_BLOCK = 48;

/** What only the run's making knows of its manifest. */
type MaterialParts = {
  readonly netuid: number;
  readonly startBlock: number;
  readonly genesisCheckpoint: Hex;
  readonly dataManifest: Hex;
  readonly pages: number;
};

/** What a run is made from. */
export type MaterialOptions = ShardParts & {
  readonly model: ModelConfig;
  readonly sequencesPerPage: number;
  /** theta_0, flat and padded; without it, the model's initial parameters of seed 1. */
  readonly theta?: Float32Array;
  readonly manifest: (parts: MaterialParts) => RunManifest;
};

/** A run that is published on a chain once that is there, and the blobs that it begins from. */
export type Material = {
  readonly manifest: RunManifest;
  /** Blob of theta_0. */
  readonly genesis: Uint8Array;
  readonly pages: PageSource;
  on(genesisHash: Hex): Run;
};

/** Makes the run. @throws AssayError manifest-invalid, data-too-small */
export function materialOf(options: MaterialOptions): Material {
  const { training, heldOut, model, sequencesPerPage } = options;
  const { context } = model;
  const layout = layoutOf(specsOf(model));
  const genesis = encodeCheckpoint(layout, options.theta ?? initialParameters(model, 1));
  const built = buildDataManifest(options, { context, sequencesPerPage });
  const shard = [memoryFile("training", training)];
  const pages = openPages(parseDataManifest(built.manifest), shard, built.pageDigests);
  const manifest = options.manifest({
    netuid: NETUID,
    startBlock: START_BLOCK,
    genesisCheckpoint: treeAddress(genesis),
    dataManifest: blake2b256(built.manifest),
    pages: built.pages,
  });
  const runId = blake2b256(encodeManifest(manifest));
  return {
    manifest,
    genesis,
    pages,
    on: (genesisHash) => new Run({ genesis: genesisHash, runId, manifest, pages, heldOut }),
  };
}
