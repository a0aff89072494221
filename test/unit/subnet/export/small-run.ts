/** @file A run of a tiny model, and folders like those that a local network leaves. */
import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  initialParameters,
  layoutOf,
  type ModelConfig,
  specsOf,
} from "../../../../kernels/nn/model.ts";
import { openBlobs } from "../../../../src/blobs/directory.ts";
import {
  encodeCheckpoint,
  putCheckpoint,
  tensorsOf,
} from "../../../../src/checkpoint/checkpoint.ts";
import { treeAddress } from "../../../../src/protocol/block-tree.ts";
import { blake2b256, type Hex, thetaDigest as digestOf } from "../../../../src/protocol/digest.ts";
import { encodeManifest } from "../../../../src/protocol/manifest-file.ts";
import type { RunManifest } from "../../../../src/protocol/manifest.ts";
import { demoManifest, MODELS } from "../../../../src/run/presets.ts";

/** A model that takes no time. */
export const TINY: ModelConfig = {
  ...MODELS.nano,
  layers: 1,
  heads: 2,
  keyValueHeads: 1,
  width: 8,
  hidden: 12,
  context: 64,
};

/** A run's manifest for a model. */
export function manifestOf(model: ModelConfig = TINY): RunManifest {
  const data = { manifest: `0x${"11".repeat(32)}`, pages: 1000 } as const;
  const genesisCheckpoint = `0x${"22".repeat(32)}` as const;
  const shape = { name: "small", netuid: 1, startBlock: 50, windows: 12, genesisCheckpoint, data };
  return { ...demoManifest(shape), model };
}

/** Manifest bytes; their digest is the run id. */
export const MANIFEST_BYTES: Uint8Array = encodeManifest(manifestOf());
export const RUN_ID: Hex = blake2b256(MANIFEST_BYTES);

/** Parameters of the tiny model, different for every seed, and their checkpoint. */
export function parametersOf(seed: number): {
  readonly theta: Float32Array;
  readonly checkpoint: Uint8Array;
  readonly address: Hex;
  readonly thetaDigest: Hex;
} {
  const layout = layoutOf(specsOf(TINY));
  const theta = initialParameters(TINY, seed);
  const checkpoint = encodeCheckpoint(layout, theta);
  const thetaDigest = digestOf(RUN_ID, tensorsOf(layout, theta));
  return { theta, checkpoint, address: treeAddress(checkpoint), thetaDigest };
}

/** What a node of the record remembers as its newest checkpoint. */
export type Remembered = { readonly window: number; readonly seed: number };

/** The record of a run: the owner's blobs, and each node's state with its checkpoint. */
export async function recordOf(nodes: Readonly<Record<string, Remembered>>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "assay-record-"));
  await openBlobs(join(folder, "owner", "blobs")).put(MANIFEST_BYTES);
  writeFileSync(join(folder, "nodes.json"), JSON.stringify({ runId: RUN_ID, nodes: [] }));
  for (const [name, { window, seed }] of Object.entries(nodes)) {
    const { theta, address } = parametersOf(seed);
    const state = join(folder, "nodes", name);
    mkdirSync(state, { recursive: true });
    const { trees } = openBlobs(join(state, "blobs"));
    assert.equal(await putCheckpoint(trees, layoutOf(specsOf(TINY)), theta), address);
    const content = { runId: RUN_ID, checkpoint: { window, address } };
    writeFileSync(join(state, "state.json"), JSON.stringify(content));
  }
  return folder;
}

/** Writes a summary that names the parameters of `seed` as the last ones, stored among the owner's blobs. */
export async function summarise(
  folder: string,
  { window, seed }: Remembered,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const { theta, thetaDigest } = parametersOf(seed);
  const { trees } = openBlobs(join(folder, "owner", "blobs"));
  const address = await putCheckpoint(trees, layoutOf(specsOf(TINY)), theta);
  const path = join(folder, "owner", "blobs", "trees", address.slice(2), "model.safetensors");
  const final = { runId: RUN_ID, window, thetaDigest, checkpoint: address, path, ...more };
  writeFileSync(join(folder, "summary.json"), JSON.stringify({ windows: window, final }));
}
