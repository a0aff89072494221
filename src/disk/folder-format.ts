/**
 * @file The format of a folder that one process works in at a time. It is noted in the folder; an older one is brought up to date when
 * it is opened, step by step, and a later release's is refused before anything in it is touched.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemCodeOf } from "../../base/fault.ts";
import { isNewerFormat } from "../../base/formats.ts";
import { AssayError } from "../errors.ts";

/** Name of the file that says it. */
export const FORMAT_FILE = "format";

/** Brings everything in a folder from one version to the next. A crash may repeat it, on what it has done in part. */
type FormatStep = (folder: string) => void;

/** A kind of folder: `steps[0]` leads from version 1 to 2, so that the newest version is one more than there are steps. */
export type FolderFormat = { readonly name: string; readonly steps: readonly FormatStep[] };

/** State, blobs and records of a node: of a miner, a validator, or a validator's worker. */
export const NODE_FOLDER: FolderFormat = { name: "assay/node-folder", steps: [] };
/** What an owner published. */
export const PUBLICATION_FOLDER: FolderFormat = { name: "assay/publication-folder", steps: [] };
/** A run of a local network. */
export const LOCALNET_FOLDER: FolderFormat = { name: "assay/localnet-folder", steps: [] };

const textOf = ({ name }: FolderFormat, version: number): string => `${name}/${version}`;

/** The newest version of a kind of folder. */
export function newestFormat(format: FolderFormat): string {
  return textOf(format, format.steps.length + 1);
}

/** What the folder says of itself; null: nothing, as the releases did that noted no format. */
function saidIn(folder: string): string | null {
  try {
    return readFileSync(join(folder, FORMAT_FILE), "utf8").trim();
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return null;
    throw error;
  }
}

function note(folder: string, text: string): void {
  const path = join(folder, FORMAT_FILE);
  writeFileSync(`${path}.draft`, `${text}\n`, { flush: true });
  renameSync(`${path}.draft`, path);
}

/**
 * The version of a folder; one that says nothing has version 1.
 * @throws AssayError format-newer; state-corrupt: it is a folder of another kind, or says nothing that can be read
 */
export function formatOf(folder: string, format: FolderFormat): number {
  const said = saidIn(folder);
  if (said === null) return 1;
  const known = newestFormat(format);
  const path = join(folder, FORMAT_FILE);
  const isLater: boolean = isNewerFormat(said, known);
  if (isLater) throw new AssayError({ code: "format-newer", path: folder, found: said, known });
  const version = format.steps.findIndex((_, index) => textOf(format, index + 1) === said) + 1;
  if (version === 0 && said !== known)
    throw new AssayError({
      code: "state-corrupt",
      path,
      reason: `it says "${said.slice(0, 60)}" where "${known}" was expected`,
    });
  return version === 0 ? format.steps.length + 1 : version;
}

/**
 * Brings a folder, which this process has claimed, to the newest version and notes it.
 * @throws AssayError format-newer, state-corrupt; whatever a step throws: the folder then has the version before that step
 */
export function bringUpToDate(folder: string, format: FolderFormat): void {
  const version = formatOf(folder, format);
  for (const [index, step] of format.steps.entries()) {
    if (index + 1 < version) continue;
    step(folder);
    note(folder, textOf(format, index + 2));
  }
  if (saidIn(folder) === null) note(folder, newestFormat(format));
}
