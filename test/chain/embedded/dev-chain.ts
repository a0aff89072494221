/** @file Test helper: a chain on the real artifact with one emitting subnet, and signed extrinsics for it. */
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { type RuntimeVersion } from "@polkadot/types/interfaces";
import { keyringPackage, typesPackage } from "../../../chain/polkadot.ts";
import { readRuntimeArtifact } from "../../../chain/embedded/artifact.ts";
import { NO_BYTES, concat, toHex } from "../../../chain/embedded/codec/bytes.ts";
import {
  type EmbeddedChain,
  type EmbeddedChainOptions,
  openEmbeddedChain,
} from "../../../chain/embedded/chain.ts";
import { type JsonObject } from "../../../chain/embedded/codec/exact-json.ts";
import { cryptoReady, twox128 } from "../../../chain/embedded/codec/hashing.ts";
import { ScaleReader } from "../../../chain/embedded/codec/scale.ts";

export type Pair = ReturnType<InstanceType<typeof keyringPackage.Keyring>["addFromUri"]>;
type KeyType = "sr25519" | "ed25519" | "ecdsa";

/** A development key, for example "//Alice". Needs {@link cryptoReady}. */
export function key(uri: string, type: KeyType = "sr25519"): Pair {
  return new keyringPackage.Keyring({ type }).addFromUri(uri);
}

/** Key of a plain storage item: twox128(pallet) then twox128(item). Needs {@link cryptoReady}. */
export function storagePrefix(pallet: string, item: string): Uint8Array {
  const encoder = new TextEncoder();
  return concat(twox128(encoder.encode(pallet)), twox128(encoder.encode(item)));
}

/** Where databases of tests lie: in memory where the system has such a folder, since every block of one is synced. */
export const SWIFT_FOLDER = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

export const NETUID = 1;
const START_MS = 1_750_000_000_000;

const RICH = ["//Alice", "//Bob", "//Charlie", "//Dave", "//Eve", "//Ferdie"];
const WEALTH_RAO = 1e15;

/** Genesis balances of the known accounts and of `stakers`, whose stake is taken out of theirs. */
export function funded(stakers: readonly string[]): JsonObject {
  const balances = [...RICH, ...stakers].map((uri) => [key(uri).address, WEALTH_RAO]);
  return { balances: { balances } };
}

/** One subnet: two validators with stake, one miner, tempo 12, owner apart. */
export function subnetPatch(): JsonObject {
  const neuron = (hotkey: string, coldkey: string, stake: number): JsonObject => ({
    hotkey: key(hotkey).address,
    coldkey: key(coldkey).address,
    stake,
    validatorPermit: stake > 0,
  });
  return {
    ...funded(["//Bob//cold", "//Charlie//cold"]),
    subtensorModule: {
      allowLoopbackAxon: true,
      networks: [
        {
          netuid: NETUID,
          ownerColdkey: key("//Alice").address,
          ownerHotkey: key("//Alice//hotkey").address,
          tempo: 12,
          servingRateLimit: 0,
          neurons: [
            neuron("//Bob", "//Bob//cold", 3_000_000_000_000),
            neuron("//Charlie", "//Charlie//cold", 1_000_000_000_000),
            neuron("//Dave", "//Dave//cold", 0),
          ],
          additional: "",
        },
      ],
    },
  };
}

/** Opens a chain with a fixed start time, so that two runs give the same hashes. */
export async function openDevChain(
  options: Partial<EmbeddedChainOptions> = {},
): Promise<EmbeddedChain> {
  await cryptoReady();
  return openEmbeddedChain({
    runtimeCode: await readRuntimeArtifact(),
    genesisPatch: subnetPatch(),
    startTimeMs: START_MS,
    ...options,
  });
}

export type Tx = (...args: readonly unknown[]) => unknown;
export type Signer = {
  /** `tx("balances", "transferKeepAlive")`; null when the runtime lacks it. */
  readonly call: (pallet: string, name: string) => Tx | null;
  readonly sign: (pair: Pair, call: unknown, nonce: number, tip?: bigint) => Uint8Array;
  /** Without a signature. */
  readonly bare: (call: unknown) => Uint8Array;
};

/** Makes signed, immortal extrinsics from the chain's metadata. */
export function signerFor(chain: EmbeddedChain): Signer {
  const { Metadata, TypeRegistry, expandMetadata } = typesPackage();
  const registry = new TypeRegistry();
  const bytes = new ScaleReader(chain.call("Metadata_metadata", NO_BYTES)).bytes();
  const metadata = new Metadata(registry, toHex(bytes));
  registry.setMetadata(metadata);
  const { tx } = expandMetadata(registry, metadata);
  const runtimeVersion = registry.createType<RuntimeVersion>(
    "RuntimeVersion",
    chain.call("Core_version", NO_BYTES),
  );
  return {
    call: (pallet, name) => {
      const call: unknown = tx[pallet]?.[name];
      return typeof call === "function" ? (...args) => Reflect.apply(call, undefined, args) : null;
    },
    sign: (pair, call, nonce, tip = 0n) => {
      const extrinsic = registry.createType("Extrinsic", call);
      const hash = chain.genesisHash;
      const options = {
        blockHash: hash,
        genesisHash: hash,
        nonce,
        runtimeVersion,
        tip,
      };
      extrinsic.sign(pair, options);
      return extrinsic.toU8a();
    },
    bare: (call) => registry.createType("Extrinsic", call, { version: 4 }).toU8a(),
  };
}

/** A call that must exist. */
export function requireCall(signer: Signer, pallet: string, name: string): Tx {
  const call = signer.call(pallet, name);
  if (call === null) throw new Error(`the runtime has no call ${pallet}.${name}`);
  return call;
}

/** A signed transfer of `amount` rao to Bob. */
export function transfer(signer: Signer, from: Pair, nonce: number, amount = 1000): Uint8Array {
  const call = requireCall(signer, "balances", "transferKeepAlive");
  return signer.sign(from, call(key("//Bob").address, amount), nonce);
}
