/**
 * @file Test helper: what is left of a chain's database when the power fails while the last transaction is being written. The log is cut
 * at a byte of it; what lies before was on the disk when the block before was announced.
 */
import assert from "node:assert/strict";
import { copyFileSync, existsSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { type Archive } from "../../../../chain/embedded/blocks/archive.ts";
import { type Hex } from "../../../../chain/embedded/codec/bytes.ts";
import { key, openDevChain, requireCall, signerFor, transfer } from "../dev-chain.ts";
import { archiveOpener } from "./open-archive.ts";

/** A database before and after its last block, as files beside each other. */
export type Torn = {
  readonly folder: string;
  /** Number of the last block, and hashes of all. */
  readonly last: number;
  readonly hashes: readonly Hex[];
  /** Bytes of the log before and after the last transaction. */
  readonly from: number;
  readonly to: number;
};

const NAME = "chain.db";
const LOG = `${NAME}-wal`;

function copy(from: string, to: string): void {
  copyFileSync(join(from, NAME), join(to, NAME));
  copyFileSync(join(from, LOG), join(to, LOG));
}

/**
 * A chain of `last` blocks, the last with a transfer and, where that is the 256th, a snapshot. It is opened anew before the last
 * block, so that the log holds little else.
 */
export async function tornChain(folder: string, last: number): Promise<Torn> {
  const database = join(folder, NAME);
  const before = await openDevChain({ database });
  for (let block = 1; block < last - 1; block++) await before.seal();
  await before.close();
  const chain = await openDevChain({ database });
  const signer = signerFor(chain);
  await chain.seal([transfer(signer, key("//Bob"), 0)]);
  const from = statSync(join(folder, LOG)).size;
  const remark = requireCall(signer, "system", "remark");
  const long = signer.sign(key("//Alice"), remark(`0x${"5a".repeat(3000)}`), 0);
  await chain.seal([long]);
  const to = statSync(join(folder, LOG)).size;
  assert.ok(to > from, "the last transaction is at the end of the log");
  const hashes = Array.from({ length: last + 1 }, (_, number) => chain.blockHash(number) ?? "0x");
  const saved = join(folder, "saved");
  copy(folder, saved);
  await chain.close();
  return { folder: saved, last, hashes, from, to };
}

/** Opens what a power failure leaves. */
export class PowerLoss {
  readonly #torn: Torn;
  readonly #place: string;
  readonly #open: (path: string) => Archive;

  private constructor(torn: Torn, place: string, open: (path: string) => Archive) {
    this.#torn = torn;
    this.#place = place;
    this.#open = open;
  }

  /** `place` is a folder for each attempt. */
  static async of(torn: Torn, place: string): Promise<PowerLoss> {
    return new PowerLoss(torn, place, await archiveOpener());
  }

  /** Cuts the log at `byte` and opens the database: all blocks are there but the one whose transaction was cut. */
  cut(byte: number): void {
    const { folder, last, hashes, to } = this.#torn;
    copy(folder, this.#place);
    truncateSync(join(this.#place, LOG), byte);
    const archive = this.#open(join(this.#place, NAME));
    try {
      assert.equal(archive.head.number, byte < to ? last - 1 : last, `cut at byte ${byte}`);
      for (let number = 0; number <= archive.head.number; number += 1 + (number >> 3))
        assert.equal(archive.hash(number), hashes[number]);
    } finally {
      archive.close();
    }
    for (const name of [NAME, LOG])
      if (existsSync(join(this.#place, name))) rmSync(join(this.#place, name));
  }
}
