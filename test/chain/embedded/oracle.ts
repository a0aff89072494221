/** @file Test helper: smoldot's executor as a second host for the same runtime calls. */
import assert from "node:assert/strict";
import { run_task } from "@acala-network/chopsticks-executor";
import { openingHeader } from "../../../chain/embedded/blocks/block-builder.ts";
import { auraSlot } from "../../../chain/embedded/blocks/header.ts";
import { type EmbeddedChain } from "../../../chain/embedded/chain.ts";
import {
  type Hex,
  NO_BYTES,
  hexOfKey,
  keyOfHex,
  toHex,
} from "../../../chain/embedded/codec/bytes.ts";
import { CODE_KEY } from "../../../chain/embedded/state/well-known-keys.ts";
import {
  type TrieRoot,
  trieGet,
  trieNext,
  valueBytes,
} from "../../../chain/embedded/state/trie.ts";

export type OracleCall = readonly [name: string, args: Uint8Array];
export type OracleResult = {
  /** Of the last call. */
  readonly result: Hex;
  /** Of all calls; null = removed. */
  readonly changes: ReadonlyMap<string, string | null>;
};

type Response = {
  Call?: { result: Hex; storageDiff: [string, string | null | undefined][] };
  Error?: unknown;
};

function stored(state: TrieRoot, key: string): Hex | undefined {
  const value = trieGet(state, key);
  return value === null ? undefined : toHex(valueBytes(value));
}

/** Runs the calls one after the other on `state`. @throws Error when the runtime traps */
export async function askOracle(
  state: TrieRoot,
  calls: readonly OracleCall[],
): Promise<OracleResult> {
  const task = {
    id: 0,
    wasm: stored(state, CODE_KEY) ?? "0x",
    calls: calls.map(([name, args]): [string, [string]] => [name, [toHex(args)]]),
    mockSignatureHost: 0,
    storageProofSize: 0,
    allowUnresolvedImports: true,
    runtimeLogLevel: 0,
  };
  const response: Response = await run_task(task, {
    getStorage: async (key: Hex) => stored(state, keyOfHex(key)),
    getNextKey: async (prefix: Hex, key: Hex) => {
      const next = trieNext(state, keyOfHex(key));
      return next !== null && next.startsWith(keyOfHex(prefix)) ? hexOfKey(next) : undefined;
    },
    offchainGetStorage: async () => undefined,
    offchainTimestamp: async () => 0,
    offchainRandomSeed: async () => "0x00",
    offchainSubmitTransaction: async () => false,
  });
  if (response.Call === undefined) throw new Error(JSON.stringify(response.Error));
  const changes = response.Call.storageDiff.map(([key, value]) => [key, value ?? null] as const);
  return { result: response.Call.result, changes: new Map(changes) };
}

/** Replays the head block on the oracle; returns how many storage entries were compared. */
export async function compareHead(chain: EmbeddedChain): Promise<number> {
  const { number, hash } = chain.head();
  const header = chain.header();
  assert.ok(header !== null);
  const slot = auraSlot(header) ?? 0n;
  const calls: OracleCall[] = [
    ["Core_initialize_block", openingHeader({ parentHash: header.parentHash, number, slot })],
    ...(chain.block(hash)?.extrinsics ?? []).map((bytes): OracleCall => [
      "BlockBuilder_apply_extrinsic",
      bytes,
    ]),
    ["BlockBuilder_finalize_block", NO_BYTES],
  ];
  const oracle = await askOracle(chain.stateAt(header.parentHash), calls);
  const ours = new Map(
    (chain.changesBetween(number, number)[0] ?? []).map(([name, value]) => [
      hexOfKey(name) as string,
      value === null ? null : toHex(value),
    ]),
  );
  const names = new Set([...ours.keys(), ...oracle.changes.keys()]);
  for (const name of names) {
    const values = [ours.get(name) ?? null, oracle.changes.get(name) ?? null];
    assert.equal(values[0], values[1], `block ${number}, key ${name}`);
  }
  return names.size;
}
