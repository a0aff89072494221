/** @file Who takes part in a local network, and their wallets. */
import { createWallet, openColdkey, openHotkey } from "../../chain/wallet/wallet.ts";
import type { Signer } from "../../chain/wallet/signer.ts";
import { isCheat, isPartTime, type StrategyName } from "../../src/command/strategies.ts";
import type { LocalnetOptions } from "./options.ts";

/** What a member does: a role, honest work or a share of it, or a cheat. */
export type Kind = "owner" | "validator" | StrategyName;

/** A member of the local network. The wallet has the member's name; every member has its own coldkey. */
export type Member = {
  readonly name: string;
  readonly kind: Kind;
  readonly hotkey: Signer;
  readonly coldkey: Signer;
  /** Stake at genesis; only validators have some. */
  readonly stakeRao: bigint;
};

/** How many of each kind take part. */
export type Cast = Pick<LocalnetOptions, "miners" | "validators" | "attack"> &
  Partial<Pick<LocalnetOptions, "partTime">>;

const HOTKEY = "default";
const FIRST_STAKE_RAO = 600_000_000_000_000n;

/** Falling stakes: 60/40 for two, so that one alone carries a window once the other is silent (docs/protocol.md#7-acceptance). */
function stakeOf(index: number): bigint {
  return (FIRST_STAKE_RAO * 2n ** BigInt(index)) / 3n ** BigInt(index);
}

/** Names and kinds in the order of their uids. */
export function kindsOf(cast: Cast): { name: string; kind: Kind }[] {
  const numbered = (kind: Kind, count: number, label: string): { name: string; kind: Kind }[] =>
    Array.from({ length: count }, (_, index) => ({ name: `${label}-${index + 1}`, kind }));
  const named = (kinds: readonly Kind[]): { name: string; kind: Kind }[] =>
    kinds.map((kind, index) => ({ name: `${kind}-${index + 1}`, kind }));
  return [
    { name: "owner", kind: "owner" },
    ...numbered("validator", cast.validators, "validator"),
    ...numbered("honest", cast.miners, "miner"),
    ...named((cast.partTime ?? "none").split(",").filter(isPartTime)),
    ...named(cast.attack.split(",").filter(isCheat)),
  ];
}

/** Makes a wallet for everybody in `folder`. */
export async function createMembers(cast: Cast, folder: string): Promise<readonly Member[]> {
  for (const { name } of kindsOf(cast)) await createWallet({ folder, name, hotkey: HOTKEY });
  return openMembers(cast, folder);
}

/** Everybody, with the wallets that are already in `folder`. @throws AssayError and ChainError of missing or damaged wallets */
export async function openMembers(cast: Cast, folder: string): Promise<readonly Member[]> {
  const members: Member[] = [];
  let validators = 0;
  for (const { name, kind } of kindsOf(cast)) {
    const [hotkey, coldkey] = await Promise.all([
      openHotkey({ folder, name, hotkey: HOTKEY }),
      openColdkey({ folder, name }),
    ]);
    const stakeRao = kind === "validator" ? stakeOf(validators++) : 0n;
    members.push({ name, kind, hotkey, coldkey, stakeRao });
  }
  return members;
}

/** The member that owns the subnet. */
export function ownerOf(members: readonly Member[]): Member {
  const owner = members.find((member) => member.kind === "owner");
  if (owner === undefined) throw new Error("nobody owns the subnet");
  return owner;
}

/** Whether a member is started as `miner`. */
export function isMiner(kind: Kind): boolean {
  return kind !== "owner" && kind !== "validator";
}

/** Whether a member cheats. */
export function isCheater(kind: Kind): boolean {
  return isCheat(kind);
}
