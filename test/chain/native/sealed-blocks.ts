/** @file Blocks of the embedded engine with an authority's seal, so that a native node takes them as its own. */
import { buildBlock, candidates } from "../../../chain/embedded/blocks/block-builder.ts";
import { encodeHeader, type Header, headerHash } from "../../../chain/embedded/blocks/header.ts";
import { buildGenesis } from "../../../chain/embedded/blocks/genesis.ts";
import { concat, fromHex } from "../../../chain/embedded/codec/bytes.ts";
import { byteVector, u64 } from "../../../chain/embedded/codec/scale.ts";
import type { TrieRoot } from "../../../chain/embedded/state/trie.ts";
import { WasmRuntime } from "../../../chain/embedded/wasm/runtime.ts";
import { blockBytes, type SealedBlock } from "../../../chain/native/replay.ts";
import { openDevChain, key, requireCall, signerFor, subnetPatch } from "../embedded/dev-chain.ts";
import { readRuntimeArtifact } from "../../../chain/embedded/artifact.ts";

export const SLOT_MS = 1000;
const PREFIX_MODES = 3;
/** `Option::None`: no justifications. */
const UNJUSTIFIED = Uint8Array.of(0);

/** Digest item of a signature. */
const SEAL = 5;
const AURA = new TextEncoder().encode("aura");

/** A header with its author's signature of it. */
function sealed(header: Header, sign: (message: Uint8Array) => Uint8Array): Header {
  const message = fromHex(headerHash(encodeHeader(header)));
  const seal = concat(Uint8Array.of(SEAL), AURA, byteVector(sign(message)));
  return { ...header, logs: [...header.logs, seal] };
}

/** Without the SCALE length in front. */
function bare(extrinsic: Uint8Array): Uint8Array {
  const mode = (extrinsic[0] ?? 0) & PREFIX_MODES;
  return extrinsic.subarray([1, 2, 4][mode] ?? 5);
}

/** The genesis of these blocks, of which //Alice is the only authority; a subnet in it has an epoch every twelve blocks. */
export async function genesisOfSealed(): Promise<{ runtime: WasmRuntime; state: TrieRoot }> {
  const runtimeCode = await readRuntimeArtifact();
  const runtime = new WasmRuntime(runtimeCode);
  const options = { runtimeCode, preset: "development", slotDurationMs: SLOT_MS };
  return { runtime, state: buildGenesis(runtime, { ...options, patch: subnetPatch() }) };
}

/** `count` blocks of one slot each, the last in the past; every one holds a transfer, and the weights of two validators before an epoch. */
export async function sealedBlocks(count: number): Promise<readonly SealedBlock[]> {
  const chain = await openDevChain({ slotDurationMs: SLOT_MS });
  const signer = signerFor(chain);
  const [alice, bob] = [key("//Alice"), key("//Bob")];
  const transfer = requireCall(signer, "balances", "transferKeepAlive");
  const weights = requireCall(signer, "subtensorModule", "setWeights");
  const { runtime, state: genesis } = await genesisOfSealed();
  const first = BigInt(Math.floor(Date.now() / SLOT_MS) - count - 60);
  const blocks: SealedBlock[] = [];
  let [parentHash, parentState] = [chain.genesisHash, genesis];
  let voted = 0;
  for (let number = 1; number <= count; number++) {
    const extrinsics = [signer.sign(alice, transfer(bob.address, 1000 + number), number - 1)];
    if (number % 12 === 6) extrinsics.push(signer.sign(bob, weights(1, [2], [number], 0), voted++));
    const slot = { number, slot: first + BigInt(number), slotDurationMs: BigInt(SLOT_MS) };
    const plan = { ...slot, parentHash, parentState, extrinsics: candidates(extrinsics) };
    const built = buildBlock(runtime, plan);
    const header: Header = sealed(built.header, (message) => alice.sign(message));
    blocks.push({ header, extrinsics: built.extrinsics.map(bare) });
    parentHash = headerHash(encodeHeader(header));
    parentState = built.state;
  }
  chain.close();
  return blocks;
}

/** The file that `import-blocks --binary` reads: their number, then each signed block. */
export function exportFile(blocks: readonly SealedBlock[]): Uint8Array {
  const bodies = blocks.flatMap((block) => [blockBytes(block), UNJUSTIFIED]);
  return concat(u64(blocks.length), ...bodies);
}
