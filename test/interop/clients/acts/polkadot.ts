/** @file What @polkadot/api does, as explorers and wallets use it. */
import { z } from "zod";
import { check, checkHolds, checkSame, growth } from "../checks.ts";
import { CREATED_NETUID, GENESIS_NETUID } from "../stage.ts";
import type { SdkAct, SdkStage } from "./sdk-11-words.ts";

const TAO = 1_000_000_000;
/** Three heads in a row. */
const headsSchema = z.object({ seen: z.tuple([z.number(), z.number(), z.number()]) });

/** One thing of a group by its name, e.g. `subtensorModule.tempo`. */
const ask = async (
  sdk: SdkStage,
  act: string,
  path: string,
  ...args: readonly unknown[]
): Promise<unknown> => {
  const [of, name] = path.split(".");
  return sdk.ask(act, { of, name, args });
};

/** In their order. */
export const POLKADOT: readonly SdkAct[] = [
  {
    act: "metadata",
    run: async (sdk) => checkHolds(await ask(sdk, "metadata", "."), "version"),
  },
  {
    act: "heads followed",
    run: async (sdk) => {
      const { seen } = headsSchema.parse(await ask(sdk, "heads", "."));
      checkSame("the heads", seen, [seen[0], seen[0] + 1, seen[0] + 2]);
    },
  },
  {
    act: "balance",
    run: async (sdk) => {
      const { coldkey } = sdk.stage.cast.friend;
      const found = await ask(sdk, "query", "system.account", coldkey);
      checkHolds(found, String(await sdk.stage.free(coldkey)).slice(0, 1));
    },
  },
  {
    act: "fee asked",
    run: async (sdk) => {
      const to = sdk.stage.cast.friend.coldkey;
      checkHolds(await ask(sdk, "fee", "balances.transferKeepAlive", to, TAO), "rao");
    },
  },
  {
    act: "transfer",
    run: async (sdk) => {
      const to = sdk.stage.cast.friend.coldkey;
      const grown = await growth(
        async () => sdk.stage.free(to),
        async () => ask(sdk, "send", "balances.transferKeepAlive", to, TAO),
      );
      check(grown === BigInt(TAO), `the friend has ${grown} rao more`);
    },
  },
  {
    act: "subnet created",
    run: async (sdk) => {
      const { hotkey } = sdk.stage.cast.friend;
      await ask(sdk, "send", "subtensorModule.registerNetwork", hotkey);
      const added = await sdk.stage.read("subtensorModule", "networksAdded", CREATED_NETUID);
      checkSame("its existence", added, true);
    },
  },
  {
    act: "storage read whole",
    run: async (sdk) => {
      const found = await ask(sdk, "entries", "subtensorModule.keys", GENESIS_NETUID);
      checkHolds(found, sdk.stage.cast.miner.hotkey);
    },
  },
  {
    act: "neurons",
    run: async (sdk) => {
      const path = "neuronInfoRuntimeApi.getNeuronsLite";
      checkHolds(await ask(sdk, "call", path, GENESIS_NETUID), sdk.stage.cast.miner.hotkey);
    },
  },
  {
    act: "metagraph",
    run: async (sdk) => {
      const path = "subnetInfoRuntimeApi.getMetagraph";
      checkHolds(await ask(sdk, "call", path, GENESIS_NETUID), sdk.stage.cast.miner.hotkey);
    },
  },
  {
    act: "subnets list",
    run: async (sdk) =>
      checkHolds(await ask(sdk, "call", "subnetInfoRuntimeApi.getAllDynamicInfo"), "netuid"),
  },
  {
    act: "constants",
    run: async (sdk) =>
      checkSame("the deposit", await ask(sdk, "constant", "balances.existentialDeposit"), 500),
  },
];
