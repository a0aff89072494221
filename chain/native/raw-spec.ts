/**
 * @file A raw chain spec of the SDK: a genesis state, key by key, with the names that a node shows. What a native node begins
 * with is then byte for byte what the embedded chain begins with.
 */
import { ChainError } from "../errors.ts";
import { type Hex, hexOfKey, NO_BYTES, toHex } from "../embedded/codec/bytes.ts";
import { type JsonObject } from "../embedded/codec/exact-json.ts";
import { cryptoReady } from "../embedded/codec/hashing.ts";
import { buildGenesis } from "../embedded/blocks/genesis.ts";
import { EMPTY_ROOT, encodeHeader, headerHash, ZERO_HASH } from "../embedded/blocks/header.ts";
import { Overlay } from "../embedded/state/overlay.ts";
import { layoutOf, trieRootHash } from "../embedded/state/trie-root.ts";
import { trieGet, trieKeys, type TrieRoot, valueBytes } from "../embedded/state/trie.ts";
import { decodeRuntimeVersion } from "../embedded/wasm/runtime-version.ts";
import { WasmRuntime } from "../embedded/wasm/runtime.ts";

/** What a spec is made of. */
export type SpecOptions = {
  /** `:code`, compressed or plain. */
  readonly runtimeCode: Uint8Array;
  /** Genesis preset of the runtime. */
  readonly preset: string;
  /** Merged over the preset. Integers beyond 2^53 as bigint. */
  readonly patch: JsonObject;
  /** Milliseconds of a block. */
  readonly slotDurationMs: number;
  /** For people. */
  readonly name: string;
  /** Names the folder of the database, and the network's protocols with the genesis hash. */
  readonly id: string;
  /** Where a node that knows nobody begins: `/ip4/203.0.113.7/tcp/30333/p2p/12D3KooW...`. */
  readonly bootnodes: readonly string[];
};

/** A spec as its file holds it. */
export type RawSpec = {
  readonly text: string;
  readonly genesisHash: Hex;
  readonly stateRoot: Hex;
  /** Slots and votes: who the genesis names, as it lies in its storage. */
  readonly keys: number;
};

/** Every entry of a state, in order of keys. */
function entriesOf(state: TrieRoot): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const key of trieKeys(state, "")) {
    const value = trieGet(state, key);
    if (value !== null) entries[hexOfKey(key)] = toHex(valueBytes(value));
  }
  return entries;
}

/** Hash of the block 0 of a state, as archive and node compute it. */
function genesisOf(stateRoot: Hex): Hex {
  const header = {
    parentHash: ZERO_HASH,
    number: 0,
    stateRoot,
    extrinsicsRoot: EMPTY_ROOT,
    logs: [],
  };
  return headerHash(encodeHeader(header));
}

/** The genesis state of a spec. @throws ChainError genesis-invalid */
export async function genesisState(
  options: Pick<SpecOptions, "runtimeCode" | "preset" | "patch" | "slotDurationMs">,
): Promise<{ readonly runtime: WasmRuntime; readonly state: TrieRoot }> {
  await cryptoReady();
  const runtime = new WasmRuntime(options.runtimeCode);
  return { runtime, state: buildGenesis(runtime, options) };
}

/**
 * Builds the genesis and writes its spec.
 * @throws ChainError genesis-invalid: the runtime refuses it, or it names nobody who makes and finalises blocks
 */
export async function rawSpec(options: SpecOptions): Promise<RawSpec> {
  const { runtime, state } = await genesisState(options);
  const call = (name: string): Uint8Array => runtime.call(name, NO_BYTES, new Overlay(state));
  if (call("AuraApi_authorities")[0] === 0 || call("GrandpaApi_grandpa_authorities")[0] === 0) {
    const reason = "it names no authorities: nobody would make blocks, or finalise them";
    throw new ChainError({ code: "genesis-invalid", reason });
  }
  const version = decodeRuntimeVersion(call("Core_version"));
  const stateRoot = toHex(trieRootHash(state, layoutOf(version.systemVersion)));
  const top = entriesOf(state);
  const spec = {
    name: options.name,
    id: options.id,
    chainType: options.preset === "live" ? "Live" : "Local",
    bootNodes: options.bootnodes,
    telemetryEndpoints: null,
    protocolId: options.id,
    properties: { ss58Format: 42, tokenDecimals: 9, tokenSymbol: "TAO" },
    codeSubstitutes: {},
    genesis: { raw: { top, childrenDefault: {} } },
  };
  return {
    text: `${JSON.stringify(spec, null, 1)}\n`,
    genesisHash: genesisOf(stateRoot),
    stateRoot,
    keys: Object.keys(top).length,
  };
}
