/**
 * @file An empty block of our runtime on the embedded chain, as a ratio to the same block on the Chopsticks executor
 * in the same run. Prints one JSON line.
 */
import { performance } from "node:perf_hooks";
import { run_task } from "@acala-network/chopsticks-executor";
import { readRuntimeArtifact } from "../chain/embedded/artifact.ts";
import { openingHeader } from "../chain/embedded/blocks/block-builder.ts";
import { type Hex, NO_BYTES, hexOfKey, keyOfHex, toHex } from "../chain/embedded/codec/bytes.ts";
import { type EmbeddedChain, openEmbeddedChain } from "../chain/embedded/chain.ts";
import { auraSlot } from "../chain/embedded/blocks/header.ts";
import { CODE_KEY } from "../chain/embedded/state/well-known-keys.ts";
import { type TrieRoot, trieGet, trieNext, valueBytes } from "../chain/embedded/state/trie.ts";

const BLOCKS = 200;
const WARM_UP = 50;
/** The oracle is a hundred times slower; fewer blocks give a steady median. */
const ORACLE_BLOCKS = 15;

function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function read(state: TrieRoot, key: string): Hex | undefined {
  const value = trieGet(state, key);
  return value === null ? undefined : toHex(valueBytes(value));
}

/** Milliseconds of the head block on the Chopsticks executor, from the same parent state. */
async function oracleMs(engine: EmbeddedChain): Promise<number> {
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

/** One line of the report. Times in ms; `ratio` = ours / theirs. */
export type EngineBlockSpeed = {
  readonly name: "engine-block";
  readonly blocks: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly oracleMedianMs: number;
  readonly ratio: number;
};

/** Measures empty blocks on the real artifact. */
export async function benchEngineBlock(): Promise<EngineBlockSpeed> {
  const engine = await openEmbeddedChain({ runtimeCode: await readRuntimeArtifact() });
  for (let i = 0; i < WARM_UP; i++) await engine.seal();
  const ours: number[] = [];
  for (let i = 0; i < BLOCKS; i++) {
    const started = performance.now();
    await engine.seal();
    ours.push(performance.now() - started);
  }
  const theirs: number[] = [];
  for (let i = 0; i < ORACLE_BLOCKS; i++) {
    await engine.seal();
    theirs.push(await oracleMs(engine));
  }
  await engine.close();
  const medianMs = quantile(ours, 0.5);
  const oracleMedianMs = quantile(theirs, 0.5);
  return {
    name: "engine-block",
    blocks: BLOCKS,
    medianMs,
    p99Ms: quantile(ours, 0.99),
    oracleMedianMs,
    ratio: medianMs / oracleMedianMs,
  };
}

if (import.meta.main) console.log(JSON.stringify(await benchEngineBlock()));
