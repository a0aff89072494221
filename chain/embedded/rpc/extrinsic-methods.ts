/** @file JSON-RPC: author_* and payment_*. */
import { type EmbeddedChain } from "../chain.ts";
import { concat, toHex } from "../codec/bytes.ts";
import { ScaleReader, u32 } from "../codec/scale.ts";
import { type RpcMethods } from "./methods.ts";

const CLASSES = ["normal", "operational", "mandatory"];

/** The transaction pool. */
export function authorMethods(chain: EmbeddedChain): RpcMethods {
  return {
    author_submitExtrinsic: (params) => chain.submit(params.bytes(0)),
    author_pendingExtrinsics: () => chain.pool.pending().map(toHex),
  };
}

/** Little-endian unsigned integer of any width. */
function unsigned(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n);
}

/** Fees. */
export function paymentMethods(chain: EmbeddedChain): RpcMethods {
  return {
    payment_queryInfo: (params) => {
      const extrinsic = params.bytes(0);
      const args = concat(extrinsic, u32(extrinsic.length));
      const info = chain.call("TransactionPaymentApi_query_info", args, params.optionalHash(1));
      const reader = new ScaleReader(info);
      const weight = { ref_time: reader.compact(), proof_size: reader.compact() };
      const kind = CLASSES[reader.u8()] ?? "normal";
      return { weight, class: kind, partialFee: unsigned(reader.take(reader.left)).toString() };
    },
  };
}
