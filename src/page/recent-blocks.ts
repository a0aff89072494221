/** @file The newest blocks with what lies in them, read while somebody looks at them: each once, one after the other. */
import { setImmediate as turn } from "node:timers/promises";
import type { BlockContents } from "../../chain/client/contents.ts";
import { ss58Of } from "../../chain/wallet/account.ts";
import type { BlockView } from "../api/page.ts";
import type { Subnet } from "../run/subnet.ts";

/** Blocks that are shown. */
const SHOWN = 12;
/** Of one block: what is beyond is only counted. */
const MOST_EXTRINSICS = 64;
/** Between two readings, whoever asks. */
const RENEW_MS = 1000;

function viewOf({ number, hash, all, extrinsics }: BlockContents): BlockView {
  return {
    number,
    hash,
    all,
    extrinsics: extrinsics.map(({ signer, ...rest }) => ({
      ...rest,
      signer: signer === null ? null : ss58Of(signer),
    })),
  };
}

/** The newest final blocks of a chain. */
export class RecentBlocks {
  readonly #subnet: Pick<Subnet, "blocks" | "chain">;
  #known: readonly BlockView[] = [];
  #text = "[]";
  #reading: Promise<void> | null = null;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(subnet: Pick<Subnet, "blocks" | "chain">) {
    this.#subnet = subnet;
  }

  /** The newest first, as JSON, made once for everybody who asks. What the chain does not answer stays as it was. */
  async text(): Promise<string> {
    if (performance.now() - this.#readAt >= RENEW_MS) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = null;
        this.#readAt = performance.now();
      });
      await this.#reading;
    }
    return this.#text;
  }

  async #read(): Promise<void> {
    const { blocks, chain } = this.#subnet;
    const head = blocks.current.number;
    const first = Math.max(1, head - SHOWN + 1);
    const found: BlockView[] = [];
    for (let number = head; number >= first; number--) {
      const known = this.#known.find((one) => one.number === number);
      const read = async (): Promise<BlockView> =>
        viewOf(await chain.block(await blocks.hashOf(number), MOST_EXTRINSICS));
      // A chain forgets; what is older than a block that cannot be read is not asked for.
      const one = known ?? (await read().catch(() => null));
      if (one === null) break;
      found.push(one);
      await turn();
    }
    if (found.length === 0) return;
    this.#known = found;
    this.#text = JSON.stringify(found);
  }
}
