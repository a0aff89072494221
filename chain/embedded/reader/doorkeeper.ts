/**
 * @file Looks at extrinsics before the author does: their form, their signature and whether the runtime takes them. What it
 * refuses has cost the author nothing; what it passes on waits in a queue that has an end.
 */
import { ChainError } from "../../errors.ts";
import { type BlockId } from "../blocks/archive.ts";
import { computedUs } from "../blocks/slot-budget.ts";
import { decodeValidity, isBare, refusal, requireExtrinsicForm } from "../blocks/validity.ts";
import { type Hex, concat, fromHex, toHex } from "../codec/bytes.ts";
import { blake2b256 } from "../codec/hashing.ts";
import { Allowance } from "../pool/allowance.ts";
import { rightSignatures } from "../wasm/signatures.ts";
import { Kept } from "./kept.ts";

/** What it asks. */
export type DoorkeeperHost = {
  readonly isWaiting: (hash: Hex) => boolean;
  readonly head: () => BlockId;
  readonly call: (name: string, args: Uint8Array) => Uint8Array;
  readonly submit: (extrinsic: Uint8Array, signatures: readonly string[]) => Promise<Hex>;
};

/** `TransactionSource::External`. */
const SOURCE_EXTERNAL = 2;
/** As the pool: what was refused is not looked at again for so long. */
const BAN_MS = 30 * 60 * 1000;
const MOST_BANS = 2048;
/** The same for what has no signature. */
const BARE = { msPerSecond: 100, mostMs: 100 };
const NO_TIME =
  "there is no time now for more extrinsics without a signature: send it again later, or signed";
/** Extrinsics that the author has not taken yet. */
const MOST_WAITING = 512;
const MOST_WAITING_BYTES = 16 * 1024 * 1024;
const BUSY = "the author has too many extrinsics to look at: send it again later";

/** The way into the pool. */
export class Doorkeeper {
  readonly #host: DoorkeeperHost;
  /** Until when. */
  readonly #bans = new Kept<Hex, number>(MOST_BANS);
  readonly #bare = new Allowance(
    BARE,
    () => performance.now(),
    () => computedUs() / 1000,
  );
  #waiting = 0;
  #waitingBytes = 0;

  constructor(host: DoorkeeperHost) {
    this.#host = host;
  }

  /** Passes an extrinsic on; its hash. @throws ChainError extrinsic-invalid */
  async submit(extrinsic: Uint8Array): Promise<Hex> {
    requireExtrinsicForm(extrinsic);
    const hash = toHex(blake2b256(extrinsic));
    this.#requireUnknown(hash);
    if (this.#waiting >= MOST_WAITING || this.#waitingBytes >= MOST_WAITING_BYTES)
      throw refusal("Immediately Dropped", BUSY);
    const signatures = this.#look(extrinsic, hash);
    this.#waiting++;
    this.#waitingBytes += extrinsic.length;
    try {
      return await this.#host.submit(extrinsic, signatures);
    } finally {
      this.#waiting--;
      this.#waitingBytes -= extrinsic.length;
    }
  }

  #requireUnknown(hash: Hex): void {
    const until = this.#bans.get(hash);
    if (until !== undefined && until > Date.now())
      throw refusal("Transaction is temporarily banned", "");
    if (this.#host.isWaiting(hash)) throw refusal("Transaction Already Imported", hash);
  }

  /** Names of its right signatures. */
  #look(extrinsic: Uint8Array, hash: Hex): readonly string[] {
    const isUnsigned = isBare(extrinsic);
    if (isUnsigned && this.#bare.isSpent) throw refusal("Immediately Dropped", NO_TIME);
    const look = (): readonly string[] => this.#validated(extrinsic);
    try {
      return isUnsigned ? this.#bare.spend(look) : look();
    } catch (error) {
      this.#bans.put(hash, Date.now() + BAN_MS);
      throw error;
    }
  }

  #validated(extrinsic: Uint8Array): readonly string[] {
    const { call, head } = this.#host;
    const args = concat(Uint8Array.of(SOURCE_EXTERNAL), extrinsic, fromHex(head().hash));
    try {
      return rightSignatures(() =>
        decodeValidity(call("TaggedTransactionQueue_validate_transaction", args)),
      ).names;
    } catch (error) {
      if (!(error instanceof ChainError) || error.fault.code !== "runtime-trap") throw error;
      throw refusal("Verification Error", error.fault.log, error);
    }
  }
}
