/**
 * @file The weights of a window as one extrinsic: `utility.force_batch` of `sudo.sudo_as(validator, set_mechanism_weights)`, signed by
 * the development chain's sudo key. A signature for each validator would cost more than all else of a window together.
 */
import { setWeights } from "../../chain/client/calls.ts";
import type { Runtime } from "../../chain/client/runtime.ts";
import type { EmbeddedChain } from "../../chain/embedded/chain.ts";
import { concat, fromHex } from "../../chain/embedded/codec/bytes.ts";
import { blake2b256 } from "../../chain/embedded/codec/hashing.ts";
import { byteVector, compact, u32, u64 } from "../../chain/embedded/codec/scale.ts";
import type { Signer } from "../../chain/wallet/signer.ts";
import type { Weights } from "./field.ts";

/** Bytes of a call's indexes: pallet and call. */
const INDEX_BYTES = 2;
/** MultiAddress::Id, and MultiSignature::Sr25519. */
const [ACCOUNT, SR25519] = [0, 1];
/** Version 4, signed. */
const SIGNED = 0x84;
/** A longer payload is signed by its hash. */
const PLAIN_BYTES = 256;
/** Immortal era; tip 0 and no metadata hash. */
const [IMMORTAL, NONE] = [Uint8Array.of(0), Uint8Array.of(0, 0)];

/** Little-endian u16 behind their count. */
function u16s(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(2 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [at, value] of values.entries()) view.setUint16(2 * at, value, true);
  return concat(compact(values.length), bytes);
}

const indexOf = (call: { toU8a(): Uint8Array }): Uint8Array => call.toU8a().slice(0, INDEX_BYTES);

/** Makes such extrinsics for one chain. */
export class WeightBatches {
  readonly #chain: EmbeddedChain;
  readonly #sudo: Signer;
  readonly #netuid: number;
  readonly #index: {
    readonly set: Uint8Array;
    readonly as: Uint8Array;
    readonly batch: Uint8Array;
  };
  #nonce = 0;

  /** @throws ChainError runtime-incompatible when the runtime lacks one of the calls */
  constructor(
    chain: EmbeddedChain,
    runtime: Runtime,
    who: { readonly sudo: Signer; readonly netuid: number },
  ) {
    this.#chain = chain;
    this.#sudo = who.sudo;
    this.#netuid = who.netuid;
    const { pallet, name, args } = setWeights(who.netuid, { uids: [], values: [], versionKey: 0n });
    const set = runtime.call(pallet, name, args);
    this.#index = {
      set: indexOf(set),
      as: indexOf(runtime.call("Sudo", "sudo_as", [who.sudo.ss58, set])),
      batch: indexOf(runtime.call("Utility", "force_batch", [[]])),
    };
  }

  /** `set_mechanism_weights` with a validator (its public key) as its origin. */
  #call([validator, { uids, values }]: readonly [Uint8Array, Weights]): Uint8Array {
    const { set, as } = this.#index;
    const netuid = Uint8Array.of(this.#netuid & 255, this.#netuid >> 8);
    const mechanism = Uint8Array.of(0);
    return concat(
      as,
      Uint8Array.of(ACCOUNT),
      validator,
      concat(set, netuid, mechanism, u16s(uids), u16s(values), u64(0)),
    );
  }

  /** The next extrinsic, with its length prefix. */
  next(rows: readonly (readonly [validator: Uint8Array, weights: Weights])[]): Uint8Array {
    const { genesisHash, runtimeVersion } = this.#chain;
    const call = concat(
      this.#index.batch,
      compact(rows.length),
      ...rows.map((row) => this.#call(row)),
    );
    const extra = concat(IMMORTAL, compact(this.#nonce++), NONE);
    const genesis = fromHex(genesisHash);
    const { specVersion, transactionVersion } = runtimeVersion;
    const beside = concat(
      u32(specVersion),
      u32(transactionVersion),
      genesis,
      genesis,
      Uint8Array.of(0),
    );
    const payload = concat(call, extra, beside);
    const signature = this.#sudo.sign(payload.length > PLAIN_BYTES ? blake2b256(payload) : payload);
    const sender = concat(Uint8Array.of(ACCOUNT), fromHex(this.#sudo.publicKey));
    return byteVector(
      concat(Uint8Array.of(SIGNED), sender, Uint8Array.of(SR25519), signature, extra, call),
    );
  }
}
