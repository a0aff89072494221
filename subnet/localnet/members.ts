/** @file Who takes part in a local network, and their wallets. */
import { createWallet, openColdkey, openHotkey } from "../../chain/wallet/wallet.ts";
import type { Signer } from "../../chain/wallet/signer.ts";
import { isCheat, type StrategyName } from "../../src/command/strategies.ts";
import type { LocalnetOptions } from "./options.ts";

/** What a member does; every strategy but "honest" is a cheat. */
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

const HOTKEY = "default";
const FIRST_STAKE_RAO = 600_000_000_000_000n;

/** Falling stakes: 60/40 for two, so that one alone carries a window once the other is silent (docs/protocol.md#7-acceptance). */
function stakeOf(index: number): bigint {
  return (FIRST_STAKE_RAO * 2n ** BigInt(index)) / 3n ** BigInt(index);
}

/** Names and kinds in the order of their uids. */
export function kindsOf(options: Pick<LocalnetOptions, "miners" | "validators" | "attack">): {
  name: string;
  kind: Kind;
}[] {
  const numbered = (kind: Kind, count: number, label: string): { name: string; kind: Kind }[] =>
    Array.from({ length: count }, (_, index) => ({ name: `${label}-${index + 1}`, kind }));
  const attacks = options.attack.split(",").filter(isCheat);
  return [
    { name: "owner", kind: "owner" },
    ...numbered("validator", options.validators, "validator"),
    ...numbered("honest", options.miners, "miner"),
    ...attacks.map((kind, index) => ({ name: `${kind}-${index + 1}`, kind })),
  ];
}

/** Makes a wallet for everybody in `folder`. */
export async function createMembers(
  options: Pick<LocalnetOptions, "miners" | "validators" | "attack">,
  folder: string,
): Promise<readonly Member[]> {
  const members: Member[] = [];
  let validators = 0;
  for (const { name, kind } of kindsOf(options)) {
    await createWallet({ folder, name, hotkey: HOTKEY });
    const [hotkey, coldkey] = await Promise.all([
      openHotkey({ folder, name, hotkey: HOTKEY }),
      openColdkey({ folder, name }),
    ]);
    const stakeRao = kind === "validator" ? stakeOf(validators++) : 0n;
    members.push({ name, kind, hotkey, coldkey, stakeRao });
  }
  return members;
}

/** Whether a member is started as `miner`. */
export function isMiner(kind: Kind): boolean {
  return kind !== "owner" && kind !== "validator";
}

/** Whether a member cheats. */
export function isCheater(kind: Kind): boolean {
  return isMiner(kind) && kind !== "honest";
}
