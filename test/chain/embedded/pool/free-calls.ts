/** @file Every call that costs its sender nothing, as a flood sends it; and how the runtime itself names them. */
import { generateKeyPairSync } from "node:crypto";
import { commitHash } from "../../../../chain/client/commits.ts";
import { type EmbeddedChain } from "../../../../chain/embedded/chain.ts";
import { concat, NO_BYTES, toHex } from "../../../../chain/embedded/codec/bytes.ts";
import { compact, ScaleReader, u32 } from "../../../../chain/embedded/codec/scale.ts";
import { ChainError } from "../../../../chain/errors.ts";
import { typesPackage } from "../../../../chain/polkadot.ts";
import { shielded } from "../carriers.ts";
import { falsePulse } from "./false-pulse.ts";
import { key, NETUID, requireCall, type Signer, signerFor } from "../dev-chain.ts";

/** Who sends a call: its neuron's place on the subnet, a number of its own, and its public key. */
export type Sending = { readonly uid: number; readonly turn: number; readonly hotkey: Uint8Array };

/** A call that costs nothing. */
export type FreeCall = {
  /** As the runtime names it: `SubtensorModule.set_weights`. */
  readonly name: string;
  /** Whether weights are committed on the subnet. */
  readonly committing: boolean;
  /** Arguments that make the largest work of it. */
  readonly large?: boolean;
  /** `bare`: sent without a signature. `paying`: it would pay, but is never in a block. */
  readonly kind: "free" | "bare" | "paying";
  readonly args: (sending: Sending) => readonly unknown[];
};

const SALT = [4, 5, 6, 7, 8, 9, 10, 11];
/** A round that has not come, of a beacon that published none yet. */
const ROUND = 1000;
const VERSION = 4;
const [IP, PORT] = [16_909_060, 1];
const MANY = 200;
const UIDS = 4000;

/** What weights for itself alone are committed as, so that they can be revealed. */
export function committedHash({ uid, hotkey }: Sending): `0x${string}` {
  const weights = { uids: [uid], values: [1], salt: SALT, versionKey: 0n };
  return commitHash(toHex(hotkey), NETUID, weights);
}

/** 32 bytes that differ from turn to turn. */
function unique(turn: number): Uint8Array {
  return concat(u32(turn), new Uint8Array(28));
}

function subtensor(
  name: string,
  committing: boolean,
  args: FreeCall["args"],
  large = false,
): FreeCall {
  return { name: `SubtensorModule.${name}`, committing, kind: "free", args, large };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const reveal = ({ uid }: Sending): readonly unknown[] => [[uid], [1], SALT, 0];
const axon = [NETUID, 1, IP, PORT, 4, 4, 0, 0];
/** What no beacon encrypted to its round looks like a commit until it is opened. */
const ciphertext = toHex(new Uint8Array(400));

const nobodys = generateKeyPairSync("ml-kem-768").publicKey.export({ format: "raw-public" });

/** A carrier that is whole, to a key that no author ever held. */
function unreadableCarrier(): readonly unknown[] {
  return [toHex(shielded(new Uint8Array(200), nobodys))];
}

/** All of them. What the gate lets through for nothing and is not here fails `free-calls.test.ts`. */
export const FREE_CALLS: readonly FreeCall[] = [
  {
    name: "Commitments.set_commitment",
    committing: false,
    kind: "free",
    args: () => [NETUID, { fields: [{ Raw1: "0x01" }] }],
  },
  subtensor("set_weights", false, ({ uid }) => [NETUID, [uid], [1], 0]),
  subtensor(
    "set_weights",
    false,
    ({ uid }) => [NETUID, [uid, ...range(UIDS)], [1, ...range(UIDS)], 0],
    true,
  ),
  subtensor("set_mechanism_weights", false, ({ uid }) => [NETUID, 0, [uid], [1], 0]),
  subtensor("batch_set_weights", false, ({ uid }) => [[NETUID], [[[uid, 1]]], [0]]),
  subtensor(
    "batch_set_weights",
    false,
    ({ uid }) => [
      [NETUID, ...range(MANY).map((netuid) => netuid + 2)],
      range(MANY + 1).map(() => [[uid, 1]]),
      range(MANY + 1),
    ],
    true,
  ),
  subtensor("commit_weights", true, (sending) => [NETUID, toHex(unique(sending.turn))]),
  subtensor("commit_mechanism_weights", true, ({ turn }) => [NETUID, 0, toHex(unique(turn))]),
  subtensor("batch_commit_weights", true, ({ turn }) => [[NETUID], [toHex(unique(turn))]]),
  subtensor("commit_timelocked_weights", true, () => [NETUID, ciphertext, ROUND, VERSION]),
  subtensor(
    "commit_timelocked_weights",
    true,
    () => [NETUID, toHex(new Uint8Array(5000)), ROUND, VERSION],
    true,
  ),
  subtensor("commit_crv3_mechanism_weights", true, () => [NETUID, 0, ciphertext, ROUND]),
  subtensor("commit_timelocked_mechanism_weights", true, () => [
    NETUID,
    0,
    ciphertext,
    ROUND,
    VERSION,
  ]),
  subtensor("reveal_weights", true, (sending) => [NETUID, ...reveal(sending)]),
  subtensor("reveal_mechanism_weights", true, (sending) => [NETUID, 0, ...reveal(sending)]),
  subtensor("batch_reveal_weights", true, ({ uid }) => [NETUID, [[uid]], [[1]], [SALT], [0]]),
  subtensor(
    "batch_reveal_weights",
    true,
    ({ uid }) => [
      NETUID,
      range(MANY).map(() => [uid]),
      range(MANY).map(() => [1]),
      range(MANY).map(() => SALT),
      range(MANY).map((version) => version + 1),
    ],
    true,
  ),
  subtensor("serve_axon", false, () => axon),
  subtensor("serve_axon_tls", false, () => [...axon, "0x0102"]),
  subtensor("serve_prometheus", false, () => [NETUID, 1, IP, PORT, 4]),
  {
    name: "Drand.write_pulse",
    committing: false,
    kind: "bare",
    args: ({ turn }) => falsePulse(ROUND + 1 + turn, toHex(unique(turn))),
  },
  {
    name: "MevShield.submit_encrypted",
    committing: false,
    kind: "paying",
    args: unreadableCarrier,
  },
];

/** How a table calls it. */
export function labelOf({ name, large }: FreeCall): string {
  const [, call = name] = name.split(".");
  return large === true ? `${call}, large` : call;
}

function camel(text: string): string {
  return text.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The call itself, for a chain's metadata. */
export function madeOf(signer: Signer, call: FreeCall, sending: Sending): unknown {
  const [pallet = "", name = ""] = call.name.split(".");
  const [first = "", ...rest] = pallet;
  return requireCall(
    signer,
    first.toLowerCase() + rest.join(""),
    camel(name),
  )(...call.args(sending));
}

/** Of a signed extrinsic, by the runtime; null: it can read none in these bytes. */
function fee(chain: EmbeddedChain, extrinsic: Uint8Array): bigint | null {
  const args = concat(extrinsic, u32(extrinsic.length));
  let info: Uint8Array;
  try {
    info = chain.call("TransactionPaymentApi_query_info", args);
  } catch (error) {
    if (error instanceof ChainError && error.code === "runtime-trap") return null;
    throw error;
  }
  const reader = new ScaleReader(info);
  reader.compact();
  reader.compact();
  // The kind of the call.
  reader.u8();
  return reader.take(reader.left).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

/** Names of all calls of the metadata for which the runtime asks no fee, with arguments of zeros; and of those of which zeros are none. */
export function callsWithoutFee(chain: EmbeddedChain): {
  readonly free: readonly string[];
  readonly unread: readonly string[];
} {
  const { Metadata, TypeRegistry } = typesPackage();
  const registry = new TypeRegistry();
  const bytes = new ScaleReader(chain.call("Metadata_metadata", NO_BYTES)).bytes();
  const metadata = new Metadata(registry, toHex(bytes));
  registry.setMetadata(metadata);
  const signer = signerFor(chain);
  const remark = requireCall(signer, "system", "remark")("0x");
  const signed = signer.sign(key("//Alice"), remark, 0);
  // Without its length before it, and without the call at its end: two indexes and the length of nothing.
  const head = signed.subarray(compact(signed.length - 2).length, -3);
  const [free, unread]: [string[], string[]] = [[], []];
  for (const pallet of metadata.asLatest.pallets) {
    if (pallet.calls.isNone) continue;
    const { variants } = registry.lookup.getSiType(pallet.calls.unwrap().type).def.asVariant;
    for (const { name, index, fields } of variants) {
      const zeros = fields.map(({ type }) =>
        registry.createType(registry.createLookupType(type)).toU8a(),
      );
      const place = Uint8Array.of(pallet.index.toNumber(), index.toNumber());
      const body = concat(head, place, ...zeros);
      const asked = fee(chain, concat(compact(body.length), body));
      const call = `${pallet.name.toString()}.${name.toString()}`;
      if (asked === null) unread.push(call);
      else if (asked === 0n) free.push(call);
    }
  }
  return { free, unread };
}
