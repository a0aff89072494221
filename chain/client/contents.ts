/** @file What lies in a block: its extrinsics by their calls' names, who signed each, and whether the chain did it. */
import type { GenericExtrinsic } from "@polkadot/types";
import { ChainError } from "../errors.ts";
import { bytesOf, type Hex, hexOf } from "../wallet/hex.ts";
import { blockOf, type ClientParts } from "./parts.ts";
import { eventsOf, type Outcome, readOutcome } from "./outcome.ts";

/** An extrinsic of a block. */
type BlockExtrinsic = {
  /** Public key of the account that signed it; null where nobody did. */
  readonly signer: Hex | null;
  /** By their names in metadata; "?" where this client cannot read it. */
  readonly pallet: string;
  readonly call: string;
  readonly bytes: number;
  /** `Pallet.Error` of what the chain refused when it was in the block; null: it was done. */
  readonly error: string | null;
};

/** A block with what lies in it. */
export type BlockContents = {
  readonly number: number;
  readonly hash: Hex;
  readonly extrinsics: readonly BlockExtrinsic[];
};

/** Reading blocks. */
export type Contents = {
  /** What lies in a block; of the newest final one where none is named. @throws ChainError rpc-failed: there is no such block any more */
  block(at?: Hex): Promise<BlockContents>;
};

/** The error of an extrinsic that was refused in its block. */
function errorOf(outcome: Outcome, extrinsic: Hex): string | null {
  try {
    eventsOf(outcome, extrinsic);
    return null;
  } catch (error) {
    if (!(error instanceof ChainError) || error.fault.code !== "extrinsic-failed") throw error;
    return `${error.fault.pallet}.${error.fault.error}`;
  }
}

function read(outcome: Outcome, encoded: Hex): BlockExtrinsic {
  const { registry } = outcome.runtime;
  const bytes = bytesOf(encoded);
  const error = errorOf(outcome, encoded);
  try {
    const found = registry.createTypeUnsafe<GenericExtrinsic>("GenericExtrinsic", [bytes]);
    const [pallet = -1] = found.callIndex;
    return {
      signer: found.isSigned ? hexOf(found.signer.toU8a().slice(-32)) : null,
      pallet: outcome.runtime.palletName(pallet),
      call: registry.findMetaCall(found.callIndex).meta.name.toString(),
      bytes: bytes.length,
      error,
    };
  } catch {
    return { signer: null, pallet: "?", call: "?", bytes: bytes.length, error };
  }
}

/** The members of a client that read blocks. */
export function contentsOf({ state }: ClientParts): Contents {
  return {
    async block(at) {
      const outcome = await readOutcome(state, await blockOf(state, at));
      const { number, hash } = outcome.block;
      return { number, hash, extrinsics: outcome.extrinsics.map((one) => read(outcome, one)) };
    },
  };
}
