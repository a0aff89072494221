/**
 * @file What lies in a block: its extrinsics by their calls' names, who signed each, and whether the chain did it. Whoever pays for it fills a
 * block as they like, so only as many extrinsics are read as are asked for, no arguments of any, and with a turn of the event loop in between.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { GenericExtrinsic, GenericExtrinsicSignatureV4 } from "@polkadot/types";
import { ChainError } from "../errors.ts";
import { bytesOf, type Hex, hexOf } from "../wallet/hex.ts";
import { type EncodedBlock, readEncoded, recordsOf, refusalIn } from "./outcome.ts";
import { blockOf, type ClientParts } from "./parts.ts";
import { type Runtime } from "./runtime.ts";
import { compactBytes, ScaleReader } from "./scale.ts";

/** An extrinsic of a block. */
type BlockExtrinsic = {
  /** Public key of the account that signed it; null where nobody did. */
  readonly signer: Hex | null;
  /** By their names in metadata; "?" where this client cannot read it. */
  readonly pallet: string;
  readonly call: string;
  readonly bytes: number;
  /** `Pallet.Error` of what the chain refused when it was in the block, "?" where its events cannot be read; null: it was done. */
  readonly error: string | null;
};

/** A block with what lies in it. */
export type BlockContents = {
  readonly number: number;
  readonly hash: Hex;
  /** How many extrinsics it has. */
  readonly all: number;
  /** The first of them. */
  readonly extrinsics: readonly BlockExtrinsic[];
};

/** Reading blocks. */
export type Contents = {
  /**
   * What lies in a block; of the newest final one where none is named. @param most extrinsics that are read; the others are counted
   * @throws ChainError rpc-failed: there is no such block any more
   */
  block(at?: Hex, most?: number): Promise<BlockContents>;
};

/** Between two turns of the event loop: some milliseconds. */
const EVENTS_A_TURN = 64;
const EXTRINSICS_A_TURN = 16;
/** Of an extrinsic whose arguments have to be decoded to know who made it: none has this form yet. */
const MOST_DECODED_BYTES = 16_384;

/** How the first extrinsics of a block ended, by their index, as far as its events can be read: an error by name, or null. */
async function endings(block: EncodedBlock, most: number): Promise<Map<number, string | null>> {
  const found = new Map<number, string | null>();
  let read = 0;
  try {
    for (const { phase, event } of recordsOf(block)) {
      read += 1;
      if (read % EVENTS_A_TURN === 0) await turn();
      if (!phase.isApplyExtrinsic) continue;
      const index = phase.asApplyExtrinsic.toNumber();
      // They lie in the order in which the extrinsics were applied.
      if (index >= most) break;
      if (event.section !== "system") continue;
      if (event.method === "ExtrinsicSuccess") found.set(index, null);
      const fault = refusalIn(block.runtime, event)?.fault;
      if (fault?.code === "extrinsic-failed") found.set(index, `${fault.pallet}.${fault.error}`);
    }
  } catch (error) {
    // What follows an event that cannot be read cannot be read either.
    if (error instanceof ChainError) throw error;
  }
  return found;
}

/** Who signed it, and the index of its pallet and call. @throws whatever decoding throws */
function headOf(
  { registry }: Runtime,
  bytes: Uint8Array,
): { readonly signer: Hex | null; readonly index: Uint8Array } {
  const length = new ScaleReader(bytes).compact();
  const at = compactBytes(length).length;
  const preamble = (bytes[at] ?? 0) >> 6;
  const rest = bytes.subarray(at + 1);
  if (preamble === 0) return { signer: null, index: rest.subarray(0, 2) };
  if (preamble === 2) {
    const signed = registry.createTypeUnsafe<GenericExtrinsicSignatureV4>("ExtrinsicSignatureV4", [
      rest,
      { isSigned: true },
    ]);
    const callAt = signed.encodedLength;
    const signer = keyOf(signed.signer.toU8a());
    return { signer, index: rest.subarray(callAt, callAt + 2) };
  }
  if (bytes.length > MOST_DECODED_BYTES) throw new RangeError("too long to be decoded");
  const whole = registry.createTypeUnsafe<GenericExtrinsic>("GenericExtrinsic", [bytes]);
  const signer = whole.isSigned ? keyOf(whole.signer.toU8a()) : null;
  return { signer, index: whole.callIndex };
}

/** The key of an account as the chain takes it. @throws RangeError for any other kind of address */
function keyOf(address: Uint8Array): Hex {
  const isKey = address.length === 32 || (address.length === 33 && address[0] === 0);
  if (!isKey) throw new RangeError("an address without a key");
  return hexOf(address.slice(-32));
}

function extrinsicOf(runtime: Runtime, encoded: Hex, error: string | null): BlockExtrinsic {
  const bytes = bytesOf(encoded);
  try {
    const { signer, index } = headOf(runtime, bytes);
    const [pallet = -1] = index;
    return {
      signer,
      pallet: runtime.palletName(pallet),
      call: runtime.registry.findMetaCall(index).meta.name.toString(),
      bytes: bytes.length,
      error,
    };
  } catch {
    return { signer: null, pallet: "?", call: "?", bytes: bytes.length, error };
  }
}

/** The members of a client that read blocks. */
export function contentsOf({ state }: Pick<ClientParts, "state">): Contents {
  return {
    async block(at, most = Infinity) {
      const block = await readEncoded(state, await blockOf(state, at));
      const ends = await endings(block, most);
      const extrinsics: BlockExtrinsic[] = [];
      for (const [index, one] of block.extrinsics.slice(0, most).entries()) {
        if (index % EXTRINSICS_A_TURN === 0) await turn();
        // The chain says of each that it was done or refused: where it does not, nobody knows.
        const ending = ends.get(index);
        extrinsics.push(extrinsicOf(block.runtime, one, ending === undefined ? "?" : ending));
      }
      return { ...block.block, all: block.extrinsics.length, extrinsics };
    },
  };
}
