/**
 * @file Blocks of a native chain executed again in V8. A sealed block carries its author's signature as the last digest item; the
 * runtime executes it without, and refuses a block whose state root or extrinsics root is another than its header says.
 */
import { type Hex, concat, sameBytes, toHex } from "../embedded/codec/bytes.ts";
import { byteVector, compact } from "../embedded/codec/scale.ts";
import { encodeHeader, type Header } from "../embedded/blocks/header.ts";
import { Overlay } from "../embedded/state/overlay.ts";
import { type StateVersion, trieRootHash } from "../embedded/state/trie-root.ts";
import { trieGet, type TrieRoot, valueBytes } from "../embedded/state/trie.ts";
import { CODE_KEY } from "../embedded/state/well-known-keys.ts";
import { WasmRuntime } from "../embedded/wasm/runtime.ts";

/** Digest item of a signature. */
const SEAL = 5;
const STATE_VERSION: StateVersion = 1;

/** A block as it travels: its extrinsics without their length prefix. */
export type SealedBlock = { readonly header: Header; readonly extrinsics: readonly Uint8Array[] };

/** The header that was signed. */
export function unsealed(header: Header): Header {
  return header.logs.at(-1)?.[0] === SEAL ? { ...header, logs: header.logs.slice(0, -1) } : header;
}

/** SCALE of a block. */
export function blockBytes({ header, extrinsics }: SealedBlock): Uint8Array {
  return concat(
    encodeHeader(header),
    compact(extrinsics.length),
    ...extrinsics.map((one) => byteVector(one)),
  );
}

/** A chain that is executed again, block by block, from its genesis. */
export class Replay {
  #state: TrieRoot;
  #runtime: WasmRuntime;
  #code: Uint8Array;

  constructor(genesis: TrieRoot) {
    this.#state = genesis;
    this.#code = this.#codeNow();
    this.#runtime = new WasmRuntime(this.#code);
  }

  /** The state after the last block. */
  get state(): TrieRoot {
    return this.#state;
  }

  /** The state root after the block. @throws ChainError runtime-trap: it is another than the header says, or the block is refused */
  execute(block: SealedBlock): Hex {
    const overlay = new Overlay(this.#state);
    const bytes = blockBytes({ ...block, header: unsealed(block.header) });
    this.#runtime.call("Core_execute_block", bytes, overlay);
    this.#state = overlay.root;
    this.#upgrade();
    return toHex(trieRootHash(this.#state, STATE_VERSION));
  }

  #codeNow(): Uint8Array {
    const code = trieGet(this.#state, CODE_KEY);
    if (code === null) throw new RangeError("a state without a runtime");
    return valueBytes(code);
  }

  /** The next block runs the code that this one left. */
  #upgrade(): void {
    const code = this.#codeNow();
    if (code === this.#code || sameBytes(code, this.#code)) return;
    this.#runtime = new WasmRuntime(code);
    this.#code = code;
  }
}
