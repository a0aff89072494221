/**
 * @file What an owner has published for one subnet of one chain, on disk: the blobs, which run they belong to, and the port
 * on which they were handed out last. The folder is <publications>/<netuid>/<first digits of the chain's genesis>.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeFolder } from "../../base/folders.ts";
import { z } from "zod";
import { reasonOf } from "../../base/fault.ts";
import type { BlobStore } from "../../src/blobs/directory.ts";
import { memoryBlobs } from "../../src/blobs/memory.ts";
import { writeAtomically } from "../../src/disk/atomic-file.ts";
import { claimFolder } from "../../src/disk/folder-claim.ts";
import { PUBLICATION_FOLDER } from "../../src/disk/folder-format.ts";
import { AssayError, isAssayError } from "../../src/errors.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { openStore, type StoreParts } from "../../src/neuron/store.ts";
import { refuseNewer } from "../../src/protocol/format.ts";
import { digestSchema } from "../../src/protocol/manifest.ts";

const FORMAT = "assay/publication/1";
const block = z.int().min(0);
const publicationSchema = z.strictObject({
  format: z.literal(FORMAT),
  genesis: digestSchema,
  netuid: block,
  name: z.string(),
  /** Address of the manifest's blob as well. */
  runId: digestSchema,
  startBlock: block,
  /** Windows of the run; 0: endless. */
  windows: block,
  dataManifest: digestSchema,
  genesisCheckpoint: digestSchema,
  /** Runs that were published before, newest last; their blobs are still here. */
  earlier: z.array(z.strictObject({ runId: digestSchema, startBlock: block })),
});

/** The newest run of a subnet as its owner published it. */
export type Publication = z.output<typeof publicationSchema>;

const stateSchema = z.strictObject({ port: z.int().min(1).max(65_535) });

/** Digits of the genesis hash in the folder's name: enough to tell an owner's chains apart. */
const GENESIS_DIGITS = 8;
/** Longer together than a publication takes to be written. */
const CLAIM_ATTEMPTS = 10;
const CLAIM_PAUSE_MS = 100;

/** The folder of one subnet's publications. */
export class PublicationFolder {
  readonly path: string;
  readonly #publication: string;
  readonly #state: string;

  constructor(folder: string, netuid: number, genesis: Hex) {
    this.path = join(folder, String(netuid), genesis.slice(2, 2 + GENESIS_DIGITS));
    this.#publication = join(this.path, "publication.json");
    this.#state = join(this.path, "serve.json");
  }

  /** Its blobs, as others are to read them; the folder is made if missing. */
  blobs(
    store: Parameters<typeof openStore>[0] = {},
    {
      lifecycle = { onClose: () => undefined },
      say = () => undefined,
    }: Partial<Pick<StoreParts, "lifecycle" | "say">> = {},
  ): BlobStore {
    makeFolder(this.path);
    const folder = join(this.path, "blobs");
    return openStore(store, { folder, node: "owner", lifecycle, say, mirror: true });
  }

  /** Its blobs for whoever only reads: where nothing was published, nothing is made. */
  blobsIfThere(): BlobStore {
    return existsSync(this.path) ? this.blobs() : memoryBlobs();
  }

  /** The newest publication, or null when there is none. @throws AssayError state-corrupt, format-newer */
  read(): Publication | null {
    if (!existsSync(this.#publication)) return null;
    try {
      const value: unknown = JSON.parse(readFileSync(this.#publication, "utf8"));
      refuseNewer(value, this.#publication, FORMAT);
      return publicationSchema.parse(value);
    } catch (cause) {
      if (cause instanceof AssayError) throw cause;
      const reason = cause instanceof z.ZodError ? "it has another shape" : reasonOf(cause);
      throw new AssayError({ code: "state-corrupt", path: this.#publication, reason }, { cause });
    }
  }

  /**
   * Claims the folder for who serves it; returns what lets it go. One that publishes holds it for a moment, which is waited for.
   * @throws AssayError state-in-use, format-newer, state-corrupt
   */
  async claim(): Promise<() => void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return claimFolder(this.path, PUBLICATION_FOLDER);
      } catch (error) {
        if (attempt === CLAIM_ATTEMPTS || !isAssayError(error, "state-in-use")) throw error;
        await sleep(CLAIM_PAUSE_MS);
      }
    }
  }

  /** The claim for a moment of writing: who claims a folder clears it of drafts, those that are being written as well. */
  #claimToWrite(): () => void {
    try {
      return claimFolder(this.path, PUBLICATION_FOLDER);
    } catch (error) {
      // Who serves it has cleared it already, and stays: the draft is safe.
      if (isAssayError(error, "state-in-use")) return () => undefined;
      throw error;
    }
  }

  /** Writes a new publication; the one before it stays listed. @throws AssayError state-corrupt, format-newer, disk-full */
  async write(publication: Omit<Publication, "format" | "earlier">): Promise<void> {
    const letGo = this.#claimToWrite();
    try {
      const before = this.read();
      const earlier =
        before === null
          ? []
          : [...before.earlier, { runId: before.runId, startBlock: before.startBlock }];
      const content: Publication = { format: FORMAT, ...publication, earlier };
      await writeAtomically(this.#publication, `${JSON.stringify(content, null, 2)}\n`);
    } finally {
      letGo();
    }
  }

  /** The port of the last `subnet serve`, or null. A file that does not read is as good as none. */
  axonPort(): number | null {
    try {
      const value: unknown = JSON.parse(readFileSync(this.#state, "utf8"));
      return stateSchema.parse(value).port;
    } catch {
      return null;
    }
  }

  async saveAxonPort(port: number): Promise<void> {
    await writeAtomically(this.#state, `${JSON.stringify({ port })}\n`);
  }
}
