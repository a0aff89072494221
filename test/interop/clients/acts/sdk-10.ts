/** @file What SDK 10.5.0 does: a subnet from its creation to the unstaking of what it paid. */
import {
  check,
  checkHolds,
  checkReadable,
  checkSame,
  checkStored,
  emissionOf,
  growth,
  principalOf,
  uidOf,
  weightsOf,
} from "../checks.ts";
import { hiddenWeights, PULSE, sealedPayload } from "../hidden-weights.ts";
import { CREATED_NETUID, GENESIS_NETUID } from "../stage.ts";
import { lifeActs } from "./life.ts";
import { alpha, compose, read, submit, tao } from "./sdk-10-words.ts";
import { sealedSchema, type SdkAct, type SdkStage } from "./sdk-11-words.ts";

const TAO = 1_000_000_000n;
const FULL = 65_535;

const ACCOUNTS: readonly SdkAct[] = [
  {
    act: "wallet created, read by ours",
    run: async ({ stage, ask }) => {
      const name = "theirs";
      await checkReadable(stage, name, await ask("wallet_create", { name }));
    },
  },
  {
    act: "wallet of ours read",
    run: async ({ stage, ask }) =>
      checkSame("the wallet", await ask("wallet_read", { name: "guest" }), stage.cast.guest),
  },
  {
    act: "balance",
    run: async (sdk) => {
      const { coldkey } = sdk.stage.cast.friend;
      const seen = await read(sdk, "get_balance", { address: coldkey });
      checkSame("the balance", seen, Number(await sdk.stage.free(coldkey)));
    },
  },
  {
    act: "transfer",
    run: async (sdk) => {
      const { coldkey } = sdk.stage.cast.friend;
      const args = { destination_ss58: coldkey, amount: tao(3) };
      const grown = await growth(
        async () => sdk.stage.free(coldkey),
        async () => submit(sdk, "guest", { method: "transfer", args }),
      );
      check(grown === 3n * TAO, `the friend has ${grown} rao more`);
    },
  },
];

const OWN = lifeActs(
  {
    serve: ({ ask }, wallet, axon) => ask("serve_axon", { wallet, ...axon }),
    transfer: (sdk, wallet, { address, amount }) =>
      submit(sdk, wallet, {
        method: "transfer",
        args: { destination_ss58: address, amount: tao(amount) },
      }),
    unstake: (sdk, wallet, { hotkey, netuid, amount }) =>
      submit(sdk, wallet, {
        method: "unstake",
        args: { hotkey_ss58: hotkey, netuid, amount: alpha(amount, netuid) },
      }),
  },
  {
    created: "subnet created",
    registered: "register",
    revealed: "weights committed with a salt, revealed",
  },
);

const LIFE: readonly SdkAct[] = [
  {
    act: "subnet price",
    run: async (sdk) => {
      const cost = await read(sdk, "get_subnet_burn_cost");
      check(typeof cost === "number" && cost > 0, `it costs ${JSON.stringify(cost)}`);
    },
  },
  {
    act: "subnet created",
    run: async (sdk) => {
      await submit(sdk, "owner", { method: "register_subnet" });
      const owner = await sdk.stage.read("subtensorModule", "subnetOwner", CREATED_NETUID);
      checkSame("its owner", owner, sdk.stage.cast.owner.coldkey);
    },
  },
  {
    act: "subnet created by a raw call",
    run: async (sdk) => {
      // What the acts below stand on, should the SDK's own way have failed.
      const { hotkey } = sdk.stage.cast.owner;
      const isThere = await sdk.stage.read("subtensorModule", "networksAdded", CREATED_NETUID);
      if (isThere !== true)
        await compose(sdk, "owner", { call: "SubtensorModule.register_network", args: { hotkey } });
      const owner = await sdk.stage.read("subtensorModule", "subnetOwner", CREATED_NETUID);
      checkSame("its owner", owner, sdk.stage.cast.owner.coldkey);
    },
  },
  {
    act: "subnets list",
    run: async (sdk) => {
      const all = await read(sdk, "all_subnets");
      check(Array.isArray(all) && all.length > 0, `it lists ${JSON.stringify(all)}`);
    },
  },
  {
    act: "subnet started",
    needs: ["subnet created by a raw call"],
    run: async (sdk) => {
      await submit(sdk, "owner", { method: "start_call", args: { netuid: CREATED_NETUID } });
      const item = "firstEmissionBlockNumber";
      check((await sdk.stage.number("subtensorModule", item, CREATED_NETUID)) > 0n, "not begun");
    },
  },
  {
    act: "register",
    needs: ["subnet created by a raw call"],
    run: async (sdk) => {
      for (const name of ["validator", "guest"] as const) {
        await submit(sdk, name, { method: "burned_register", args: { netuid: CREATED_NETUID } });
        await uidOf(sdk.stage, CREATED_NETUID, sdk.stage.cast[name].hotkey);
      }
    },
  },
  OWN.served,
  {
    act: "register with a limit",
    run: async (sdk) => {
      const args = { netuid: GENESIS_NETUID, limit_price: tao(2) };
      await submit(sdk, "friend", { method: "register_limit", args });
      await uidOf(sdk.stage, GENESIS_NETUID, sdk.stage.cast.friend.hotkey);
    },
  },
  {
    act: "register on root",
    run: async (sdk) => {
      await submit(sdk, "validator", { method: "root_register" });
      await uidOf(sdk.stage, 0, sdk.stage.cast.validator.hotkey);
    },
  },
  {
    act: "axon served",
    run: async (sdk) => {
      const axon = { wallet: "miner", netuid: GENESIS_NETUID, ip: "203.0.113.7", port: 8091 };
      await sdk.ask("serve_axon", axon);
      const { hotkey } = sdk.stage.cast.miner;
      const seen = await sdk.stage.read("subtensorModule", "axons", GENESIS_NETUID, hotkey);
      checkHolds(seen, "8091");
    },
  },
  {
    act: "metagraph",
    run: async (sdk) => {
      const found = await sdk.ask("metagraph", { netuid: GENESIS_NETUID });
      checkHolds(found, sdk.stage.cast.miner.hotkey);
    },
  },
  {
    act: "metagraph, its runtime API",
    run: async (sdk) => {
      const found = await read(sdk, "get_metagraph_info", { netuid: GENESIS_NETUID });
      checkHolds(found, sdk.stage.cast.miner.hotkey);
    },
  },
  {
    act: "neurons",
    run: async (sdk) => {
      const found = await read(sdk, "neurons_lite", { netuid: GENESIS_NETUID });
      checkHolds(found, sdk.stage.cast.validator.hotkey);
    },
  },
  {
    act: "stake added",
    needs: ["subnet started", "register"],
    run: async (sdk) => {
      const { hotkey, coldkey } = sdk.stage.cast.validator;
      const position = { hotkey, coldkey, netuid: CREATED_NETUID };
      const args = { hotkey_ss58: hotkey, netuid: CREATED_NETUID, amount: tao(500) };
      const grown = await growth(
        async () => principalOf(sdk.stage, position),
        async () => submit(sdk, "validator", { method: "add_stake", args }),
      );
      check(grown === 500n * TAO, `the position has ${grown} rao more`);
    },
  },
];

async function switchCommitReveal(sdk: SdkStage): Promise<void> {
  await sdk.stage.epoch(CREATED_NETUID);
  const call = "AdminUtils.sudo_set_commit_reveal_weights_enabled";
  await compose(sdk, "owner", { call, args: { netuid: CREATED_NETUID, enabled: true } });
  const item = "commitRevealWeightsEnabled";
  checkSame("commit-reveal", await sdk.stage.read("subtensorModule", item, CREATED_NETUID), true);
}

const WEIGHTS: readonly SdkAct[] = [
  {
    act: "weights set and paid",
    needs: ["stake added"],
    run: async (sdk) => {
      const { stage } = sdk;
      const netuid = CREATED_NETUID;
      const [validator, miner] = [
        await uidOf(stage, netuid, stage.cast.validator.hotkey),
        await uidOf(stage, netuid, stage.cast.guest.hotkey),
      ];
      // A permit comes with the second epoch: stake counts when it has lain for a whole one.
      await stage.epoch(netuid);
      await stage.epoch(netuid);
      const args = { netuid, uids: [miner], weights: [1], version_key: 0 };
      await submit(sdk, "validator", { method: "set_weights", args });
      checkSame("the weights", await weightsOf(stage, netuid, validator), [[miner, FULL]]);
      await stage.epoch(netuid);
      check((await emissionOf(stage, netuid, miner)) > 0n, "the miner was paid nothing");
    },
  },
  {
    act: "commit-reveal switched on",
    needs: ["subnet created by a raw call"],
    run: switchCommitReveal,
  },
  {
    act: "weights committed with a salt, revealed",
    needs: ["stake added", "commit-reveal switched on"],
    run: async (sdk) => {
      const hidden = await hiddenWeights(sdk.stage, 20_000);
      const { netuid, uids, values, salt } = hidden;
      const args = { netuid, uids, weights: values, salt, version_key: 0 };
      const waiting = { ...args, wait_for_inclusion: true };
      await submit(sdk, "validator", { method: "commit_weights", args: waiting });
      await sdk.stage.epoch(netuid);
      await submit(sdk, "validator", { method: "reveal_weights", args: waiting });
      await checkStored(sdk.stage, hidden);
    },
  },
  OWN.paid,
  {
    act: "weights sealed by set_weights, stored",
    needs: ["stake added", "commit-reveal switched on"],
    run: async (sdk) => {
      const { netuid, uids } = await hiddenWeights(sdk.stage, FULL);
      const args = { netuid, uids, weights: [1, 1], version_key: 0, block_time: 1 };
      await submit(sdk, "validator", { method: "set_weights", args });
      const found = await read(sdk, "get_timelocked_weight_commits", { netuid });
      checkHolds(found, sdk.stage.cast.validator.hotkey);
    },
  },
  {
    act: "weights sealed for a recorded pulse, revealed",
    needs: ["stake added", "commit-reveal switched on"],
    run: async (sdk) => {
      const { stage } = sdk;
      const hidden = await hiddenWeights(stage, 30_000);
      const { netuid } = hidden;
      const payload = sealedPayload(stage, hidden);
      const answer = await sdk.ask("sealed", { payload, round: PULSE.round });
      const { commit } = sealedSchema.parse(answer);
      const call = "SubtensorModule.commit_timelocked_mechanism_weights";
      const sealed = { commit: `0x${commit}`, reveal_round: PULSE.round, commit_reveal_version: 4 };
      const args = { netuid, mecid: 0, ...sealed };
      await compose(sdk, "validator", { call, args, by: "hotkey" });
      await stage.pulse(PULSE);
      await stage.epoch(netuid);
      await stage.epoch(netuid);
      await checkStored(stage, hidden);
    },
  },
];

/** In their order. */
export const SDK_10_LIFE: readonly SdkAct[] = [...ACCOUNTS, ...LIFE, ...WEIGHTS, OWN.unstaked];
