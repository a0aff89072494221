/** @file Where a trained model comes from: a record with and without a summary, files of both namings, clear refusals. */
import { strict as assert } from "node:assert";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { layoutOf, specsOf } from "../../../../kernels/nn/model.ts";
import { encodeCheckpoint } from "../../../../src/checkpoint/checkpoint.ts";
import { huggingFaceTensors } from "../../../../src/checkpoint/hugging-face.ts";
import { encodeSafetensors } from "../../../../src/checkpoint/safetensors.ts";
import { isAssayError } from "../../../../src/errors.ts";
import { MODELS } from "../../../../src/run/presets.ts";
import type { SourceOptions } from "../../../../subnet/export/options.ts";
import { openModel } from "../../../../subnet/export/source.ts";
import type { TrainedModel } from "../../../../subnet/export/trained-model.ts";
import {
  MANIFEST_BYTES,
  parametersOf,
  recordOf,
  type Remembered,
  RUN_ID,
  summarise,
  TINY,
} from "./small-run.ts";

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function record(nodes: Readonly<Record<string, Remembered>>): Promise<string> {
  const folder = await recordOf(nodes);
  folders.push(folder);
  return folder;
}

function fileWith(name: string, bytes: Uint8Array | string): string {
  const folder = mkdtempSync(join(tmpdir(), "assay-source-"));
  folders.push(folder);
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

/** The file of the checkpoint of `seed` in a node's folder. */
const treeFile = (node: string, seed: number): string =>
  join(node, "blobs", "trees", parametersOf(seed).address.slice(2), "model.safetensors");

const open = (options: Partial<SourceOptions>): Promise<TrainedModel> =>
  openModel(
    { endpoint: "ws://127.0.0.1:1", ...options },
    { step: () => undefined, signal: AbortSignal.timeout(60_000) },
  );

async function refuses(
  options: Partial<SourceOptions>,
  code: "bad-option" | "run-damaged" | "checkpoint-invalid",
  words: RegExp,
): Promise<void> {
  await assert.rejects(
    open(options),
    (error) => isAssayError(error, code) && words.test(error.message),
  );
}

function holds(model: TrainedModel, seed: number, window: number | null): void {
  const { theta, thetaDigest } = parametersOf(seed);
  assert.deepEqual(model.theta, theta);
  assert.equal(model.thetaDigest, thetaDigest);
  assert.equal(model.runId, RUN_ID);
  assert.equal(model.window, window);
}

test("a finished run: the checkpoint that its summary names, wherever the folder was moved", async () => {
  const folder = await record({ a: { window: 10, seed: 1 } });
  await summarise(folder, { window: 12, seed: 2 });
  holds(await open({ run: folder }), 2, 12);
  const moved = `${folder}-moved`;
  renameSync(folder, moved);
  folders.push(moved);
  holds(await open({ run: moved }), 2, 12);
});

test("a run without a summary, or with one that names no checkpoint: the newest one of its nodes", async () => {
  const folder = await record({
    a: { window: 10, seed: 1 },
    b: { window: 20, seed: 2 },
    c: { window: 20, seed: 3 },
    d: { window: 20, seed: 3 },
  });
  // Of the newest, the one that most nodes hold.
  holds(await open({ run: folder }), 3, 20);
  writeFileSync(join(folder, "summary.json"), '{"windows":20}');
  holds(await open({ run: folder }), 3, 20);
  // A node that was killed while it wrote leaves the others'.
  writeFileSync(join(folder, "nodes", "c", "state.json"), '{"runId":');
  for (const name of ["c", "d"]) writeFileSync(treeFile(join(folder, "nodes", name), 3), "torn");
  holds(await open({ run: folder }), 2, 20);
});

test("a record is never taken for more than it proves", async () => {
  const folder = await record({});
  await refuses({ run: folder }, "bad-option", /holds no checkpoint/);
  const cut = await record({ a: { window: 10, seed: 6 } });
  writeFileSync(treeFile(join(cut, "nodes", "a"), 6), "cut");
  await refuses({ run: cut }, "run-damaged", /every checkpoint that its nodes name is missing/);
  await refuses({ run: tmpdir() }, "bad-option", /is no record of a run/);
  await refuses({ run: join(folder, "absent") }, "bad-option", /is no record of a run/);
  await summarise(folder, { window: 3, seed: 4 }, { thetaDigest: `0x${"00".repeat(32)}` });
  await refuses({ run: folder }, "run-damaged", /final parameters hash to/);
  await summarise(folder, { window: 3, seed: 4 }, { path: "elsewhere" });
  holds(await open({ run: folder }), 4, 3);
  rmSync(treeFile(join(folder, "owner"), 4));
  await refuses({ run: folder }, "run-damaged", /final checkpoint is missing/);
  rmSync(join(folder, "owner", "blobs", RUN_ID.slice(2)));
  await refuses({ run: folder }, "run-damaged", /its manifest 0x[0-9a-f]+ is missing/);
});

test("a checkpoint file: with its manifest, or found inside a run's folder; of either naming", async () => {
  const { checkpoint, theta } = parametersOf(5);
  const manifest = fileWith("manifest.json", MANIFEST_BYTES);
  const file = fileWith("ours.safetensors", checkpoint);
  holds(await open({ checkpoint: file, manifest }), 5, null);
  const theirs = encodeSafetensors(huggingFaceTensors(TINY, theta), { format: "pt" });
  holds(await open({ checkpoint: fileWith("model.safetensors", theirs), manifest }), 5, null);
  const folder = await record({ a: { window: 10, seed: 6 } });
  const inside = treeFile(join(folder, "nodes", "a"), 6);
  holds(await open({ checkpoint: inside }), 6, null);
  holds(await open({ checkpoint: dirname(inside) }), 6, null);
});

test("a checkpoint file that is none, is of another model or has no manifest is named", async () => {
  const manifest = fileWith("manifest.json", MANIFEST_BYTES);
  const good = fileWith("good.safetensors", parametersOf(5).checkpoint);
  await refuses(
    { checkpoint: good },
    "bad-option",
    /lies in no run's folder: name its run's --manifest/,
  );
  await refuses(
    { checkpoint: `${good}-absent`, manifest },
    "bad-option",
    /--checkpoint .*no such file/,
  );
  const text = fileWith("text", "no checkpoint at all");
  await refuses(
    { checkpoint: text, manifest },
    "checkpoint-invalid",
    /text cannot be used: its header/,
  );
  await refuses({ checkpoint: good, manifest: text }, "bad-option", /--manifest .*not UTF-8 JSON/);
  const nano = layoutOf(specsOf(MODELS.nano));
  const other = fileWith("other", encodeCheckpoint(nano, new Float32Array(nano.total)));
  await refuses({ checkpoint: other, manifest }, "checkpoint-invalid", /other .*tensors, expected/);
});

test("options that name no model, two, or half of one are refused; a netuid gives way to a file", async () => {
  await refuses({}, "bad-option", /nothing names a model/);
  await refuses({ run: "a", checkpoint: "b" }, "bad-option", /two models/);
  await refuses({ run: "a", manifest: "b" }, "bad-option", /there is no --checkpoint/);
  const folder = await record({ a: { window: 10, seed: 1 } });
  holds(await open({ run: folder, netuid: 1 }), 1, 10);
});
