/** @file One block: initialize, inherents, extrinsics in storage transactions, finalize. */
import { ChainError } from "../../errors.ts";
import { type Hex, NO_BYTES, concat, toHex } from "../codec/bytes.ts";
import { blake2b256 } from "../codec/hashing.ts";
import { ScaleReader, byteVector, compact, u64 } from "../codec/scale.ts";
import { Overlay } from "../state/overlay.ts";
import { type StorageChanges } from "../state/storage-changes.ts";
import { type TrieRoot } from "../state/trie.ts";
import { type WasmRuntime } from "../wasm/runtime.ts";
import {
  type Header,
  ZERO_HASH,
  auraDigest,
  decodeHeader,
  encodeHeader,
  headerHash,
} from "./header.ts";
import { INVALID } from "./validity.ts";

/** What the next block is built on and from. */
export type BlockPlan = {
  readonly parentHash: Hex;
  readonly parentState: TrieRoot;
  readonly number: number;
  readonly slot: bigint;
  readonly slotDurationMs: bigint;
  /** Asked one by one; stops being asked when the block is full. */
  readonly extrinsics: Iterable<Candidate>;
};

/** An extrinsic that may go in, with its length prefix. */
export type Candidate = {
  readonly hash: Hex;
  readonly bytes: Uint8Array;
  /** Whose nonces it is among; left out: nobody else's business. */
  readonly account?: string;
};

/** What became of a candidate. `later`: no room in this block. `early`: it waits for something (a nonce). */
export type Outcome = "included" | "refused" | "later" | "early";

/** A finished block. */
export type BuiltBlock = {
  readonly hash: Hex;
  readonly header: Header;
  readonly headerBytes: Uint8Array;
  readonly extrinsics: readonly Uint8Array[];
  /** ApplyExtrinsicResult bytes of each extrinsic in the block. */
  readonly results: readonly Uint8Array[];
  readonly outcomes: ReadonlyMap<Hex, Outcome>;
  readonly changes: StorageChanges;
  readonly state: TrieRoot;
};

/** After so many extrinsics that did not fit, the block counts as full (as in sc-basic-authorship). */
const MOST_SKIPPED = 8;
/** After so many that became invalid since they entered the pool, the block is closed: each costs time and brings nothing. */
const MOST_REFUSED = 512;
/** Bytes of extrinsics per block, the hint of a node. */
const MOST_BYTES = 4 * 1024 * 1024;
const ENCODER = new TextEncoder();

/** Inherent data: identifiers in order, each with its SCALE value. */
function inherentData(slot: bigint, timestampMs: bigint): Uint8Array {
  return concat(
    compact(2),
    ENCODER.encode("auraslot"),
    byteVector(u64(slot)),
    ENCODER.encode("timstap0"),
    byteVector(u64(timestampMs)),
  );
}

/** The result bytes, or null after a trap; a refusal and a trap leave no trace in the overlay. */
function applyExtrinsic(
  runtime: WasmRuntime,
  bytes: Uint8Array,
  overlay: Overlay,
): Uint8Array | null {
  const { depth } = overlay;
  overlay.begin();
  try {
    const result = runtime.call("BlockBuilder_apply_extrinsic", bytes, overlay);
    if (result[0] === 0) overlay.commit();
    else overlay.rollback();
    return result;
  } catch (error) {
    overlay.rollbackTo(depth);
    if (error instanceof ChainError && error.code === "runtime-trap") return null;
    throw error;
  }
}

/** Reads ApplyExtrinsicResult: 00 = in the block; 01 00 06 = no room; 01 00 02 = not yet its turn. */
function outcomeOf(result: Uint8Array | null): Outcome {
  if (result === null) return "refused";
  if (result[0] === 0) return "included";
  if (result[1] !== 0) return "refused";
  if (result[2] === INVALID.exhaustsResources) return "later";
  return result[2] === INVALID.future ? "early" : "refused";
}

type Body = {
  readonly extrinsics: Uint8Array[];
  readonly results: Uint8Array[];
  readonly outcomes: Map<Hex, Outcome>;
};

function applyInherents(runtime: WasmRuntime, plan: BlockPlan, overlay: Overlay, body: Body): void {
  const data = inherentData(plan.slot, plan.slot * plan.slotDurationMs);
  // On a copy: asking for the inherents must leave no trace in the block.
  const made = runtime.call("BlockBuilder_inherent_extrinsics", data, new Overlay(overlay.root));
  for (const inner of new ScaleReader(made).list((item) => item.bytes())) {
    const bytes = byteVector(inner);
    const result = applyExtrinsic(runtime, bytes, overlay);
    if (result === null || result[0] !== 0) {
      const log = result === null ? "trap" : toHex(result);
      throw new ChainError({ code: "runtime-trap", call: "inherent", log });
    }
    body.extrinsics.push(bytes);
    body.results.push(result);
  }
}

/** What a block has had enough of: of extrinsics without room, of invalid ones, of accounts of which one stayed out. */
class Patience {
  #skipped = 0;
  #refused = 0;
  readonly #stuck = new Set<string>();

  get isOver(): boolean {
    return this.#skipped >= MOST_SKIPPED || this.#refused >= MOST_REFUSED;
  }

  /** What follows one that stayed out could only come too early. To run it costs time that nobody has paid for. */
  mayAsk({ account }: Candidate): boolean {
    return account === undefined || !this.#stuck.has(account);
  }

  skip(): void {
    this.#skipped++;
  }

  note({ account }: Candidate, outcome: Outcome): void {
    if (outcome === "included") return;
    if (outcome === "later") this.#skipped++;
    else this.#refused++;
    if (account !== undefined) this.#stuck.add(account);
  }
}

function applyCandidates(
  runtime: WasmRuntime,
  plan: BlockPlan,
  overlay: Overlay,
  body: Body,
): void {
  const patience = new Patience();
  let size = 0;
  for (const candidate of plan.extrinsics) {
    const { hash, bytes } = candidate;
    if (patience.isOver) return;
    if (!patience.mayAsk(candidate)) continue;
    if (size + bytes.length > MOST_BYTES) {
      patience.skip();
      continue;
    }
    const result = applyExtrinsic(runtime, bytes, overlay);
    const outcome = outcomeOf(result);
    body.outcomes.set(hash, outcome);
    patience.note(candidate, outcome);
    if (result === null || outcome !== "included") continue;
    size += bytes.length;
    body.extrinsics.push(bytes);
    body.results.push(result);
  }
}

/** SCALE bytes of the header a block begins with: no roots yet, an Aura slot. */
export function openingHeader(plan: Pick<BlockPlan, "parentHash" | "number" | "slot">): Uint8Array {
  return encodeHeader({
    parentHash: plan.parentHash,
    number: plan.number,
    stateRoot: ZERO_HASH,
    extrinsicsRoot: ZERO_HASH,
    logs: [auraDigest(plan.slot)],
  });
}

/** Builds a block on `plan.parentState`. @throws ChainError runtime-trap when the runtime itself fails */
export function buildBlock(runtime: WasmRuntime, plan: BlockPlan): BuiltBlock {
  const overlay = new Overlay(plan.parentState);
  const mode = runtime.call("Core_initialize_block", openingHeader(plan), overlay);
  const body: Body = { extrinsics: [], results: [], outcomes: new Map() };
  applyInherents(runtime, plan, overlay, body);
  // ExtrinsicInclusionMode 1 = only inherents (a migration is under way).
  if (mode[0] !== 1) applyCandidates(runtime, plan, overlay, body);
  const headerBytes = runtime.call("BlockBuilder_finalize_block", NO_BYTES, overlay);
  return {
    hash: headerHash(headerBytes),
    header: decodeHeader(headerBytes),
    headerBytes,
    ...body,
    changes: [...overlay.changes()],
    state: overlay.root,
  };
}

/** Candidates of raw extrinsics. */
export function candidates(extrinsics: readonly Uint8Array[]): Candidate[] {
  return extrinsics.map((bytes) => ({ hash: toHex(blake2b256(bytes)), bytes }));
}
