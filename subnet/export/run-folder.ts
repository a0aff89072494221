/** @file The record of a local run on disk: its manifest and its newest checkpoint, each proven by its digest. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { checkpointSchema } from "../../src/api/types.ts";
import { layoutOf, specsOf } from "../../kernels/nn/model.ts";
import { sharedLayout } from "../../kernels/optim/outer.ts";
import { type BlobStore, openBlobs } from "../../src/blobs/directory.ts";
import { getCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { readIfThere } from "../../src/disk/atomic-file.ts";
import { AssayError } from "../../src/errors.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { digestSchema, type RunManifest } from "../../src/protocol/manifest.ts";
import { parseManifest } from "../../src/protocol/manifest-file.ts";
import { outerOptimizerOf } from "../../src/run/run.ts";
import { trainedModel, type TrainedModel } from "./trained-model.ts";

/** What `summary.json` says about the last parameters; `path` is absolute or relative to the run's folder. */
const finalSchema = z.object({
  runId: digestSchema,
  window: z.number().int().min(0),
  thetaDigest: digestSchema,
  checkpoint: digestSchema,
  path: z.string().min(1),
});
const summarySchema = z.object({ final: finalSchema });
const nodesSchema = z.object({ runId: digestSchema });
const stateSchema = z.object({ runId: digestSchema, checkpoint: checkpointSchema.nullable() });

/** A file's JSON by `schema`; null when it is absent or says something else. */
async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  const bytes = await readIfThere(path);
  if (bytes === null) return null;
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return schema.safeParse(value).data ?? null;
  } catch {
    return null;
  }
}

/** Whether a folder is the record of a local run that came up. */
export function isRunFolder(folder: string): boolean {
  return existsSync(join(folder, "nodes.json")) || existsSync(join(folder, "summary.json"));
}

/** State folders of the run's nodes. */
async function nodeFolders(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, "nodes")).catch(() => []);
  return names.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => join(folder, "nodes", name));
}

/** What `read` finds in the stores of the owner and the nodes first; what is damaged counts as absent. */
async function findIn<T>(
  folder: string,
  read: (blobs: BlobStore) => Promise<T | null>,
): Promise<T | null> {
  for (const place of [join(folder, "owner"), ...(await nodeFolders(folder))]) {
    if (!existsSync(join(place, "blobs"))) continue;
    const found = await read(openBlobs(join(place, "blobs"))).catch(() => null);
    if (found !== null) return found;
  }
  return null;
}

/** All that nodes share, by the address of a checkpoint; null where every copy is missing or damaged. */
async function findTheta(
  folder: string,
  { model, outer }: RunManifest,
  address: Hex,
): Promise<Float32Array | null> {
  const layout = layoutOf(specsOf(model));
  const shared = sharedLayout(layout, outerOptimizerOf(outer));
  const whole = await findIn(folder, ({ trees }) => getCheckpoint(trees, shared, address));
  if (whole !== null || shared === layout) return whole;
  // theta_0 comes alone.
  const alone = await findIn(folder, ({ trees }) => getCheckpoint(trees, layout, address));
  if (alone === null) return null;
  const theta = new Float32Array(shared.total);
  theta.set(alone);
  return theta;
}

function damaged(path: string, reason: string): AssayError {
  return new AssayError({ code: "run-damaged", path, reason });
}

/** The manifest of the run that a folder records. @throws AssayError bad-option, run-damaged, manifest-invalid */
export async function manifestIn(
  folder: string,
): Promise<{ readonly manifest: RunManifest; readonly runId: Hex }> {
  const summary = await readJson(join(folder, "summary.json"), summarySchema);
  const nodes = await readJson(join(folder, "nodes.json"), nodesSchema);
  const started = await readJson(join(folder, "localnet.json"), nodesSchema);
  const runId = summary?.final.runId ?? nodes?.runId ?? started?.runId;
  if (runId === undefined)
    throw new AssayError({
      code: "bad-option",
      detail: `${folder} is no record of a run: neither its summary.json nor its nodes.json names one (npm start prints the folder as "record")`,
    });
  const bytes = await findIn(folder, (blobs) => blobs.get(runId));
  if (bytes === null) throw damaged(folder, `its manifest ${runId} is missing or damaged`);
  return parseManifest(bytes);
}

/** The tokenizer.json that a run's manifest names, from the run's folder; null where it names none or none is left. */
export async function tokenizerIn(
  folder: string,
  { tokenizer }: RunManifest,
): Promise<Uint8Array | null> {
  if (tokenizer.kind !== "huggingface") return null;
  return findIn(folder, (blobs) => blobs.get(tokenizer.file));
}

/** The newest checkpoint that the run's nodes remember, the one that most of them name first. @throws AssayError bad-option, run-damaged */
async function newestOf(
  folder: string,
  { runId, manifest }: { readonly runId: Hex; readonly manifest: RunManifest },
): Promise<{ window: number; theta: Float32Array }> {
  const states = await Promise.all(
    (await nodeFolders(folder)).map((node) => readJson(join(node, "state.json"), stateSchema)),
  );
  const known = states.flatMap((state) =>
    state?.runId === runId && state.checkpoint !== null ? [state.checkpoint] : [],
  );
  const votes = (address: Hex): number => known.filter((one) => one.address === address).length;
  known.sort((a, b) => b.window - a.window || votes(b.address) - votes(a.address));
  for (const { window, address } of known) {
    const theta = await findTheta(folder, manifest, address);
    if (theta !== null) return { window, theta };
  }
  if (known.length > 0)
    throw damaged(folder, "every checkpoint that its nodes name is missing or damaged");
  throw new AssayError({
    code: "bad-option",
    detail: `${folder} holds no checkpoint: the run ended before its first one`,
  });
}

/**
 * The last parameters of a local run: those that its summary names, else (a run that was killed) the newest checkpoint
 * of its nodes.
 * @throws AssayError bad-option when there is none, run-damaged, manifest-invalid
 */
export async function modelOfRun(folder: string): Promise<TrainedModel> {
  const { manifest, runId } = await manifestIn(folder);
  const about = { manifest, runId, tokenizerFile: await tokenizerIn(folder, manifest) };
  const final = (await readJson(join(folder, "summary.json"), summarySchema))?.final;
  if (final !== undefined) {
    const origin = `final checkpoint of ${folder}`;
    const theta = await findTheta(folder, manifest, final.checkpoint);
    if (theta === null) throw damaged(folder, "its final checkpoint is missing or damaged");
    const model = await trainedModel(theta, { ...about, window: final.window, origin });
    if (model.thetaDigest !== final.thetaDigest)
      throw damaged(folder, `its final parameters hash to ${model.thetaDigest}`);
    return model;
  }
  const { window, theta } = await newestOf(folder, { runId, manifest });
  return trainedModel(theta, { ...about, window, origin: `newest checkpoint in ${folder}` });
}
