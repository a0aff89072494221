/** @file What SDK 11.3.0 reads and sets beside the life of a subnet. */
import { check, checkHolds, checkSame, growth, principalOf } from "../checks.ts";
import { CREATED_NETUID, GENESIS_NETUID } from "../stage.ts";
import { BY_HOTKEY, execute, read, type SdkAct, type SdkStage, submit } from "./sdk-11-words.ts";

const TAO = 1_000_000_000n;
const PARAMETER = "immunity_period";

const SETTINGS: readonly SdkAct[] = [
  {
    act: "hyperparameters read",
    run: async (sdk) => {
      const found = await read(sdk, "subnet_hyperparameters", { netuid: GENESIS_NETUID });
      checkHolds(found, PARAMETER);
    },
  },
  {
    act: "hyperparameter set",
    run: async (sdk) => {
      await sdk.stage.epoch(GENESIS_NETUID);
      const args = { netuid: GENESIS_NETUID, name: PARAMETER, value: 4321 };
      await execute(sdk, "owner", { intent: "SetHyperparameter", args });
      const seen = await sdk.stage.read("subtensorModule", "immunityPeriod", GENESIS_NETUID);
      checkSame("the immunity period", seen, 4321);
    },
  },
  {
    act: "identity set and read",
    run: async (sdk) => {
      const args = { name: "a miner", url: "https://example.org" };
      await execute(sdk, "miner", { intent: "SetIdentity", args });
      const { coldkey } = sdk.stage.cast.miner;
      checkHolds(await read(sdk, "identity", { coldkey_ss58: coldkey }), "a miner");
    },
  },
  {
    act: "subnet identity set and read",
    run: async (sdk) => {
      const args = { netuid: GENESIS_NETUID, subnet_name: "ours" };
      await execute(sdk, "owner", { intent: "SetSubnetIdentity", args });
      checkHolds(await read(sdk, "subnet_identity", { netuid: GENESIS_NETUID }), "ours");
    },
  },
  {
    act: "symbol set",
    needs: ["subnet created"],
    run: async (sdk) => {
      const args = { netuid: CREATED_NETUID, symbol: "γ" };
      await execute(sdk, "owner", { intent: "UpdateSymbol", args });
      checkHolds(await read(sdk, "token_symbols"), "γ");
    },
  },
  {
    act: "commitment set, read, all",
    run: async (sdk) => {
      const text = "hello";
      const data = `0x${Buffer.from(text).toString("hex")}`;
      const call = {
        call: "Commitments.set_commitment",
        args: { netuid: GENESIS_NETUID, info: { fields: [{ [`Raw${text.length}`]: data }] } },
        more: BY_HOTKEY,
      };
      await submit(sdk, "miner", call);
      const { hotkey } = sdk.stage.cast.miner;
      const args = { netuid: GENESIS_NETUID, hotkey_ss58: hotkey };
      checkHolds(await read(sdk, "commitment", args), text);
      checkHolds(await read(sdk, "commitments", { netuid: GENESIS_NETUID }), hotkey);
    },
  },
  {
    act: "epoch status",
    run: async (sdk) => {
      const found = await read(sdk, "epoch_status", { netuid: GENESIS_NETUID });
      checkHolds(found, "tempo");
    },
  },
  {
    act: "delegates and their take",
    run: async (sdk) => {
      const { hotkey } = sdk.stage.cast.validator;
      await execute(sdk, "validator", { intent: "DecreaseTake", args: { take: 5000 } });
      checkHolds(await read(sdk, "delegate_take", { hotkey_ss58: hotkey }), "5000");
      checkHolds(await read(sdk, "delegates"), hotkey);
    },
  },
];

const children = async (sdk: SdkStage, name: string): Promise<unknown> => {
  const { hotkey } = sdk.stage.cast.validator;
  return read(sdk, name, { hotkey_ss58: hotkey, netuid: GENESIS_NETUID });
};

const RELATIONS: readonly SdkAct[] = [
  {
    act: "children set and read",
    run: async (sdk) => {
      const { hotkey } = sdk.stage.cast.miner;
      const args = { netuid: GENESIS_NETUID, children: [[0.5, hotkey]] };
      await execute(sdk, "validator", { intent: "SetChildren", args });
      checkHolds(await children(sdk, "pending_children"), hotkey);
    },
  },
  {
    act: "childkey take set",
    run: async (sdk) => {
      const args = { netuid: GENESIS_NETUID, take: 1000 };
      await execute(sdk, "miner", { intent: "SetChildkeyTake", args });
      const { hotkey } = sdk.stage.cast.miner;
      const seen = await sdk.stage.read("subtensorModule", "childkeyTake", hotkey, GENESIS_NETUID);
      checkSame("the take", seen, 1000);
    },
  },
  {
    act: "proxy added and read",
    run: async (sdk) => {
      const delegate = sdk.stage.cast.friend.coldkey;
      const args = { delegate_ss58: delegate, proxy_type: "Transfer" };
      await execute(sdk, "guest", { intent: "AddProxy", args });
      const real = sdk.stage.cast.guest.coldkey;
      checkHolds(await read(sdk, "proxies", { coldkey_ss58: real }), delegate);
    },
  },
  {
    act: "proxy used",
    needs: ["proxy added and read"],
    run: async (sdk) => {
      const { miner, guest } = sdk.stage.cast;
      const grown = await growth(
        async () => sdk.stage.free(miner.coldkey),
        async () =>
          execute(sdk, "friend", {
            intent: "Transfer",
            args: { dest_ss58: miner.coldkey, amount_tao: 2 },
            more: { proxy_for: guest.coldkey },
          }),
      );
      check(grown === 2n * TAO, `the miner has ${grown} rao more`);
    },
  },
  {
    act: "proxy removed",
    needs: ["proxy added and read"],
    run: async (sdk) => {
      const delegate = sdk.stage.cast.friend.coldkey;
      const args = { delegate_ss58: delegate, proxy_type: "Transfer" };
      await execute(sdk, "guest", { intent: "RemoveProxy", args });
      const { coldkey } = sdk.stage.cast.guest;
      const left = JSON.stringify(await sdk.stage.read("proxy", "proxies", coldkey));
      check(!left.includes(delegate), `there is still ${left}`);
    },
  },
  {
    act: "root claim by a raw call",
    run: async (sdk) => {
      const args = { subnets: [GENESIS_NETUID] };
      await submit(sdk, "validator", { call: "SubtensorModule.claim_root", args });
    },
  },
  {
    act: "root claim",
    run: async (sdk) => {
      await execute(sdk, "validator", { intent: "ClaimRoot", args: { subnets: [GENESIS_NETUID] } });
    },
  },
  {
    act: "root owed",
    run: async (sdk) => {
      const { coldkey } = sdk.stage.cast.validator;
      const owed = await read(sdk, "root_basket_owed", { coldkey_ss58: coldkey });
      check(typeof owed === "number", `it is ${JSON.stringify(owed)}`);
    },
  },
];

/** How much the guest's position on the validator of genesis grows. */
async function moved(
  sdk: SdkStage,
  intent: string,
  args: Readonly<Record<string, unknown>>,
): Promise<bigint> {
  const { validator, guest } = sdk.stage.cast;
  const position = { hotkey: validator.hotkey, coldkey: guest.coldkey, netuid: GENESIS_NETUID };
  return growth(
    async () => principalOf(sdk.stage, position),
    async () => execute(sdk, "guest", { intent, args }),
  );
}

const STAKE: readonly SdkAct[] = [
  {
    act: "stake added to another's hotkey, without a limit",
    run: async (sdk) => {
      const { hotkey } = sdk.stage.cast.validator;
      const args = { hotkey_ss58: hotkey, netuid: GENESIS_NETUID, amount_tao: 100 };
      const grown = await moved(sdk, "AddStake", { ...args, slippage_protection: false });
      check(grown === 100n * TAO, `the position has ${grown} rao more`);
    },
  },
  {
    act: "stake moved to another hotkey",
    needs: ["stake added to another's hotkey, without a limit"],
    run: async (sdk) => {
      const { validator, miner } = sdk.stage.cast;
      const grown = await moved(sdk, "MoveStake", {
        origin_hotkey_ss58: validator.hotkey,
        origin_netuid: GENESIS_NETUID,
        dest_hotkey_ss58: miner.hotkey,
        dest_netuid: GENESIS_NETUID,
        amount_alpha: 10,
      });
      check(grown === -10n * TAO, `the position has ${grown} rao more`);
    },
  },
  {
    act: "stake swapped to another subnet",
    needs: ["stake added to another's hotkey, without a limit", "subnet started"],
    run: async (sdk) => {
      const grown = await moved(sdk, "SwapStake", {
        hotkey_ss58: sdk.stage.cast.validator.hotkey,
        origin_netuid: GENESIS_NETUID,
        dest_netuid: CREATED_NETUID,
        amount_alpha: 10,
      });
      check(grown === -10n * TAO, `the position has ${grown} rao more`);
    },
  },
  {
    act: "stake transferred",
    needs: ["stake added to another's hotkey, without a limit"],
    run: async (sdk) => {
      const grown = await moved(sdk, "TransferStake", {
        dest_coldkey_ss58: sdk.stage.cast.friend.coldkey,
        hotkey_ss58: sdk.stage.cast.validator.hotkey,
        origin_netuid: GENESIS_NETUID,
        dest_netuid: GENESIS_NETUID,
        amount_alpha: 10,
      });
      check(grown === -10n * TAO, `the position has ${grown} rao more`);
    },
  },
  {
    act: "stake removed",
    needs: ["stake added to another's hotkey, without a limit"],
    run: async (sdk) => {
      const { hotkey } = sdk.stage.cast.validator;
      const args = { hotkey_ss58: hotkey, netuid: GENESIS_NETUID, amount_alpha: 20 };
      const grown = await moved(sdk, "RemoveStake", args);
      check(grown === -20n * TAO, `the position has ${grown} rao more`);
    },
  },
  {
    act: "all unstaked",
    needs: ["stake added to another's hotkey, without a limit"],
    run: async (sdk) => {
      const { hotkey } = sdk.stage.cast.validator;
      const grown = await moved(sdk, "UnstakeAll", { hotkey_ss58: hotkey });
      check(grown < 0n, `the position has ${grown} rao more`);
    },
  },
];

/** After the life of a subnet, in their order. */
export const SDK_11_REST: readonly SdkAct[] = [...SETTINGS, ...RELATIONS, ...STAKE];
