/** @file Weights that were committed to and not revealed yet, on disk: the chain has only their hash. */
import { join } from "node:path";
import { z } from "zod";
import { readIfThere, writeAtomically } from "../src/disk/atomic-file.ts";
import { AssayError } from "../src/errors.ts";
import type { Hex } from "../src/protocol/digest.ts";
import { digestSchema } from "../src/protocol/manifest.ts";

const u16 = z.int().min(0).max(65_535);
const commitSchema = z
  .strictObject({
    hash: digestSchema,
    uids: z.array(u16).readonly(),
    values: z.array(u16).readonly(),
    salt: z.array(u16).min(8).readonly(),
    /** Block after which the chain takes its extrinsic no more. */
    lastBlock: z.int().min(0),
  })
  .readonly();
const bookSchema = z.array(commitSchema).readonly();

/** Weights that were committed to, with what their reveal takes. */
export type Commit = z.output<typeof commitSchema>;

/** The commits of one hotkey on one subnet of one chain, oldest first. */
export class CommitBook {
  readonly #path: string;
  #commits: readonly Commit[];

  private constructor(path: string, commits: readonly Commit[]) {
    this.#path = path;
    this.#commits = commits;
  }

  /** Opens it in the hotkey's folder. @throws AssayError state-corrupt */
  static async open(
    folder: string,
    { genesis, netuid }: { readonly genesis: Hex; readonly netuid: number },
  ): Promise<CommitBook> {
    const path = join(folder, `commits-${genesis.slice(2, 18)}-${netuid}.json`);
    const bytes = await readIfThere(path);
    if (bytes === null) return new CommitBook(path, []);
    try {
      const value: unknown = JSON.parse(bytes.toString("utf8"));
      return new CommitBook(path, bookSchema.parse(value));
    } catch (cause) {
      const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : "it is no JSON";
      throw new AssayError({ code: "state-corrupt", path, reason }, { cause });
    }
  }

  get commits(): readonly Commit[] {
    return this.#commits;
  }

  /** Keeps another one; on disk when it resolves. @throws AssayError disk-full */
  async add(commit: Commit): Promise<void> {
    this.#commits = [...this.#commits, commit];
    await this.#write();
  }

  /** Drops those. @throws AssayError disk-full */
  async drop(hashes: ReadonlySet<Hex>): Promise<void> {
    if (hashes.size === 0) return;
    this.#commits = this.#commits.filter(({ hash }) => !hashes.has(hash));
    await this.#write();
  }

  async #write(): Promise<void> {
    await writeAtomically(this.#path, JSON.stringify(this.#commits));
  }
}
