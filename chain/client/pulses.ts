/** @file Pulses of the beacon that a chain follows: they open what was encrypted to their rounds. */
import { createHash } from "node:crypto";
import { bytesOf, type Hex, hexOf } from "../wallet/hex.ts";
import { type Signer } from "../wallet/signer.ts";
import { hexSchema } from "./answers.ts";
import { readHead } from "./heads.ts";
import { blockOf, type ClientParts, type Submitted, submitted } from "./parts.ts";
import { poolError } from "./pool-refusal.ts";
import { RpcRefusal } from "./rpc.ts";
import { type ScaleReader } from "./scale.ts";
import { type StorageItem } from "./storage-item.ts";

/** A pulse as the beacon publishes it; its randomness is the signature's hash. */
export type Pulse = { readonly round: number; readonly signature: Hex };

/** Reads and the one call about pulses. */
export type Pulses = {
  /**
   * Hands a pulse to the pool. It is unsigned and free: a pulse proves itself.
   * @throws ChainError extrinsic-invalid (InvalidRevealRound: the chain follows no beacon; not the beacon's; there already)
   */
  writePulse(pulse: Pulse): Promise<Hex>;
  /**
   * The same with a signature, for when false ones leave no time for those without. The fee comes back for a pulse that is
   * newer than all; a tip, which does not, takes it past what fills the pool.
   * @throws ChainError extrinsic-invalid, extrinsic-failed (InvalidRoundNumber: somebody was faster)
   */
  writeSignedPulse(signer: Signer, pulse: Pulse): Promise<Submitted>;
  /** Whether the pulse of a round is on the chain; the oldest are dropped in time. */
  hasPulse(round: number, at?: Hex): Promise<boolean>;
  /** Highest round that came, 0 before the first. */
  newestRound(at?: Hex): Promise<number>;
};

function drandItem<T>(
  name: string,
  shape: string,
  decode: (reader: ScaleReader) => T,
): StorageItem<T> {
  return { pallet: "Drand", name, shape, decode };
}

const stored = drandItem(
  "Pulses",
  "{round:u64,randomness:Vec<u8>,signature:Vec<u8>}",
  () => true as const,
);
const lastStoredRound = drandItem("LastStoredRound", "u64", (reader) => Number(reader.u64()));

/** The sender does not matter. */
const NOBODY = { Sr25519: `0x${"00".repeat(32)}` };

/** What a pulse past a full pool costs: no more than a fee. */
const TIP_RAO = 1_000_000;

/** Arguments of `write_pulse`. */
async function argumentsOf({ state }: ClientParts, pulse: Pulse): Promise<readonly unknown[]> {
  const randomness = hexOf(createHash("sha256").update(bytesOf(pulse.signature)).digest());
  const { number } = await readHead(state);
  return [{ blockNumber: number, pulses: [{ ...pulse, randomness }], public: NOBODY }, null];
}

/** `write_pulse` as the bytes of an extrinsic without a signature. @throws ChainError runtime-incompatible */
async function bareExtrinsic(parts: ClientParts, pulse: Pulse): Promise<Hex> {
  const { runtime } = parts.state;
  const method = runtime.call("Drand", "write_pulse", await argumentsOf(parts, pulse));
  return hexOf(runtime.registry.createType("Extrinsic", { method }, { version: 4 }).toU8a());
}

/** The group over a connected chain. */
export function pulsesOf(parts: ClientParts): Pulses {
  const { state } = parts;
  return {
    writePulse: async (pulse) => {
      const bytes = await bareExtrinsic(parts, pulse);
      try {
        return hexSchema.parse(await state.link.read("author_submitExtrinsic", [bytes]));
      } catch (error) {
        throw error instanceof RpcRefusal ? poolError(error, "write_pulse") : error;
      }
    },
    writeSignedPulse: async (signer, pulse) => {
      const args = await argumentsOf(parts, pulse);
      return submitted(parts, signer, { pallet: "Drand", name: "write_pulse", args, tip: TIP_RAO });
    },
    hasPulse: async (round, at) => {
      const key = Buffer.alloc(8);
      key.writeBigUInt64LE(BigInt(round));
      const batch = state.batch();
      const found = batch.ask(stored, hexOf(key));
      await batch.read(await blockOf(state, at));
      return found() !== null;
    },
    newestRound: async (at) => {
      const batch = state.batch();
      const newest = batch.askValue(lastStoredRound);
      await batch.read(await blockOf(state, at));
      return newest();
    },
  };
}
