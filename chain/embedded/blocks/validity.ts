/** @file What the runtime says about an extrinsic, in the words of a Substrate node. */
import { ChainError } from "../../errors.ts";
import { keyOf } from "../codec/bytes.ts";
import { ScaleReader } from "../codec/scale.ts";

/** `ValidTransaction`; tags as latin1 text. */
export type ValidTransaction = {
  readonly priority: bigint;
  readonly requires: readonly string[];
  readonly provides: readonly string[];
  /** Blocks. */
  readonly longevity: bigint;
};

/** `InvalidTransaction` variants the chain branches on. */
export const INVALID: {
  readonly future: 2;
  readonly stale: 3;
  readonly exhaustsResources: 6;
} = { future: 2, stale: 3, exhaustsResources: 6 };

const CUSTOM_INVALID = 7;
const INVALID_TEXT = [
  "Transaction call is not expected",
  "Inability to pay some fees (e.g. account balance too low)",
  "Transaction will be valid in the future",
  "Transaction is outdated",
  "Transaction has a bad signature",
  "Transaction has an ancient birth block",
  "Transaction would exhaust the block limits",
  "InvalidTransaction custom error",
  "A call was labelled as mandatory, but resulted in an Error.",
  "Transaction dispatch is mandatory; transactions must not be validated.",
  "Invalid signing address",
  "The implicit data was unable to be calculated",
  "The transaction extension did not authorize any origin",
];
const CUSTOM_UNKNOWN = 2;
const UNKNOWN_TEXT = [
  "Could not lookup information required to validate the transaction",
  "Could not find an unsigned validator for the unsigned transaction",
  "UnknownTransaction custom error",
];

/** Reasons for which an extrinsic is refused, in the words of sc-rpc-api. */
export type RefusalReason =
  | "Extrinsic has invalid format"
  | "Verification Error"
  | "Invalid Transaction"
  | "Unknown Transaction Validity"
  | "Transaction is temporarily banned"
  | "Transaction Already Imported"
  | "Priority is too low"
  | "Immediately Dropped";

/** ChainError `extrinsic-invalid`. */
export function refusal(reason: RefusalReason, detail: string, cause?: unknown): ChainError {
  return new ChainError({ code: "extrinsic-invalid", reason, detail }, { cause });
}

/** A `TransactionValidityError` as an error; `bytes` starts at its first byte. */
function validityError(bytes: Uint8Array): ChainError {
  const [kind = 0, variant = 0, custom = 0] = bytes;
  if (kind === 0) {
    const text = INVALID_TEXT[variant] ?? `unknown reason ${variant}`;
    const detail = variant === CUSTOM_INVALID ? `Custom error: ${custom}` : text;
    return refusal("Invalid Transaction", detail);
  }
  const text = UNKNOWN_TEXT[variant] ?? `unknown reason ${variant}`;
  const detail = variant === CUSTOM_UNKNOWN ? `Custom error: ${custom}` : text;
  return refusal("Unknown Transaction Validity", detail);
}

/** Reads `TransactionValidity`. @throws ChainError extrinsic-invalid */
export function decodeValidity(bytes: Uint8Array): ValidTransaction {
  const reader = new ScaleReader(bytes);
  if (reader.u8() !== 0) throw validityError(bytes.subarray(1));
  const tags = (): string[] => reader.list((item) => keyOf(item.bytes()));
  return { priority: reader.u64(), requires: tags(), provides: tags(), longevity: reader.u64() };
}

/**
 * Checks the outer form of an extrinsic: bytes behind their own compact length.
 * @throws ChainError extrinsic-invalid
 */
export function requireExtrinsicForm(bytes: Uint8Array): void {
  const reader = new ScaleReader(bytes);
  let length = -1;
  try {
    length = reader.compact();
  } catch (cause) {
    throw refusal("Extrinsic has invalid format", "no readable length", cause);
  }
  if (length !== reader.left || length === 0) {
    const detail = `length prefix says ${length} bytes, ${reader.left} follow`;
    throw refusal("Extrinsic has invalid format", detail);
  }
}

/** Bits of the byte after the length that tell how an extrinsic is authorised; 0: not at all. */
const AUTHORISED = 0b1100_0000;
/** Bytes of a compact number by its two lowest bits. */
const WIDTHS = [1, 2, 4];

/** Whether an extrinsic of the right outer form has no signature. */
export function isBare(bytes: Uint8Array): boolean {
  const [first = 0] = bytes;
  const width = WIDTHS[first & 3] ?? 0;
  return ((bytes[width] ?? 0) & AUTHORISED) === 0;
}
