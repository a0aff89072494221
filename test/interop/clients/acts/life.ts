/** @file The life of a subnet that an SDK made itself, where both SDKs do the same with words of their own: serving, being paid by what was revealed, unstaking that. */
import { encodeAddress } from "@polkadot/util-crypto";
import { z } from "zod";
import { check, checkHolds, emissionOf, growth, uidOf } from "../checks.ts";
import { CREATED_NETUID, type Name, type Stage } from "../stage.ts";
import type { SdkAct, SdkStage } from "./sdk-11-words.ts";

const TAO = 1_000_000_000n;
const FULL = 65_535;
const PORT = 8093;
const [PAID_IN, UNSTAKED] = [20, 10];

/** What an SDK calls these things. Amounts in TAO, or in alpha of the subnet that was created. */
type LifeWords = {
  readonly serve: (
    sdk: SdkStage,
    wallet: Name,
    axon: { readonly netuid: number; readonly ip: string; readonly port: number },
  ) => Promise<unknown>;
  readonly transfer: (
    sdk: SdkStage,
    wallet: Name,
    to: { readonly address: string; readonly amount: number },
  ) => Promise<unknown>;
  readonly unstake: (
    sdk: SdkStage,
    wallet: Name,
    from: { readonly hotkey: string; readonly netuid: number; readonly amount: number },
  ) => Promise<unknown>;
};

/** The account that pays earned alpha, as far as somebody has paid in: nobody has its key. */
function accountOf(netuid: number): string {
  const bytes = Buffer.alloc(32);
  bytes.write("modlsubtensr");
  bytes.writeUInt16LE(netuid, 12);
  return encodeAddress(bytes, 42);
}

/** Incentive of a uid in the last epoch, of 65535. */
async function incentiveOf(stage: Stage, uid: number): Promise<number> {
  const all = await stage.read("subtensorModule", "incentive", CREATED_NETUID);
  return z.array(z.number()).parse(all)[uid] ?? 0;
}

/** The acts: `served` once the guest is registered, `paid` once weights were revealed, `unstaked` last of all. */
export function lifeActs(
  { serve, transfer, unstake }: LifeWords,
  needs: { readonly created: string; readonly registered: string; readonly revealed: string },
): { readonly served: SdkAct; readonly paid: SdkAct; readonly unstaked: SdkAct } {
  const served: SdkAct = {
    act: "its own subnet: axon served",
    needs: [needs.created, needs.registered],
    run: async (sdk) => {
      await serve(sdk, "guest", { netuid: CREATED_NETUID, ip: "203.0.113.9", port: PORT });
      const { hotkey } = sdk.stage.cast.guest;
      const axon = await sdk.stage.read("subtensorModule", "axons", CREATED_NETUID, hotkey);
      checkHolds(axon, String(PORT));
    },
  };
  const paid: SdkAct = {
    act: "its own subnet: paid by revealed weights",
    needs: [needs.revealed],
    run: async ({ stage }) => {
      await stage.epoch(CREATED_NETUID);
      const uid = await uidOf(stage, CREATED_NETUID, stage.cast.guest.hotkey);
      const rao = await emissionOf(stage, CREATED_NETUID, uid);
      check(rao > 0n, "the miner was paid nothing");
      // What was set at the beginning gave everything to the guest; what was revealed gives a part to the owner.
      const incentive = await incentiveOf(stage, uid);
      check(incentive > 0 && incentive < FULL, `its incentive is ${incentive}`);
    },
  };
  const unstaked: SdkAct = {
    act: "its own subnet: unstaked what it was paid",
    needs: [served.act, paid.act],
    run: async (sdk) => {
      const { stage } = sdk;
      const { coldkey, hotkey } = stage.cast.guest;
      await transfer(sdk, "owner", { address: accountOf(CREATED_NETUID), amount: PAID_IN });
      const grown = await growth(
        async () => stage.free(coldkey),
        async () => unstake(sdk, "guest", { hotkey, netuid: CREATED_NETUID, amount: UNSTAKED }),
      );
      // Less the fee.
      const most = BigInt(UNSTAKED) * TAO;
      check(grown <= most && grown > most - TAO / 10n, `the miner has ${grown} rao more`);
    },
  };
  return { served, paid, unstaked };
}
