/** @file JSON-RPC: author_* and payment_*. */
import { concat, toHex } from "../codec/bytes.ts";
import { type JsonValue } from "../codec/exact-json.ts";
import { ScaleReader, u32 } from "../codec/scale.ts";
import { type RpcMethods } from "./methods.ts";
import { type ServedChain } from "./served-chain.ts";

const CLASSES = ["normal", "operational", "mandatory"];

/** The transaction pool. */
export function authorMethods(chain: ServedChain): RpcMethods {
  return {
    author_submitExtrinsic: (params) => chain.submit(params.bytes(0)),
    author_pendingExtrinsics: () => chain.pendingExtrinsics().map(toHex),
  };
}

/** Little-endian unsigned integer of any width. */
function unsigned(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n);
}

const BALANCE_BYTES = 8;

/** An amount as nodes write it: a number, or hex where a number would lose digits. */
function amount(rao: bigint): JsonValue {
  return rao <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(rao) : `0x${rao.toString(16)}`;
}

/** The parts of a fee; none for an extrinsic that pays nothing. The tip is no part of it. */
function feeParts(details: Uint8Array): JsonValue {
  const reader = new ScaleReader(details);
  if (reader.u8() === 0) return { inclusionFee: null };
  const next = (): JsonValue => amount(unsigned(reader.take(BALANCE_BYTES)));
  return { inclusionFee: { baseFee: next(), lenFee: next(), adjustedWeightFee: next() } };
}

/** Fees. */
export function paymentMethods(chain: ServedChain): RpcMethods {
  return {
    payment_queryFeeDetails: (params) => {
      const extrinsic = params.bytes(0);
      const args = concat(extrinsic, u32(extrinsic.length));
      const call = "TransactionPaymentApi_query_fee_details";
      return feeParts(chain.call(call, args, params.optionalHash(1)));
    },
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
