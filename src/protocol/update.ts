/** @file An update on the wire: the 170-byte header of docs/protocol.md#header, and the checks that bind it to run, window and hotkey. */
import { AssayError } from "../errors.ts";
import { concatBytes, u16Bytes, u32Bytes, u64Bytes } from "./bytes.ts";
import { decodeBody, encodeBody, type SparseUpdate, type UpdateLayout } from "./codec.ts";
import { bytesOf, type Hex, hexOf } from "./digest.ts";

/** Bytes before the body. */
export const UPDATE_HEADER_BYTES = 170;

const MAGIC = new TextEncoder().encode("ASY1");
const VERSION = 1;
const FLAGS = 0;

/** The fields of the header that a miner fills in. 32-byte values are Hex. */
export type UpdateHeader = {
  readonly genesis: Hex;
  readonly runId: Hex;
  readonly netuid: number;
  readonly window: bigint;
  readonly hotkey: Hex;
  /** digest(theta_w) that the inner steps started from. */
  readonly baseDigest: Hex;
  /** How many pages of the assigned prefix were trained on. */
  readonly consumedPages: number;
  readonly innerSteps: number;
  readonly tokens: bigint;
  readonly tensors: number;
};

/** What the header of an update must say. `maximumPages`: pages assigned to a miner (n); unchecked when absent. */
export type ExpectedUpdate = {
  readonly genesis: Hex;
  readonly runId: Hex;
  readonly netuid: number;
  readonly window: number | bigint;
  readonly hotkey: Hex;
  readonly baseDigest: Hex;
  readonly maximumPages?: number;
};

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
    u16Bytes(VERSION),
    u16Bytes(FLAGS),
    bytes32(header.genesis),
    bytes32(header.runId),
    u16Bytes(header.netuid),
    u64Bytes(header.window),
    bytes32(header.hotkey),
    bytes32(header.baseDigest),
    u32Bytes(header.consumedPages),
    u32Bytes(header.innerSteps),
    u64Bytes(header.tokens),
    u32Bytes(header.tensors),
    u32Bytes(body.length),
    body,
  ]);
}

/** Encode the update and its header in one go; `tensors` is filled in. @throws as encodeBody and encodeUpdate. */
export function encodeWholeUpdate(
  header: Omit<UpdateHeader, "tensors">,
  update: SparseUpdate,
  layout: UpdateLayout,
): Uint8Array {
  return encodeUpdate({ ...header, tensors: layout.lengths.length }, encodeBody(update, layout));
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
  const frame = frameFault(bytes, layout.lengths.length);
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

/** What is wrong with length, magic, version or counts; null if nothing. Read before anything else is believed. */
function frameFault(bytes: Uint8Array, tensors: number): string | null {
  if (bytes.length < UPDATE_HEADER_BYTES) {
    return `${bytes.length} bytes are fewer than the header's ${UPDATE_HEADER_BYTES}`;
  }
  const view = viewOf(bytes);
  if (MAGIC.some((byte, at) => bytes[at] !== byte)) return "it does not begin with ASY1";
  const version = view.getUint16(4, true);
  if (version !== VERSION) return `version ${version} where this network speaks ${VERSION}`;
  if (view.getUint16(6, true) !== FLAGS) return "flags are set that this version does not know";
  const found = view.getUint32(162, true);
  if (found !== tensors) return `${found} tensors where the model has ${tensors}`;
  const total = UPDATE_HEADER_BYTES + view.getUint32(166, true);
  return total === bytes.length ? null : `${bytes.length} bytes where the header says ${total}`;
}

/** The header's fields, unchecked. @throws RangeError if there are fewer bytes than a header has. */
export function readUpdateHeader(bytes: Uint8Array): UpdateHeader {
  const view = viewOf(bytes);
  return {
    genesis: hexOf(bytes.subarray(8, 40)),
    runId: hexOf(bytes.subarray(40, 72)),
    netuid: view.getUint16(72, true),
    window: view.getBigUint64(74, true),
    hotkey: hexOf(bytes.subarray(82, 114)),
    baseDigest: hexOf(bytes.subarray(114, 146)),
    consumedPages: view.getUint32(146, true),
    innerSteps: view.getUint32(150, true),
    tokens: view.getBigUint64(154, true),
    tensors: view.getUint32(162, true),
  };
}

type Binding = { readonly code: UpdateFaultCode; readonly reason: string };

function bindingFault(header: UpdateHeader, expected: ExpectedUpdate): Binding | null {
  return (
    runFault(header, expected) ??
    differs("wrong-window", "window", header.window, BigInt(expected.window)) ??
    differs("wrong-hotkey", "hotkey", header.hotkey, expected.hotkey) ??
    differs("stale-base", "base", header.baseDigest, expected.baseDigest) ??
    pagesFault(header.consumedPages, expected.maximumPages)
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

function pagesFault(consumed: number, maximum: number | undefined): Binding | null {
  if (maximum === undefined || (consumed >= 1 && consumed <= maximum)) return null;
  return { code: "malformed", reason: `${consumed} pages consumed of ${maximum} assigned` };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
