/**
 * @file A block with the epoch of a full subnet (256 uids, 64 validators, 192 weights each) on the embedded chain, as a
 * ratio to the same block on the Chopsticks executor in the same run. Prints one JSON line.
 */
import { performance } from "node:perf_hooks";
import { readRuntimeArtifact } from "../chain/embedded/artifact.ts";
import { type EmbeddedChain, openEmbeddedChain } from "../chain/embedded/chain.ts";
import { concat, keyOf } from "../chain/embedded/codec/bytes.ts";
import type { JsonObject } from "../chain/embedded/codec/exact-json.ts";
import { cryptoReady, twox128 } from "../chain/embedded/codec/hashing.ts";
import { compact, u64 } from "../chain/embedded/codec/scale.ts";
import { keyringPackage } from "../chain/polkadot.ts";
import { uint32Stream } from "../kernels/random.ts";
import { oracleMs, quantile } from "./support/oracle-block.ts";

const UIDS = 256;
const VALIDATORS = 64;
const WEIGHTS = 192;
const NETUID = 1;
/** Blocks between epochs: few, since all others are empty. */
const TEMPO = 4;
const WARM_UP = 5;
const EPOCHS = 21;
/** One takes a quarter of a second. */
const ORACLE_EPOCHS = 5;
const STAKE_RAO = 1_000_000_000_000;
/** Weights of the genesis' neurons never grow old. */
const LAST_UPDATE = 1_000_000;
const SEED = 256;

const address = (index: number): string => {
  const bytes = new Uint8Array(32).fill(7);
  new DataView(bytes.buffer).setUint32(0, index, true);
  return keyringPackage.encodeAddress(bytes);
};

const hotkeyOf = (uid: number): string => address(uid);
const coldkeyOf = (uid: number): string => address(1000 + uid);

function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 255, value >> 8);
}

function storageKey(item: string, ...identity: readonly number[]): string {
  const [pallet, name] = ["SubtensorModule", item].map((text) =>
    twox128(new TextEncoder().encode(text)),
  );
  return keyOf(concat(pallet ?? u16(0), name ?? u16(0), ...identity.map(u16)));
}

/** A subnet that is full: its validators hold stakes and permits. */
function genesis(): JsonObject {
  const uids = Array.from({ length: UIDS }, (_, uid) => uid);
  const stakeOf = (uid: number): number => (uid < VALIDATORS ? STAKE_RAO * (1 + uid) : 0);
  return {
    balances: {
      balances: [
        [address(2000), 2 * STAKE_RAO],
        ...uids.map((uid) => [coldkeyOf(uid), stakeOf(uid) + STAKE_RAO]),
      ],
    },
    subtensorModule: {
      networks: [
        {
          netuid: NETUID,
          tempo: TEMPO,
          ownerColdkey: address(2000),
          ownerHotkey: hotkeyOf(0),
          additional: "",
          neurons: uids.map((uid) => ({
            hotkey: hotkeyOf(uid),
            coldkey: coldkeyOf(uid),
            stake: stakeOf(uid),
            validatorPermit: uid < VALIDATORS,
          })),
        },
      ],
    },
  };
}

/** Every validator weighs all miners, each its own way. */
function weigh(engine: EmbeddedChain): void {
  const draw = uint32Stream(SEED);
  const changes: [string, Uint8Array][] = [];
  for (let uid = 0; uid < VALIDATORS; uid++) {
    const row = Array.from({ length: WEIGHTS }, (_, index) =>
      concat(u16(VALIDATORS + index), u16(1 + (draw() & 0xff_fe))),
    );
    changes.push([storageKey("Weights", NETUID, uid), concat(compact(WEIGHTS), ...row)]);
  }
  const updates = Array.from({ length: UIDS }, () => u64(LAST_UPDATE));
  changes.push([storageKey("LastUpdate", NETUID), concat(compact(UIDS), ...updates)]);
  engine.setStorage(changes);
}

/** Milliseconds of a block: by the clock, and of the processor, which other processes may hold up. */
type BlockTime = { readonly ms: number; readonly cpuMs: number };

/** The next epoch's block. */
async function epochBlock(engine: EmbeddedChain): Promise<BlockTime> {
  while ((engine.head().number + 1) % TEMPO !== 0) await engine.seal();
  const [started, used] = [performance.now(), process.cpuUsage()];
  await engine.seal();
  const { user, system } = process.cpuUsage(used);
  return { ms: performance.now() - started, cpuMs: (user + system) / 1000 };
}

/** One line of the report. Times in ms; `ratio` = ours / theirs. */
export type EpochBlockSpeed = {
  readonly name: "epoch-block";
  readonly uids: number;
  readonly validators: number;
  readonly epochs: number;
  readonly medianMs: number;
  readonly leastMs: number;
  readonly mostMs: number;
  readonly medianCpuMs: number;
  readonly oracleMedianMs: number;
  readonly ratio: number;
};

/** Measures epochs on the real artifact. */
export async function benchEpochBlock(): Promise<EpochBlockSpeed> {
  await cryptoReady();
  const engine = await openEmbeddedChain({
    runtimeCode: await readRuntimeArtifact(),
    genesisPatch: genesis(),
  });
  weigh(engine);
  for (let i = 0; i < WARM_UP; i++) await epochBlock(engine);
  const blocks: BlockTime[] = [];
  for (let i = 0; i < EPOCHS; i++) blocks.push(await epochBlock(engine));
  const theirs: number[] = [];
  for (let i = 0; i < ORACLE_EPOCHS; i++) {
    await epochBlock(engine);
    theirs.push(await oracleMs(engine));
  }
  await engine.close();
  const ours = blocks.map((block) => block.ms);
  const medianMs = quantile(ours, 0.5);
  const oracleMedianMs = quantile(theirs, 0.5);
  return {
    name: "epoch-block",
    uids: UIDS,
    validators: VALIDATORS,
    epochs: EPOCHS,
    medianMs,
    leastMs: Math.min(...ours),
    mostMs: Math.max(...ours),
    medianCpuMs: quantile(
      blocks.map((block) => block.cpuMs),
      0.5,
    ),
    oracleMedianMs,
    ratio: medianMs / oracleMedianMs,
  };
}

if (import.meta.main) console.log(JSON.stringify(await benchEpochBlock()));
