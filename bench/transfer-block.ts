/**
 * @file A block of 100 transfers by as many accounts on the embedded chain, as a ratio to the same block on the Chopsticks executor in
 * the same run; `poolMs` is what the pool took to look at them before, signatures included, `wholeMs` and `wholeRatio` are both together (the
 * executor checks signatures in the block). Prints one JSON line.
 */
import { performance } from "node:perf_hooks";
import type { RuntimeVersion } from "@polkadot/types/interfaces";
import { readRuntimeArtifact } from "../chain/embedded/artifact.ts";
import { type EmbeddedChain, openEmbeddedChain } from "../chain/embedded/chain.ts";
import { Runtime } from "../chain/client/runtime.ts";
import { NO_BYTES, toHex } from "../chain/embedded/codec/bytes.ts";
import { cryptoReady } from "../chain/embedded/codec/hashing.ts";
import { ScaleReader } from "../chain/embedded/codec/scale.ts";
import { keyringPackage } from "../chain/polkadot.ts";
import { oracleMs, quantile } from "./support/oracle-block.ts";

const TRANSFERS = 100;
const WARM_UP = 5;
const BLOCKS = 31;
/** One takes half a second. */
const ORACLE_BLOCKS = 5;
const WEALTH_RAO = 1_000_000_000_000;
const AMOUNT_RAO = 1_000_000;

/** Its version is read from the chain itself. */
const NO_VERSION = { specVersion: 0, transactionVersion: 0 };

type Pair = ReturnType<InstanceType<typeof keyringPackage.Keyring>["addFromUri"]>;
/** One line of the report. Times in ms; `ratio` = ours / theirs. */
export type TransferBlockSpeed = {
  readonly name: "transfer-block";
  readonly transfers: number;
  readonly blocks: number;
  readonly medianMs: number;
  readonly leastMs: number;
  readonly mostMs: number;
  readonly poolMs: number;
  readonly wholeMs: number;
  readonly oracleMedianMs: number;
  readonly ratio: number;
  readonly wholeRatio: number;
};

/** A way to sign transfers to `payee`. */
function transferBy(
  chain: EmbeddedChain,
  payee: string,
): (payer: Pair, nonce: number) => Uint8Array {
  const metadata = new ScaleReader(chain.call("Metadata_metadata", NO_BYTES)).bytes();
  const runtime = new Runtime(toHex(metadata), NO_VERSION);
  const { registry } = runtime;
  const runtimeVersion = registry.createTypeUnsafe<RuntimeVersion>("RuntimeVersion", [
    chain.call("Core_version", NO_BYTES),
  ]);
  const { genesisHash } = chain;
  return (payer, nonce) => {
    const method = runtime.call("Balances", "transfer_keep_alive", [payee, AMOUNT_RAO]);
    const extrinsic = registry.createType("Extrinsic", { method }, { version: 4 });
    const { signedExtensions } = registry;
    const mortal = { blockHash: genesisHash, genesisHash, nonce, runtimeVersion, signedExtensions };
    extrinsic.sign(payer, { ...mortal, tip: 0 });
    return extrinsic.toU8a();
  };
}

/** Measures full blocks on the real artifact. */
export async function benchTransferBlock(): Promise<TransferBlockSpeed> {
  await cryptoReady();
  const keyring = new keyringPackage.Keyring({ type: "sr25519" });
  const payers = Array.from({ length: TRANSFERS }, (_, index) =>
    keyring.addFromUri(`//payer//${index}`),
  );
  const balances = payers.map(({ address }): [string, number] => [address, WEALTH_RAO]);
  const engine = await openEmbeddedChain({
    runtimeCode: await readRuntimeArtifact(),
    genesisPatch: { balances: { balances } },
  });
  const sign = transferBy(engine, payers[0]?.address ?? "");
  let nonce = 0;
  const inPool: number[] = [];
  const block = async (): Promise<number> => {
    const extrinsics = payers.map((payer) => sign(payer, nonce));
    nonce++;
    const submitted = performance.now();
    for (const extrinsic of extrinsics) await engine.submit(extrinsic);
    const started = performance.now();
    inPool.push(started - submitted);
    await engine.seal();
    const tookMs = performance.now() - started;
    if (engine.pool.readyCount > 0) throw new Error("not all transfers are in the block");
    return tookMs;
  };
  for (let i = 0; i < WARM_UP; i++) await block();
  inPool.length = 0;
  const ours: number[] = [];
  for (let i = 0; i < BLOCKS; i++) ours.push(await block());
  const poolMs = quantile(inPool, 0.5);
  const theirs: number[] = [];
  for (let i = 0; i < ORACLE_BLOCKS; i++) {
    await block();
    theirs.push(await oracleMs(engine));
  }
  await engine.close();
  const medianMs = quantile(ours, 0.5);
  const oracleMedianMs = quantile(theirs, 0.5);
  const wholeMs = quantile(
    ours.map((ms, index) => ms + (inPool[index] ?? 0)),
    0.5,
  );
  return {
    name: "transfer-block",
    transfers: TRANSFERS,
    blocks: BLOCKS,
    medianMs,
    leastMs: Math.min(...ours),
    mostMs: Math.max(...ours),
    poolMs,
    wholeMs,
    oracleMedianMs,
    ratio: medianMs / oracleMedianMs,
    wholeRatio: wholeMs / oracleMedianMs,
  };
}

if (import.meta.main) console.log(JSON.stringify(await benchTransferBlock()));
