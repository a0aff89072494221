/** @file Commitments: what each hotkey last committed on a subnet, read at a block, and how to write one. */
import { type Hex, bytesOf, hexOf } from "../wallet/hex.ts";
import { type ScaleReader } from "./scale.ts";
import { type ChainState } from "./state.ts";
import { type StorageItem } from "./storage-item.ts";

/** One field of a commitment. `other` keeps the name of what Assay does not use. */
export type CommitmentField =
  | { readonly kind: "raw"; readonly bytes: Uint8Array }
  | { readonly kind: "blakeTwo256"; readonly digest: Hex }
  | { readonly kind: "other"; readonly name: string };

/** The slot of a hotkey: one per subnet, overwritten by every commitment. */
export type Commitment = {
  /** Block in which it was made. */
  readonly block: number;
  readonly fields: readonly CommitmentField[];
};

/** Variants of pallet-commitments' `Data`, by their index in SCALE. */
const RAW_FIRST = 1;
const RAW_LAST = 129;
const BLAKE_TWO_256 = 130;
const HASH_NAMES: ReadonlyMap<number, string> = new Map([
  [131, "Sha256"],
  [132, "Keccak256"],
  [133, "ShaThree256"],
]);
const TIMELOCK_ENCRYPTED = 134;
const RESET_BONDS_FLAG = 135;
const BIG_RAW = 136;
/** Largest field that Raw can hold; above it BigRaw. */
const MAX_RAW_BYTES = 128;

function fieldOf(reader: ScaleReader): CommitmentField {
  const index = reader.u8();
  if (index === 0) return { kind: "other", name: "None" };
  if (index >= RAW_FIRST && index <= RAW_LAST)
    return { kind: "raw", bytes: reader.bytes(index - RAW_FIRST) };
  if (index === BLAKE_TWO_256) return { kind: "blakeTwo256", digest: hexOf(reader.bytes(32)) };
  const hash = HASH_NAMES.get(index);
  if (hash !== undefined) {
    reader.bytes(32);
    return { kind: "other", name: hash };
  }
  if (index === TIMELOCK_ENCRYPTED) {
    reader.blob();
    reader.u64();
    return { kind: "other", name: "TimelockEncrypted" };
  }
  if (index === RESET_BONDS_FLAG) return { kind: "other", name: "ResetBondsFlag" };
  if (index === BIG_RAW) return { kind: "raw", bytes: reader.blob() };
  throw new RangeError(`commitment field of unknown kind ${index}`);
}

const commitmentOf: StorageItem<Commitment> = {
  pallet: "Commitments",
  name: "CommitmentOf",
  shape: "{deposit:u64,block:u32,info:Vec<enum Data>}",
  decode: (reader) => {
    reader.u64();
    return { block: reader.u32(), fields: reader.vec(fieldOf) };
  },
};

/** Items of this file, checked when a node connects. */
export const COMMITMENT_ITEMS: readonly StorageItem<unknown>[] = [commitmentOf];

/**
 * Commitments of hotkeys in the state of a block; hotkeys without one are absent from the map.
 * @throws ChainError chain-unreachable, rpc-failed, runtime-incompatible
 */
export async function readCommitments(
  state: ChainState,
  question: { readonly netuid: number; readonly hotkeys: readonly Hex[]; readonly at: Hex },
): Promise<ReadonlyMap<Hex, Commitment>> {
  const batch = state.batch();
  const answers = question.hotkeys.map(
    (hotkey) => [hotkey, batch.ask(commitmentOf, question.netuid, hotkey)] as const,
  );
  await batch.read(question.at);
  const found = new Map<Hex, Commitment>();
  for (const [hotkey, answer] of answers) {
    const commitment = answer();
    if (commitment !== null) found.set(hotkey, commitment);
  }
  return found;
}

/** Fields as an argument of `set_commitment`. */
export function commitmentArgument(fields: readonly CommitmentField[]): unknown {
  return {
    fields: fields.map((field) => {
      if (field.kind === "blakeTwo256") return { BlakeTwo256: bytesOf(field.digest) };
      if (field.kind === "other") return { [field.name]: null };
      const { bytes } = field;
      if (bytes.length > MAX_RAW_BYTES) return { BigRaw: hexOf(bytes) };
      return { [`Raw${bytes.length}`]: hexOf(bytes) };
    }),
  };
}
