/** @file What SDK 10.5.0 reads and sets beside the life of a subnet. */
import { check, checkHolds, checkSame, growth, principalOf } from "../checks.ts";
import { CREATED_NETUID, GENESIS_NETUID } from "../stage.ts";
import { alpha, compose, read, submit, tao } from "./sdk-10-words.ts";
import type { SdkAct, SdkStage } from "./sdk-11-words.ts";

const TAO = 1_000_000_000n;
/** The subnet of genesis. */
const netuid = GENESIS_NETUID;

const SETTINGS: readonly SdkAct[] = [
  {
    act: "stake list",
    run: async (sdk) => {
      const { coldkey, hotkey } = sdk.stage.cast.validator;
      const found = await read(sdk, "get_stake_info_for_coldkey", { coldkey_ss58: coldkey });
      checkHolds(found, hotkey);
    },
  },
  {
    act: "stake of a hotkey",
    run: async (sdk) => {
      const { coldkey: coldkey_ss58, hotkey: hotkey_ss58 } = sdk.stage.cast.validator;
      const stake = await read(sdk, "get_stake", { coldkey_ss58, hotkey_ss58, netuid });
      check(typeof stake === "number" && stake > 0, `it is ${JSON.stringify(stake)}`);
    },
  },
  {
    act: "stake availability",
    run: async (sdk) => {
      const args = { coldkey_ss58s: [sdk.stage.cast.validator.coldkey], netuids: [netuid] };
      checkHolds(await read(sdk, "get_stake_availability_for_coldkeys", args), "available");
    },
  },
  {
    act: "hyperparameters read",
    run: async (sdk) => {
      const found = await read(sdk, "get_subnet_hyperparameters", { netuid });
      checkHolds(found, "immunity_period");
    },
  },
  {
    act: "hyperparameter set",
    run: async (sdk) => {
      await sdk.stage.epoch(netuid);
      const args = { netuid, immunity_period: 4321 };
      await compose(sdk, "owner", { call: "AdminUtils.sudo_set_immunity_period", args });
      const seen = await sdk.stage.read("subtensorModule", "immunityPeriod", netuid);
      checkSame("the immunity period", seen, 4321);
    },
  },
  {
    act: "tempo set by the owner",
    run: async (sdk) => {
      await sdk.stage.epoch(netuid);
      await submit(sdk, "owner", { method: "set_tempo", args: { netuid, tempo: 400 } });
      checkSame("the tempo", await sdk.stage.read("subtensorModule", "tempo", netuid), 400);
    },
  },
  {
    act: "identity set and read",
    run: async (sdk) => {
      const empty = { url: "", github_repo: "", image: "", discord: "", description: "" };
      const args = { name: "a miner", ...empty, additional: "" };
      await compose(sdk, "miner", { call: "SubtensorModule.set_identity", args });
      const { coldkey } = sdk.stage.cast.miner;
      checkHolds(await read(sdk, "query_identity", { coldkey_ss58: coldkey }), "a miner");
    },
  },
  {
    act: "subnet identity set and read",
    run: async (sdk) => {
      const empty = { github_repo: "", subnet_contact: "", subnet_url: "", discord: "" };
      const identity = { subnet_name: "ours", ...empty, description: "", logo_url: "" };
      const given = { wallet: "owner", netuid, identity: { ...identity, additional: "" } };
      await sdk.ask("subnet_identity", given);
      const seen = await sdk.stage.read("subtensorModule", "subnetIdentitiesV3", netuid);
      checkHolds(seen, Buffer.from("ours").toString("hex"));
    },
  },
  {
    act: "subnet of its own read",
    run: async (sdk) =>
      checkHolds(await read(sdk, "subnet", { netuid }), sdk.stage.cast.owner.hotkey),
  },
  {
    act: "commitment set, read, all",
    run: async (sdk) => {
      const args = { netuid, data: "hello" };
      await submit(sdk, "miner", { method: "set_commitment", args });
      checkHolds(await read(sdk, "get_commitment", { netuid, uid: 1 }), "hello");
      const all = await read(sdk, "get_all_commitments", { netuid });
      checkHolds(all, sdk.stage.cast.miner.hotkey);
    },
  },
  {
    act: "epoch status",
    run: async (sdk) => {
      const next = await read(sdk, "get_next_epoch_start_block", { netuid });
      check(typeof next === "number", `it is ${JSON.stringify(next)}`);
      await read(sdk, "get_epoch_schedule_state", { netuid });
    },
  },
  {
    act: "delegates and their take",
    run: async (sdk) => {
      const { hotkey } = sdk.stage.cast.validator;
      const args = { hotkey_ss58: hotkey, take: 0.08 };
      await submit(sdk, "validator", { method: "set_delegate_take", args });
      checkHolds(await read(sdk, "get_delegates"), hotkey);
    },
  },
];

const RELATIONS: readonly SdkAct[] = [
  {
    act: "children set and read",
    run: async (sdk) => {
      const { validator, miner } = sdk.stage.cast;
      const args = { netuid, hotkey_ss58: validator.hotkey, children: [[0.5, miner.hotkey]] };
      await submit(sdk, "validator", { method: "set_children", args });
      const asked = { netuid, hotkey_ss58: validator.hotkey };
      checkHolds(await read(sdk, "get_children_pending", asked), miner.hotkey);
    },
  },
  {
    act: "childkey take set",
    run: async (sdk) => {
      const { hotkey } = sdk.stage.cast.miner;
      const args = { hotkey, netuid, take: 1000 };
      await compose(sdk, "miner", { call: "SubtensorModule.set_childkey_take", args });
      const seen = await sdk.stage.read("subtensorModule", "childkeyTake", hotkey, netuid);
      checkSame("the take", seen, 1000);
    },
  },
  {
    act: "proxy added and read",
    run: async (sdk) => {
      const delegate = sdk.stage.cast.friend.coldkey;
      const args = { delegate_ss58: delegate, proxy_type: "Transfer", delay: 0 };
      await submit(sdk, "guest", { method: "add_proxy", args });
      const real = { real_account_ss58: sdk.stage.cast.guest.coldkey };
      checkHolds(await read(sdk, "get_proxies_for_real_account", real), delegate);
    },
  },
  {
    act: "proxy types and filters",
    run: async (sdk) => checkHolds(await read(sdk, "get_proxy_types"), "Transfer"),
  },
  {
    act: "proxy used",
    needs: ["proxy added and read"],
    run: async (sdk) => {
      const { miner, guest } = sdk.stage.cast;
      const args = { dest: miner.coldkey, value: Number(2n * TAO) };
      const grown = await growth(
        async () => sdk.stage.free(miner.coldkey),
        async () => sdk.ask("through_proxy", { wallet: "friend", real: guest.coldkey, args }),
      );
      check(grown === 2n * TAO, `the miner has ${grown} rao more`);
    },
  },
  {
    act: "proxy removed",
    needs: ["proxy added and read"],
    run: async (sdk) => {
      const delegate = sdk.stage.cast.friend.coldkey;
      const args = { delegate_ss58: delegate, proxy_type: "Transfer", delay: 0 };
      await submit(sdk, "guest", { method: "remove_proxy", args });
      const { coldkey } = sdk.stage.cast.guest;
      const left = JSON.stringify(await sdk.stage.read("proxy", "proxies", coldkey));
      check(!left.includes(delegate), `there is still ${left}`);
    },
  },
  {
    act: "root claim type set and read",
    run: async (sdk) => {
      const args = { new_root_claim_type: "Keep" };
      await submit(sdk, "validator", { method: "set_root_claim_type", args });
      const { coldkey } = sdk.stage.cast.validator;
      checkHolds(await read(sdk, "get_root_claim_type", { coldkey_ss58: coldkey }), "Keep");
    },
  },
  {
    act: "root claim",
    run: async (sdk) => {
      await submit(sdk, "validator", { method: "claim_root", args: { netuids: [netuid] } });
    },
  },
];

/** How much the guest's position on the validator of genesis grows. */
async function moved(
  sdk: SdkStage,
  method: string,
  args: Readonly<Record<string, unknown>>,
): Promise<bigint> {
  const { validator, guest } = sdk.stage.cast;
  const position = { hotkey: validator.hotkey, coldkey: guest.coldkey, netuid };
  return growth(
    async () => principalOf(sdk.stage, position),
    async () => submit(sdk, "guest", { method, args }),
  );
}

const ADDED = "stake added to another's hotkey, with a limit";

const STAKE: readonly SdkAct[] = [
  {
    act: ADDED,
    run: async (sdk) => {
      const { hotkey } = sdk.stage.cast.validator;
      const args = { hotkey_ss58: hotkey, netuid, amount: tao(100), safe_staking: true };
      const grown = await moved(sdk, "add_stake", args);
      check(grown === 100n * TAO, `the position has ${grown} rao more`);
    },
  },
  {
    act: "stake moved to another hotkey",
    needs: [ADDED],
    run: async (sdk) => {
      const { validator, miner } = sdk.stage.cast;
      const grown = await moved(sdk, "move_stake", {
        origin_hotkey_ss58: validator.hotkey,
        origin_netuid: netuid,
        destination_hotkey_ss58: miner.hotkey,
        destination_netuid: netuid,
        amount: alpha(10, netuid),
      });
      check(grown === -10n * TAO, `the position has ${grown} rao more`);
    },
  },
  {
    act: "stake swapped to another subnet",
    needs: [ADDED, "subnet started"],
    run: async (sdk) => {
      const grown = await moved(sdk, "swap_stake", {
        hotkey_ss58: sdk.stage.cast.validator.hotkey,
        origin_netuid: netuid,
        destination_netuid: CREATED_NETUID,
        amount: alpha(10, netuid),
      });
      check(grown === -10n * TAO, `the position has ${grown} rao more`);
    },
  },
  {
    act: "stake transferred",
    needs: [ADDED],
    run: async (sdk) => {
      const grown = await moved(sdk, "transfer_stake", {
        destination_coldkey_ss58: sdk.stage.cast.friend.coldkey,
        hotkey_ss58: sdk.stage.cast.validator.hotkey,
        origin_netuid: netuid,
        destination_netuid: netuid,
        amount: alpha(10, netuid),
      });
      check(grown === -10n * TAO, `the position has ${grown} rao more`);
    },
  },
  {
    act: "stake removed",
    needs: [ADDED],
    run: async (sdk) => {
      const { hotkey } = sdk.stage.cast.validator;
      const args = { hotkey_ss58: hotkey, netuid, amount: alpha(20, netuid) };
      const grown = await moved(sdk, "unstake", args);
      check(grown === -20n * TAO, `the position has ${grown} rao more`);
    },
  },
  {
    act: "all unstaked",
    needs: [ADDED],
    run: async (sdk) => {
      const { hotkey } = sdk.stage.cast.validator;
      const grown = await moved(sdk, "unstake_all", { hotkey_ss58: hotkey, netuid });
      check(grown < 0n, `the position has ${grown} rao more`);
    },
  },
];

/** After the life of a subnet, in their order. */
export const SDK_10_REST: readonly SdkAct[] = [...SETTINGS, ...RELATIONS, ...STAKE];
