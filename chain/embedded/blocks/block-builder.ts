/** @file One block: initialize, inherents, extrinsics in storage transactions, finalize. */
import { ChainError } from "../../errors.ts";
import { type Hex, NO_BYTES, toHex } from "../codec/bytes.ts";
import { blake2b256 } from "../codec/hashing.ts";
import { ScaleReader, byteVector } from "../codec/scale.ts";
import { Overlay } from "../state/overlay.ts";
import { type StorageChanges } from "../state/storage-changes.ts";
import { type TrieRoot } from "../state/trie.ts";
import { CODE_KEY } from "../state/well-known-keys.ts";
import { type WasmRuntime } from "../wasm/runtime.ts";
import {
  type Header,
  ZERO_HASH,
  auraDigest,
  decodeHeader,
  encodeHeader,
  headerHash,
} from "./header.ts";
import { type BlockAuthor, inherentData, type Opened, slotAuthor } from "./author.ts";
import { SlotBudget } from "./slot-budget.ts";
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
  /** Who makes it; left out: one that knows the slot alone. */
  readonly author?: BlockAuthor;
  /** Why the chain could not go on with a new `:code`, null if it can; left out: nobody asks. */
  readonly codeFault?: (code: Uint8Array | null) => ChainError | null;
};

/** An extrinsic that may go in, with its length prefix. */
export type Candidate = {
  readonly hash: Hex;
  readonly bytes: Uint8Array;
  /** Whose nonces it is among; left out: nobody else's business. */
  readonly account?: string;
  readonly priority?: bigint;
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
  /** What came out of carriers and found no room: it is for a later block. */
  readonly leftOver: readonly Uint8Array[];
  /** Accounts whose carriers were opened: what those held used nonces that no pool knows of. */
  readonly opened: ReadonlySet<string>;
  readonly changes: StorageChanges;
  readonly state: TrieRoot;
};

/**
 * After so many extrinsics of like priority that did not fit, no more of them are tried, as in sc-basic-authorship. What weighs
 * less by an order of magnitude is tried yet: calls that are free have no room before those that pay have none.
 */
const MOST_SKIPPED = 8;
/** After so many that became invalid since they entered the pool, the block is closed: each costs time and brings nothing. */
const MOST_REFUSED = 512;
/** Bytes of extrinsics per block, the hint of a node. */
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Watches `:code` in a block: what sets a code that cannot run stays out of it. The code of the block itself goes on
 * until its end, as in a node, which takes it from the parent's state.
 */
class CodeGuard {
  readonly #overlay: Overlay;
  readonly #faultOf: NonNullable<BlockPlan["codeFault"]>;
  #accepted: Uint8Array | null;

  constructor(overlay: Overlay, { codeFault }: BlockPlan) {
    this.#overlay = overlay;
    this.#faultOf = codeFault ?? ((): null => null);
    this.#accepted = overlay.get(CODE_KEY);
  }

  /** What is wrong with the code as it is now, if it is another than before. */
  fault(): ChainError | null {
    const code = this.#overlay.get(CODE_KEY);
    if (code === this.#accepted) return null;
    const fault = this.#faultOf(code);
    if (fault === null) this.#accepted = code;
    return fault;
  }

  /** @throws ChainError code-refused: it was set by what cannot be left out of a block */
  require(): void {
    const fault = this.fault();
    if (fault !== null) throw fault;
  }
}

/** The result bytes, or null after a trap, or for a code that cannot run; what is refused leaves no trace in the overlay. */
function applyExtrinsic(
  runtime: WasmRuntime,
  bytes: Uint8Array,
  { overlay, guard }: { readonly overlay: Overlay; readonly guard: CodeGuard },
): Uint8Array | null {
  const { depth } = overlay;
  overlay.begin();
  try {
    const result = runtime.call("BlockBuilder_apply_extrinsic", bytes, overlay);
    const isIn = result[0] === 0;
    if (isIn && guard.fault() === null) {
      overlay.commit();
      return result;
    }
    overlay.rollback();
    return isIn ? null : result;
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
  readonly leftOver: Uint8Array[];
  readonly opened: Set<string>;
};

function applyInherents({ runtime, plan, overlay, guard, body }: FillingParts): void {
  const data = inherentData((plan.author ?? slotAuthor).inherents(plan));
  // On a copy: asking for the inherents must leave no trace in the block.
  const made = runtime.call("BlockBuilder_inherent_extrinsics", data, new Overlay(overlay.root));
  for (const inner of new ScaleReader(made).list((item) => item.bytes())) {
    const bytes = byteVector(inner);
    const result = applyExtrinsic(runtime, bytes, { overlay, guard });
    if (result === null || result[0] !== 0) {
      const log = result === null ? "trap" : toHex(result);
      throw new ChainError({ code: "runtime-trap", call: "inherent", log });
    }
    body.extrinsics.push(bytes);
    body.results.push(result);
  }
}

/** Digits of a priority. */
function magnitude({ priority = 0n }: Candidate): number {
  return String(priority).length;
}

/** What a block has had enough of: of extrinsics without room, of invalid ones, of accounts of which one stayed out. */
class Patience {
  /** By magnitude of priority. */
  readonly #skipped = new Map<number, number>();
  #refused = 0;
  readonly #stuck = new Set<string>();

  get isOver(): boolean {
    return this.#refused >= MOST_REFUSED;
  }

  /** What follows one that stayed out could only come too early. To run it costs time that nobody has paid for. */
  mayAsk(candidate: Candidate): boolean {
    const { account } = candidate;
    if ((this.#skipped.get(magnitude(candidate)) ?? 0) >= MOST_SKIPPED) return false;
    return account === undefined || !this.#stuck.has(account);
  }

  skip(candidate: Candidate): void {
    const of = magnitude(candidate);
    this.#skipped.set(of, (this.#skipped.get(of) ?? 0) + 1);
  }

  note(candidate: Candidate, outcome: Outcome): void {
    if (outcome === "included") return;
    if (outcome === "later") this.skip(candidate);
    else this.#refused++;
    if (candidate.account !== undefined) this.#stuck.add(candidate.account);
  }
}

type FillingParts = {
  readonly runtime: WasmRuntime;
  readonly plan: BlockPlan;
  readonly overlay: Overlay;
  readonly guard: CodeGuard;
  readonly body: Body;
  readonly budget: SlotBudget;
};

/** Fills a block. */
class Filling {
  readonly #runtime: WasmRuntime;
  readonly #plan: BlockPlan;
  readonly #into: Pick<FillingParts, "overlay" | "guard">;
  readonly #body: Body;
  readonly #patience = new Patience();
  readonly #budget: SlotBudget;
  #size = 0;

  constructor({ runtime, plan, overlay, guard, body, budget }: FillingParts) {
    this.#runtime = runtime;
    this.#plan = plan;
    this.#into = { overlay, guard };
    this.#body = body;
    this.#budget = budget;
  }

  fill(): void {
    for (const candidate of this.#plan.extrinsics) {
      if (this.#patience.isOver || this.#isLate()) return;
      if (!this.#patience.mayAsk(candidate) || this.#isIn(candidate)) continue;
      if (this.#size + candidate.bytes.length > MOST_BYTES) {
        this.#patience.skip(candidate);
        continue;
      }
      this.#patience.note(candidate, this.#take(candidate));
    }
  }

  /** One extrinsic is tried, however long the block took to begin: or a slow machine would never include any. */
  #isLate(): boolean {
    return this.#body.outcomes.size > 0 && this.#budget.isSpent;
  }

  /** It came out of a carrier before. */
  #isIn({ hash }: Candidate): boolean {
    return this.#body.outcomes.get(hash) === "included";
  }

  /** A carrier is followed at once by what it carries; one that the author cannot open is refused, so that nobody pays for it. */
  #take({ hash, bytes, account }: Candidate): Outcome {
    const opened = this.#open(bytes);
    const outcome = opened.kind === "unreadable" ? "refused" : this.#apply(bytes);
    this.#body.outcomes.set(hash, outcome);
    if (opened.kind !== "carrier" || outcome !== "included") return outcome;
    if (account !== undefined) this.#body.opened.add(account);
    const inner = toHex(blake2b256(opened.inner));
    const then = this.#apply(opened.inner);
    if (then === "later") this.#body.leftOver.push(opened.inner);
    else this.#body.outcomes.set(inner, then);
    return outcome;
  }

  #open(bytes: Uint8Array): Opened {
    const { author = slotAuthor, parentState } = this.#plan;
    return author.open(bytes, (name, args) =>
      this.#runtime.call(name, args, new Overlay(parentState)),
    );
  }

  #apply(bytes: Uint8Array): Outcome {
    const result = applyExtrinsic(this.#runtime, bytes, this.#into);
    const outcome = outcomeOf(result);
    if (result === null || outcome !== "included") return outcome;
    this.#size += bytes.length;
    this.#body.extrinsics.push(bytes);
    this.#body.results.push(result);
    return outcome;
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

/**
 * Builds a block on `plan.parentState`.
 * @throws ChainError runtime-trap when the runtime itself fails, code-refused when its hooks set a code that cannot run
 */
export function buildBlock(runtime: WasmRuntime, plan: BlockPlan): BuiltBlock {
  const budget = new SlotBudget(plan.slotDurationMs);
  const overlay = new Overlay(plan.parentState);
  const guard = new CodeGuard(overlay, plan);
  const mode = runtime.call("Core_initialize_block", openingHeader(plan), overlay);
  const body: Body = {
    extrinsics: [],
    results: [],
    outcomes: new Map(),
    leftOver: [],
    opened: new Set(),
  };
  guard.require();
  const parts = { runtime, plan, overlay, guard, body, budget };
  applyInherents(parts);
  // ExtrinsicInclusionMode 1 = only inherents (a migration is under way).
  if (mode[0] !== 1) new Filling(parts).fill();
  const headerBytes = runtime.call("BlockBuilder_finalize_block", NO_BYTES, overlay);
  guard.require();
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
