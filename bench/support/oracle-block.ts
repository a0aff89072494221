/** @file The head block of an embedded chain once more on the Chopsticks executor, from the same parent state. */
import { performance } from "node:perf_hooks";
import { run_task } from "@acala-network/chopsticks-executor";
import { openingHeader } from "../../chain/embedded/blocks/block-builder.ts";
import { type Hex, NO_BYTES, hexOfKey, keyOfHex, toHex } from "../../chain/embedded/codec/bytes.ts";
import type { EmbeddedChain } from "../../chain/embedded/chain.ts";
import { auraSlot } from "../../chain/embedded/blocks/header.ts";
import { CODE_KEY } from "../../chain/embedded/state/well-known-keys.ts";
import { type TrieRoot, trieGet, trieNext, valueBytes } from "../../chain/embedded/state/trie.ts";

/** The value that `share` of them do not exceed. */
export function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function read(state: TrieRoot, key: string): Hex | undefined {
  const value = trieGet(state, key);
  return value === null ? undefined : toHex(valueBytes(value));
}

/** Milliseconds of the head block on the Chopsticks executor, from the same parent state. */
export async function oracleMs(engine: EmbeddedChain): Promise<number> {
  const { number, hash } = engine.head();
  const header = engine.header();
  const block = engine.block(hash);
  if (header === null || block === null) throw new Error("the head has no block");
  const state = engine.stateAt(header.parentHash);
  const slot = auraSlot(header) ?? 0n;
  const opening = openingHeader({ parentHash: header.parentHash, number, slot });
  const calls: [string, [Hex]][] = [
    ["Core_initialize_block", [toHex(opening)]],
    ...block.extrinsics.map((bytes): [string, [Hex]] => [
      "BlockBuilder_apply_extrinsic",
      [toHex(bytes)],
    ]),
    ["BlockBuilder_finalize_block", [toHex(NO_BYTES)]],
  ];
  const wasm = read(state, CODE_KEY) ?? "0x";
  const started = performance.now();
  await run_task(
    {
      id: 0,
      wasm,
      calls,
      mockSignatureHost: 0,
      storageProofSize: 0,
      allowUnresolvedImports: true,
      runtimeLogLevel: 0,
    },
    {
      getStorage: async (key: Hex) => read(state, keyOfHex(key)),
      getNextKey: async (prefix: Hex, key: Hex) => {
        const next = trieNext(state, keyOfHex(key));
        return next !== null && next.startsWith(keyOfHex(prefix)) ? hexOfKey(next) : undefined;
      },
      offchainGetStorage: async () => undefined,
      offchainTimestamp: async () => 0,
      offchainRandomSeed: async () => "0x00",
      offchainSubmitTransaction: async () => false,
    },
  );
  return performance.now() - started;
}
