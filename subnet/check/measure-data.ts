/** @file What `subnet check` finds out about the data: how much text there is, and how many pages it makes. */
import { createHash } from "node:crypto";
import { glob, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { readCorpus } from "../../src/data/corpus.ts";
import { AssayError } from "../../src/errors.ts";
import { type DataChoice, dataChoiceOf } from "../config/data-choice.ts";
import type { SubnetConfig } from "../config/schema.ts";
import type { DataMeasure } from "./subject.ts";

type Counted = Omit<DataMeasure, "pages">;
type AnyText = Extract<DataChoice, { selection: "all" }>;

/** The share of text that is never trained on. */
const HELD_OUT_SHARE = 1 / 32;

async function requireFolder(folder: string): Promise<void> {
  try {
    if ((await stat(folder)).isDirectory()) return;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AssayError({ code: "data-unreadable", path: folder, reason }, { cause });
  }
  throw new AssayError({ code: "data-unreadable", path: folder, reason: "it is not a folder" });
}

async function filesOf({ folder, include }: AnyText): Promise<readonly string[]> {
  const globs = include.map((one) => (one.includes("/") || one === "**" ? one : `**/${one}`));
  const paths: string[] = [];
  for await (const entry of glob(globs, { cwd: folder, withFileTypes: true }))
    if (entry.isFile()) paths.push(join(entry.parentPath, entry.name));
  return paths.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function fieldBytes(line: string, field: string): number {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null) return 0;
    const text: unknown = new Map<string, unknown>(Object.entries(value)).get(field);
    return typeof text === "string" ? Buffer.byteLength(text) : 0;
  } catch {
    return 0;
  }
}

/** Bytes of text in a file: all of it, or the field of each JSON line. 0 when it is no UTF-8 text. */
function textBytes(bytes: Uint8Array, choice: AnyText): number {
  if (bytes.includes(0)) return 0;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (choice.format === "text") return bytes.length;
    return text.split("\n").reduce((sum, line) => sum + fieldBytes(line, choice.field), 0);
  } catch {
    return 0;
  }
}

/** Counts files in the order of their paths, equal ones once, until the limit. */
async function countAny(choice: AnyText): Promise<Counted> {
  await requireFolder(choice.folder);
  const seen = new Set<string>();
  let [total, files] = [0, 0];
  for (const path of await filesOf(choice)) {
    if (total >= choice.limitBytes) break;
    const content = await readFile(path).catch(() => new Uint8Array());
    const digest = createHash("sha256").update(content).digest("base64");
    const length = seen.has(digest) ? 0 : textBytes(content, choice);
    seen.add(digest);
    if (length > 0) files++;
    total += length;
  }
  const text = Math.min(total, choice.limitBytes);
  const heldOutBytes = Math.floor(text * HELD_OUT_SHARE);
  return { trainingBytes: text - heldOutBytes, heldOutBytes, files };
}

async function countDemo({ folder, limitBytes }: DataChoice): Promise<Counted> {
  const { training, heldOut, files } = await readCorpus(folder, limitBytes);
  return {
    trainingBytes: training.length,
    heldOutBytes: heldOut.length,
    files: files.training + files.heldOut,
  };
}

/** Pages that so much training text makes; a page needs one token more than it has positions. */
export function pagesOf(config: SubnetConfig, trainingBytes: number): number {
  const pageBytes = config.model.context * config.data.sequencesPerPage;
  return Math.floor(Math.max(0, trainingBytes - 1) / pageBytes);
}

/**
 * What the text of [data] makes.
 * @throws AssayError data-unreadable
 */
export async function measureData(config: SubnetConfig): Promise<DataMeasure> {
  const choice = dataChoiceOf(config);
  const counted = choice.selection === "demo" ? await countDemo(choice) : await countAny(choice);
  return { ...counted, pages: pagesOf(config, counted.trainingBytes) };
}
