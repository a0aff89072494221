/** @file The genesis of a local network: funded accounts, one started subnet, validators with stake and permits. */
import { signerFromUri } from "../../chain/wallet/signer.ts";
import { chainDefaultsOf } from "../config/chain-defaults.ts";
import type { SubnetConfig } from "../config/schema.ts";
import { isMiner, type Member } from "./members.ts";

const DEV_ACCOUNTS = ["//Alice", "//Bob", "//Charlie", "//Dave", "//Eve", "//Ferdie"];
const DEV_BALANCE_RAO = 1_000_000_000_000_000;
/** Enough for registration (which burns) and fees; what a validator stakes comes on top, since stake is taken out of it. */
const COLDKEY_BALANCE_RAO = 10_000_000_000_000;
const HOTKEY_BALANCE_RAO = 1_000_000_000_000;

/** What is merged into the runtime's development genesis. Miners are not in it: they register by extrinsic. */
export function genesisOf(
  members: readonly Member[],
  config: Pick<SubnetConfig, "chain">,
): unknown {
  const { netuid, tempo } = config.chain;
  const owner = members.find((member) => member.kind === "owner");
  const balances: [string, number][] = DEV_ACCOUNTS.map((uri) => [
    signerFromUri(uri).ss58,
    DEV_BALANCE_RAO,
  ]);
  for (const { hotkey, coldkey, stakeRao } of members) {
    balances.push(
      [coldkey.ss58, COLDKEY_BALANCE_RAO + Number(stakeRao)],
      [hotkey.ss58, HOTKEY_BALANCE_RAO],
    );
  }
  return {
    balances: { balances },
    subtensorModule: {
      allowLoopbackAxon: true,
      ...chainDefaultsOf(config),
      networks: [
        {
          netuid,
          tempo,
          ownerColdkey: owner?.coldkey.ss58,
          ownerHotkey: owner?.hotkey.ss58,
          additional: "",
          neurons: members
            .filter((member) => !isMiner(member.kind))
            .map(({ hotkey, coldkey, stakeRao, kind }) => ({
              hotkey: hotkey.ss58,
              coldkey: coldkey.ss58,
              stake: Number(stakeRao),
              validatorPermit: kind === "validator",
            })),
        },
      ],
    },
  };
}
