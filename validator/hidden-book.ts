/**
 * @file What a validator has committed to and not revealed, on disk: the chain has only hashes, so weights and salt lie here before
 * their commit is sent.
 */
import { join } from "node:path";
import { z } from "zod";
import { readIfThere, writeAtomically } from "../src/disk/atomic-file.ts";
import { AssayError } from "../src/errors.ts";
import type { Hex } from "../src/protocol/digest.ts";
import { refuseNewer } from "../src/protocol/format.ts";
import { digestSchema } from "../src/protocol/manifest.ts";

const FORMAT = "assay/hidden-weights/1";
const windowSchema = z.int().min(-1);
const u16Schema = z.int().min(0).max(65_535);

const commitSchema = z
  .strictObject({
    runId: digestSchema,
    window: windowSchema,
    hash: digestSchema,
    uids: z.array(u16Schema).readonly(),
    values: z.array(u16Schema).readonly(),
    salt: z.array(u16Schema).min(8).readonly(),
    /** Block after which the chain takes its extrinsic no more. */
    lastBlock: z.int().min(0),
    /** The subnet's only epoch in which it can be revealed; null: it was not seen on the chain yet. */
    revealEpoch: z.int().min(0).nullable(),
  })
  .readonly();

const heldSchema = z
  .strictObject({ runId: digestSchema, window: windowSchema, epoch: z.int().min(0) })
  .readonly();

const bookSchema = z
  .strictObject({
    format: z.literal(FORMAT),
    commits: z.array(commitSchema).readonly(),
    held: z.array(heldSchema).readonly(),
    public: z.strictObject({ runId: digestSchema, window: windowSchema }).readonly().nullable(),
  })
  .readonly();

/** Weights that were committed to, with what their reveal takes. */
export type HiddenCommit = z.output<typeof commitSchema>;

/** The newest window that was judged in an epoch, of those whose records are held back. */
export type HeldWindow = z.output<typeof heldSchema>;

/** What is kept: oldest first. `public`: the newest window of a run whose record may be served; null: weights are not hidden. */
type Kept = Omit<z.output<typeof bookSchema>, "format">;

const NOTHING: Kept = { commits: [], held: [], public: null };

/** The file of one hotkey on one subnet of one chain. */
export class HiddenBook {
  readonly #path: string;
  #kept: Kept;
  /** One write after the other. */
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(path: string, kept: Kept) {
    this.#path = path;
    this.#kept = kept;
  }

  /** Opens it in a folder of the hotkey's own. @throws AssayError state-corrupt, format-newer */
  static async open(
    folder: string,
    { genesis, netuid }: { readonly genesis: Hex; readonly netuid: number },
  ): Promise<HiddenBook> {
    const path = join(folder, `hidden-weights-${genesis.slice(2, 18)}-${netuid}.json`);
    const bytes = await readIfThere(path);
    return new HiddenBook(path, bytes === null ? NOTHING : keptIn(bytes.toString("utf8"), path));
  }

  get commits(): readonly HiddenCommit[] {
    return this.#kept.commits;
  }

  get held(): readonly HeldWindow[] {
    return this.#kept.held;
  }

  get public(): Kept["public"] {
    return this.#kept.public;
  }

  /** Whether nothing waits. */
  get isIdle(): boolean {
    return this.#kept.commits.length === 0 && this.#kept.held.length === 0;
  }

  /** Changes it; resolves once that is on disk, whole. @throws AssayError disk-full */
  async change(to: (kept: Kept) => Partial<Kept>): Promise<void> {
    this.#kept = { ...this.#kept, ...to(this.#kept) };
    const written = this.#writing.then(async () =>
      // The newest state, also where others changed it while this waited.
      writeAtomically(this.#path, JSON.stringify({ format: FORMAT, ...this.#kept })),
    );
    this.#writing = written.catch(() => undefined);
    return written;
  }
}

function keptIn(text: string, path: string): Kept {
  try {
    const value: unknown = JSON.parse(text);
    refuseNewer(value, path, FORMAT);
    const { commits, held, public: known } = bookSchema.parse(value);
    return { commits, held, public: known };
  } catch (cause) {
    if (cause instanceof AssayError) throw cause;
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : "it is no JSON";
    throw new AssayError({ code: "state-corrupt", path, reason }, { cause });
  }
}
