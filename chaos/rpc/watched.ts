/** @file An extrinsic that a client watches through a view: final when its block is final there, retracted when that is replaced. */
import { z } from "zod";
import type { ChainView } from "./view.ts";

const TIMEOUT_MS = 30_000;
const includedSchema = z.object({ inBlock: z.string() });
const finalSchema = z.object({ finalized: z.string() });

export class Watched {
  readonly #view: ChainView | null;
  readonly #heard: unknown[] = [];
  /** The block that has it. */
  #hash: string | null = null;
  /** Whether the view had that block. */
  #wasShown = false;
  #stop: () => void = () => undefined;

  private constructor(view: ChainView | null) {
    this.#view = view;
  }

  /** Of which nobody will ever hear again. */
  static forgotten(): Watched {
    return new Watched(null);
  }

  /** Hands it to the chain behind the view; `onNews` is told when that says something. @throws RpcRefusal */
  static async of(view: ChainView, extrinsic: string, onNews: () => void): Promise<Watched> {
    const watched = new Watched(view);
    const { connection } = view;
    const call = { method: "author_submitAndWatchExtrinsic", params: [extrinsic] };
    const id = await connection.listen(call, TIMEOUT_MS, (status) => {
      watched.#hear(status);
      onNews();
    });
    watched.#stop = () => connection.unlisten("author_unwatchExtrinsic", id);
    return watched;
  }

  stop(): void {
    this.#stop();
  }

  /** What there is to tell since the last time. */
  news(): readonly unknown[] {
    const told = this.#heard.splice(0);
    const hash = this.#hash;
    if (hash === null || this.#view === null || told.length > 0) return told;
    if (this.#view.isFinal(hash)) {
      this.#hash = null;
      return [{ finalized: hash }];
    }
    const isShown = this.#view.has(hash);
    // A view that has not read the block yet will.
    const isReplaced = this.#wasShown && !isShown;
    this.#wasShown ||= isShown;
    if (!isReplaced) return [];
    this.#hash = null;
    return [{ retracted: hash }];
  }

  #hear(status: unknown): void {
    if (finalSchema.safeParse(status).success) return;
    this.#heard.push(status);
    const included = includedSchema.safeParse(status);
    if (included.success) this.#hash = included.data.inBlock;
  }
}
