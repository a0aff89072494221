/** @file What a run starts from: drawn by seed, or taken from a checkpoint of either naming; a file of another model is refused. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { initialParameters, layoutOf, specsOf } from "../../../../kernels/nn/model.ts";
import { withMomentum } from "../../../../kernels/optim/outer.ts";
import { memoryBlobs } from "../../../../src/blobs/memory.ts";
import { encodeCheckpoint } from "../../../../src/checkpoint/checkpoint.ts";
import { huggingFaceTensors } from "../../../../src/checkpoint/hugging-face.ts";
import { encodeSafetensors } from "../../../../src/checkpoint/safetensors.ts";
import { treeAddress } from "../../../../src/protocol/block-tree.ts";
import type { Hex } from "../../../../src/protocol/digest.ts";
import { MODELS } from "../../../../src/run/presets.ts";
import { loadConfig } from "../../../../subnet/config/read.ts";
import { seedOf } from "../../../../subnet/publish/prepare.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-prepare-"));
after(() => rmSync(folder, { recursive: true }));

const { signal } = new AbortController();
const layout = layoutOf(specsOf(MODELS.nano));

/** Address of the first parameters of a run on docs/. */
async function genesis(checkpoint?: string, set: readonly string[] = []): Promise<Hex> {
  const { config } = loadConfig(null, { environment: {}, set: ["data.folder=docs", ...set] });
  const parts = { blobs: memoryBlobs(), step: () => undefined, signal };
  return (await seedOf(config, { checkpoint, neurons: 2 }, parts)).genesisCheckpoint;
}

function written(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

test("without a file the seed draws them", async () => {
  const bytes = encodeCheckpoint(layout, initialParameters(MODELS.nano, 1));
  assert.equal(await genesis(), treeAddress(bytes));
  assert.notEqual(await genesis(undefined, ["model.seed=2"]), treeAddress(bytes));
});

test("a checkpoint in our names or in those of Hugging Face gives the same bytes", async () => {
  const theta = initialParameters(MODELS.nano, 7);
  const ours = encodeCheckpoint(layout, theta);
  const theirs = encodeSafetensors(huggingFaceTensors(MODELS.nano, theta), { format: "pt" });
  assert.equal(await genesis(written("ours.safetensors", ours)), treeAddress(ours));
  assert.equal(await genesis(written("theirs.safetensors", theirs)), treeAddress(ours));
});

test("of the outer momentum of another run nothing is taken over", async () => {
  const theta = initialParameters(MODELS.nano, 7);
  const shared = new Float32Array(2 * layout.total).fill(3);
  shared.set(theta);
  const file = written("diloco.safetensors", encodeCheckpoint(withMomentum(layout), shared));
  assert.equal(await genesis(file), treeAddress(encodeCheckpoint(layout, theta)));
});

test("another model, no checkpoint and no file are refused by their name", async () => {
  const other = { ...MODELS.nano, layers: 1 };
  const bytes = encodeCheckpoint(layoutOf(specsOf(other)), initialParameters(other, 1));
  const large = encodeCheckpoint(
    layoutOf(specsOf(MODELS["1m"])),
    initialParameters(MODELS["1m"], 1),
  );
  for (const path of [
    written("other.safetensors", bytes),
    written("large.safetensors", large),
    written("text.safetensors", new TextEncoder().encode("hello")),
    join(folder, "none"),
    folder,
  ])
    await assert.rejects(
      genesis(path),
      /bad-option: --checkpoint |checkpoint-invalid: The checkpoint \//,
      path,
    );
});
