/** @file What a block and an extrinsic cost beside their calls: blocks with nothing in them, and with many empty remarks. */
import type { RuntimeVersion } from "@polkadot/types/interfaces";
import { keyringPackage, typesPackage } from "../polkadot.ts";
import { buildBlock, candidates } from "../embedded/blocks/block-builder.ts";
import { concat, NO_BYTES, toHex } from "../embedded/codec/bytes.ts";
import { ScaleReader, u32 } from "../embedded/codec/scale.ts";
import { Overlay } from "../embedded/state/overlay.ts";
import { type TrieRoot } from "../embedded/state/trie.ts";
import { type BenchmarkWorld } from "../embedded/wasm/host-benchmark.ts";
import { type WasmRuntime } from "../embedded/wasm/runtime.ts";
import { type Benchmark } from "./api.ts";
import { median } from "./fit.ts";
import { type Outcome } from "./outcome.ts";

const pallet = "block_base";
const ofBlock = (name: string): Benchmark => ({ pallet, instance: pallet, name, components: [] });
const BLOCK = ofBlock("block");
const EXTRINSIC = ofBlock("extrinsic");

/** What no pallet has a benchmark for. */
export const OVERHEADS: readonly Benchmark[] = [BLOCK, EXTRINSIC];

const SLOT_MS = 12_000n;
const REMARKS = 100;
const WARM_UP = 10;
const BLOCKS = 30;
const START_SLOT = 100_000_000n;
const PS_PER_NS = 1000;

const genesisHash = `0x${"00".repeat(32)}` as const;

/** Signed remarks of //Alice with nonces 0, 1, ... */
function remarks(runtime: WasmRuntime, state: TrieRoot): Uint8Array[] {
  const { Metadata, TypeRegistry, expandMetadata } = typesPackage();
  const ask = (name: string): Uint8Array => runtime.call(name, NO_BYTES, new Overlay(state));
  const registry = new TypeRegistry();
  const answer = new ScaleReader(ask("Metadata_metadata")).bytes();
  const metadata = new Metadata(registry, toHex(answer));
  registry.setMetadata(metadata);
  const remark = expandMetadata(registry, metadata).tx["system"]?.["remark"];
  if (remark === undefined) throw new Error("the runtime has no call system.remark");
  const runtimeVersion = registry.createType<RuntimeVersion>("RuntimeVersion", ask("Core_version"));
  const alice = new keyringPackage.Keyring({ type: "sr25519" }).addFromUri("//Alice");
  const block = { blockHash: genesisHash, genesisHash, runtimeVersion };
  return Array.from({ length: REMARKS }, (_, nonce) => {
    const extrinsic = registry.createType("Extrinsic", remark("0x"));
    extrinsic.sign(alice, { ...block, nonce, tip: 0 });
    return extrinsic.toU8a();
  });
}

/** Median nanoseconds of a block with these extrinsics, all of which must fit. */
function blockNs(
  runtime: WasmRuntime,
  { state, nowNs }: BenchmarkWorld,
  extrinsics: readonly Uint8Array[],
): number {
  const times: number[] = [];
  for (let run = 0; run < WARM_UP + BLOCKS; run++) {
    const started = nowNs();
    const built = buildBlock(runtime, {
      parentHash: genesisHash,
      parentState: state,
      number: 1,
      slot: START_SLOT,
      slotDurationMs: SLOT_MS,
      extrinsics: candidates(extrinsics),
    });
    const took = Number(nowNs() - started);
    const taken = [...built.outcomes.values()].filter((outcome) => outcome === "included").length;
    if (taken !== extrinsics.length)
      throw new Error(`only ${taken} of ${extrinsics.length} remarks were included`);
    if (run >= WARM_UP) times.push(took);
  }
  return median(times);
}

/**
 * Nanoseconds that the runtime declares for an extrinsic's call and for its extensions, which have weights of their own. They
 * are part of what an extrinsic adds to a block, and must not be declared twice.
 */
function declaredOf(runtime: WasmRuntime, state: TrieRoot, extrinsic: Uint8Array): number {
  const args = concat(extrinsic, u32(extrinsic.length));
  const answer = runtime.call("TransactionPaymentApi_query_info", args, new Overlay(state));
  return new ScaleReader(answer).compact() / PS_PER_NS;
}

/** An empty block, or what each signed extrinsic adds to one. */
export function measureOverhead(
  runtime: WasmRuntime,
  world: BenchmarkWorld,
  benchmark: Benchmark,
): Outcome {
  const empty = blockNs(runtime, world, []);
  const of = (ns: number): Outcome => ({ benchmark, measured: [{ point: {}, ns }] });
  if (benchmark.name === BLOCK.name) return of(empty);
  const extrinsics = remarks(runtime, world.state);
  const full = blockNs(runtime, world, extrinsics);
  const elsewhereNs = declaredOf(runtime, world.state, extrinsics[0] ?? NO_BYTES);
  return { ...of(Math.max(0, full - empty) / REMARKS), elsewhereNs };
}
