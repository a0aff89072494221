/** @file What an author brings to a block of its own: inherents, and what it opens of encrypted extrinsics. */
import { concat } from "../codec/bytes.ts";
import { byteVector, compact, u64 } from "../codec/scale.ts";

/** A value that a pallet makes an inherent of. */
export type Inherent = {
  /** Eight characters. */
  readonly identifier: string;
  /** SCALE. */
  readonly value: Uint8Array;
};

/** Where a block stands. */
export type BlockSlot = {
  readonly number: number;
  readonly slot: bigint;
  readonly slotDurationMs: bigint;
};

/** A call of a runtime API on the block's parent: name and SCALE arguments in, SCALE result out. */
export type RuntimeCall = (name: string, args: Uint8Array) => Uint8Array;

/** What an extrinsic is to its author. `carrier`: what travels in it, with its length prefix. */
export type Opened =
  | { readonly kind: "plain" | "unreadable" }
  | { readonly kind: "carrier"; readonly inner: Uint8Array };

/** Who makes blocks. */
export type BlockAuthor = {
  /** Values for a block's inherents. */
  inherents(block: BlockSlot): readonly Inherent[];
  /** Opens an extrinsic (with its length prefix) if it is encrypted to this author. */
  open(extrinsic: Uint8Array, call: RuntimeCall): Opened;
};

const PLAIN: Opened = { kind: "plain" };

/** An author that knows the slot and its time, and no secret. */
export const slotAuthor: BlockAuthor = {
  inherents: ({ slot, slotDurationMs }) => [
    { identifier: "auraslot", value: u64(slot) },
    { identifier: "timstap0", value: u64(slot * slotDurationMs) },
  ],
  open: () => PLAIN,
};

const ENCODER = new TextEncoder();

/** SCALE of InherentData: identifiers in order, each with its value. */
export function inherentData(inherents: readonly Inherent[]): Uint8Array {
  const sorted = inherents.toSorted((a, b) => (a.identifier < b.identifier ? -1 : 1));
  const parts = sorted.flatMap(({ identifier, value }) => [
    ENCODER.encode(identifier),
    byteVector(value),
  ]);
  return concat(compact(sorted.length), ...parts);
}
