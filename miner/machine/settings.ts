/** @file What `miner bench` found, on disk, where `miner` takes its defaults from. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { makeFolder } from "../../base/folders.ts";
import { writeAtomically } from "../../src/disk/atomic-file.ts";

const FILE = "machine.json";

const settingsSchema = z.strictObject({
  device: z.enum(["cpu", "cuda", "webgpu"]),
  threads: z.int().min(1).max(256),
  /** Sequences at once, for models with these parameters and this context only. */
  microBatch: z.int().min(1).max(65_536),
  parameters: z.int().min(1),
  context: z.int().min(1),
  /** How fast that was; files of before lack it. */
  tokensPerSecond: z.number().gt(0).optional(),
});

/** How to train on this machine. */
export type Settings = z.output<typeof settingsSchema>;

/** Keeps them in the folder of the machine's nodes. @throws AssayError disk-full */
export async function saveSettings(folder: string, settings: Settings): Promise<string> {
  makeFolder(folder);
  const path = join(folder, FILE);
  await writeAtomically(path, `${JSON.stringify(settings)}\n`);
  return path;
}

/** Those of the last measurement; null without one, or for a file that is none: measuring again makes it. */
export async function loadSettings(folder: string): Promise<Settings | null> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, FILE), "utf8"));
    return settingsSchema.parse(value);
  } catch {
    return null;
  }
}
