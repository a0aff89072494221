/** @file An update on the wire: the 142-byte header of docs/protocol.md#header, and the checks that bind it to run, window and hotkey. */
import { AssayError } from "../errors.ts";
import { concatBytes, u16Bytes, u64Bytes } from "./bytes.ts";
import { decodeBody, encodeBody, type SparseUpdate, type UpdateLayout } from "./codec.ts";
import { bytesOf, type Hex, hexOf } from "./digest.ts";

/** Bytes before the body. */
export const UPDATE_HEADER_BYTES = 142;

/** The number is the protocol's. */
const MAGIC = new TextEncoder().encode("ASY3");

/** The fields of the header that a miner fills in. 32-byte values are Hex. */
export type UpdateHeader = {
  readonly genesis: Hex;
  readonly runId: Hex;
  readonly netuid: number;
  readonly window: bigint;
  readonly hotkey: Hex;
  /** digest(theta_w) that the inner steps started from. */
  readonly baseDigest: Hex;
};

/** What the header of an update must say. */
export type ExpectedUpdate = Omit<UpdateHeader, "window"> & { readonly window: number | bigint };

/** Why an update is refused. The codes are those of src/gauntlet/verdict.ts. */
export type UpdateFaultCode =
  | "malformed"
  | "wrong-run"
  | "wrong-window"
  | "wrong-hotkey"
  | "stale-base";

/** A decoded update. */
export type DecodedUpdate = { readonly header: UpdateHeader; readonly update: SparseUpdate };

/** A decoded update, or why there is none: for callers to whom a bad update is an ordinary event. */
export type UpdateReading =
  | ({ readonly ok: true } & DecodedUpdate)
  | { readonly ok: false; readonly code: UpdateFaultCode; readonly reason: string };

/** The bytes of a whole update. @throws RangeError if a header field does not fit its integer. */
export function encodeUpdate(header: UpdateHeader, body: Uint8Array): Uint8Array {
  return concatBytes([
    MAGIC,
    bytes32(header.genesis),
    bytes32(header.runId),
    u16Bytes(header.netuid),
    u64Bytes(header.window),
    bytes32(header.hotkey),
    bytes32(header.baseDigest),
    body,
  ]);
}

/** Encode the update and its header in one go. @throws as encodeBody and encodeUpdate. */
export function encodeWholeUpdate(
  header: UpdateHeader,
  update: SparseUpdate,
  layout: UpdateLayout,
): Uint8Array {
  return encodeUpdate(header, encodeBody(update, layout));
}

function bytes32(hex: Hex): Uint8Array {
  const bytes = bytesOf(hex);
  if (bytes.length !== 32) throw new RangeError(`${hex} is not 32 bytes`);
  return bytes;
}

/**
 * Decode a whole update and check that it was made for this run, window, hotkey and base.
 * @throws AssayError update-malformed; its reason begins with the UpdateFaultCode and a colon.
 */
export function decodeUpdate(
  bytes: Uint8Array,
  layout: UpdateLayout,
  expected: ExpectedUpdate,
): DecodedUpdate {
  const reading = readUpdate(bytes, layout, expected);
  if (reading.ok) return { header: reading.header, update: reading.update };
  throw new AssayError({ code: "update-malformed", reason: `${reading.code}: ${reading.reason}` });
}

/** As decodeUpdate, but a refusal is a value with its own code. Never throws on any bytes. */
export function readUpdate(
  bytes: Uint8Array,
  layout: UpdateLayout,
  expected: ExpectedUpdate,
): UpdateReading {
  const frame = frameFault(bytes);
  if (frame !== null) return { ok: false, code: "malformed", reason: frame };
  const header = readUpdateHeader(bytes);
  const binding = bindingFault(header, expected);
  if (binding !== null) return { ok: false, ...binding };
  try {
    const update = decodeBody(bytes.subarray(UPDATE_HEADER_BYTES), layout);
    return { ok: true, header, update };
  } catch (error) {
    if (!(error instanceof AssayError) || error.fault.code !== "update-malformed") throw error;
    return { ok: false, code: "malformed", reason: error.fault.reason };
  }
}

/** What is wrong with length or magic; null if nothing. Read before anything else is believed. */
function frameFault(bytes: Uint8Array): string | null {
  if (bytes.length < UPDATE_HEADER_BYTES) {
    return `${bytes.length} bytes are fewer than the header's ${UPDATE_HEADER_BYTES}`;
  }
  const begins = MAGIC.every((byte, at) => bytes[at] === byte);
  return begins ? null : "it does not begin with ASY3, as updates of this protocol do";
}

/** The header's fields, unchecked. @throws RangeError if there are fewer bytes than a header has. */
export function readUpdateHeader(bytes: Uint8Array): UpdateHeader {
  const view = viewOf(bytes);
  return {
    genesis: hexOf(bytes.subarray(4, 36)),
    runId: hexOf(bytes.subarray(36, 68)),
    netuid: view.getUint16(68, true),
    window: view.getBigUint64(70, true),
    hotkey: hexOf(bytes.subarray(78, 110)),
    baseDigest: hexOf(bytes.subarray(110, 142)),
  };
}

type Binding = { readonly code: UpdateFaultCode; readonly reason: string };

function bindingFault(header: UpdateHeader, expected: ExpectedUpdate): Binding | null {
  return (
    runFault(header, expected) ??
    differs("wrong-window", "window", header.window, BigInt(expected.window)) ??
    differs("wrong-hotkey", "hotkey", header.hotkey, expected.hotkey) ??
    differs("stale-base", "base", header.baseDigest, expected.baseDigest)
  );
}

function runFault(header: UpdateHeader, expected: ExpectedUpdate): Binding | null {
  return (
    differs("wrong-run", "genesis", header.genesis, expected.genesis) ??
    differs("wrong-run", "run", header.runId, expected.runId) ??
    differs("wrong-run", "netuid", header.netuid, expected.netuid)
  );
}

function differs<T extends Hex | bigint | number>(
  code: UpdateFaultCode,
  field: string,
  found: T,
  wanted: T,
): Binding | null {
  return found === wanted
    ? null
    : { code, reason: `${field} ${found} where ${wanted} is expected` };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
