/** @file What SDK 11.3.0 does: a subnet from its creation to the unstaking of what it paid, and all reads and settings beside it. */
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
import { commitHash, hiddenWeights, PULSE, sealedPayload } from "../hidden-weights.ts";
import { CREATED_NETUID, GENESIS_NETUID } from "../stage.ts";
import { lifeActs } from "./life.ts";
import {
  BY_HOTKEY,
  execute,
  read,
  sealedSchema,
  type SdkAct,
  type SdkStage,
  submit,
} from "./sdk-11-words.ts";

const TAO = 1_000_000_000n;
/** The first whole share: a u16. */
const FULL = 65_535;

const WALLETS: readonly SdkAct[] = [
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
      const seen = await read(sdk, "balance", { coldkey_ss58: coldkey });
      checkSame("the balance", seen, Number(await sdk.stage.free(coldkey)));
    },
  },
  {
    act: "transfer",
    run: async (sdk) => {
      const { coldkey } = sdk.stage.cast.friend;
      const grown = await growth(
        async () => sdk.stage.free(coldkey),
        async () =>
          execute(sdk, "guest", {
            intent: "Transfer",
            args: { dest_ss58: coldkey, amount_tao: 3 },
          }),
      );
      check(grown === 3n * TAO, `the friend has ${grown} rao more`);
    },
  },
  {
    act: "batch",
    run: async (sdk) => {
      const { friend, miner } = sdk.stage.cast;
      const intents = [friend, miner].map(({ coldkey }) => ({
        op: "transfer",
        dest_ss58: coldkey,
        amount_tao: 1,
      }));
      const grown = await growth(
        async () => sdk.stage.free(miner.coldkey),
        async () => sdk.ask("batch", { wallet: "guest", intents }),
      );
      check(grown === TAO, `the second of the batch has ${grown} rao more`);
    },
  },
];

const OWN = lifeActs(
  {
    serve: (sdk, wallet, args) => execute(sdk, wallet, { intent: "ServeAxon", args }),
    transfer: (sdk, wallet, { address, amount }) =>
      execute(sdk, wallet, {
        intent: "Transfer",
        args: { dest_ss58: address, amount_tao: amount },
      }),
    unstake: (sdk, wallet, { hotkey, netuid, amount }) =>
      execute(sdk, wallet, {
        intent: "RemoveStake",
        args: { hotkey_ss58: hotkey, netuid, amount_alpha: amount },
      }),
  },
  {
    created: "subnet created",
    registered: "register by a raw call",
    revealed: "weights committed with a salt, revealed",
  },
);

const LIFE: readonly SdkAct[] = [
  {
    act: "subnet price",
    run: async (sdk) => {
      const cost = await read(sdk, "subnet_registration_cost");
      check(typeof cost === "number" && cost > 0, `it costs ${JSON.stringify(cost)}`);
    },
  },
  {
    act: "subnet created",
    run: async (sdk) => {
      await execute(sdk, "owner", { intent: "RegisterSubnet", args: {} });
      const owner = await sdk.stage.read("subtensorModule", "subnetOwner", CREATED_NETUID);
      checkSame("its owner", owner, sdk.stage.cast.owner.coldkey);
    },
  },
  {
    act: "subnets list",
    run: async (sdk) => {
      const all = await read(sdk, "subnets");
      check(Array.isArray(all) && all.length >= 1, `it lists ${JSON.stringify(all)}`);
    },
  },
  {
    act: "subnet started",
    needs: ["subnet created"],
    run: async (sdk) => {
      await execute(sdk, "owner", { intent: "StartCall", args: { netuid: CREATED_NETUID } });
      const first = await sdk.stage.number(
        "subtensorModule",
        "firstEmissionBlockNumber",
        CREATED_NETUID,
      );
      check(first > 0n, "it has no first block of emission");
    },
  },
  {
    act: "register by a raw call",
    needs: ["subnet created"],
    run: async (sdk) => {
      for (const name of ["validator", "guest"] as const) {
        const { hotkey } = sdk.stage.cast[name];
        const args = { netuid: CREATED_NETUID, hotkey };
        await submit(sdk, name, { call: "SubtensorModule.burned_register", args });
        await uidOf(sdk.stage, CREATED_NETUID, hotkey);
      }
    },
  },
  OWN.served,
  {
    act: "register shielded",
    run: async (sdk) => {
      await execute(sdk, "friend", { intent: "BurnedRegister", args: { netuid: GENESIS_NETUID } });
      await uidOf(sdk.stage, GENESIS_NETUID, sdk.stage.cast.friend.hotkey);
    },
  },
  {
    act: "register on root",
    run: async (sdk) => {
      await execute(sdk, "validator", { intent: "RootRegister", args: {} });
      await uidOf(sdk.stage, 0, sdk.stage.cast.validator.hotkey);
    },
  },
  {
    act: "axon served",
    run: async (sdk) => {
      const args = { netuid: GENESIS_NETUID, ip: "203.0.113.7", port: 8091 };
      await execute(sdk, "miner", { intent: "ServeAxon", args });
      const { hotkey } = sdk.stage.cast.miner;
      const axon = await sdk.stage.read("subtensorModule", "axons", GENESIS_NETUID, hotkey);
      checkHolds(axon, "8091");
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
    act: "neurons",
    run: async (sdk) => {
      const found = await read(sdk, "neurons", { netuid: GENESIS_NETUID });
      checkHolds(found, sdk.stage.cast.validator.hotkey);
    },
  },
  {
    act: "stake added",
    needs: ["subnet started", "register by a raw call"],
    run: async (sdk) => {
      const { hotkey, coldkey } = sdk.stage.cast.validator;
      const position = { hotkey, coldkey, netuid: CREATED_NETUID };
      const args = { hotkey_ss58: hotkey, netuid: CREATED_NETUID, amount_tao: 500 };
      const grown = await growth(
        async () => principalOf(sdk.stage, position),
        async () => execute(sdk, "validator", { intent: "AddStake", args }),
      );
      check(grown === 500n * TAO, `the position has ${grown} rao more`);
    },
  },
  {
    act: "stake list",
    run: async (sdk) => {
      const { coldkey, hotkey } = sdk.stage.cast.validator;
      const found = await read(sdk, "stake_for_coldkey", { coldkey_ss58: coldkey });
      checkHolds(found, hotkey);
    },
  },
  {
    act: "stake availability",
    run: async (sdk) => {
      const args = { coldkey_ss58: sdk.stage.cast.validator.coldkey, netuid: GENESIS_NETUID };
      checkHolds(await read(sdk, "stake_availability", args), "available");
    },
  },
];

async function commitReveal(sdk: SdkStage, isOn: boolean): Promise<void> {
  await sdk.stage.epoch(CREATED_NETUID);
  const args = {
    netuid: CREATED_NETUID,
    name: "commit_reveal_weights_enabled",
    value: isOn ? 1 : 0,
  };
  await execute(sdk, "owner", { intent: "SetHyperparameter", args });
  const seen = await sdk.stage.read(
    "subtensorModule",
    "commitRevealWeightsEnabled",
    CREATED_NETUID,
  );
  checkSame("commit-reveal", seen, isOn);
}

const WEIGHTS: readonly SdkAct[] = [
  {
    act: "weights set and paid",
    needs: ["stake added"],
    run: async (sdk) => {
      const { stage } = sdk;
      const [validator, miner] = [
        await uidOf(stage, CREATED_NETUID, stage.cast.validator.hotkey),
        await uidOf(stage, CREATED_NETUID, stage.cast.guest.hotkey),
      ];
      // A permit comes with the second epoch: stake counts when it has lain for a whole one.
      await stage.epoch(CREATED_NETUID);
      await stage.epoch(CREATED_NETUID);
      const args = { netuid: CREATED_NETUID, uids: [miner], weights: [1] };
      await execute(sdk, "validator", { intent: "SetWeights", args });
      checkSame("the weights", await weightsOf(stage, CREATED_NETUID, validator), [[miner, FULL]]);
      await stage.epoch(CREATED_NETUID);
      const paid = await emissionOf(stage, CREATED_NETUID, miner);
      check(paid > 0n, "the miner was paid nothing");
    },
  },
  {
    act: "commit-reveal switched on",
    needs: ["subnet created"],
    run: async (sdk) => commitReveal(sdk, true),
  },
  {
    act: "weights committed with a salt, revealed",
    needs: ["stake added", "commit-reveal switched on"],
    run: async (sdk) => {
      const { stage } = sdk;
      const hidden = await hiddenWeights(sdk.stage, 20_000);
      const { netuid, uids, values, salt } = hidden;
      const commit = { netuid, commit_hash: commitHash(stage, hidden) };
      await submit(sdk, "validator", {
        call: "SubtensorModule.commit_weights",
        args: commit,
        more: BY_HOTKEY,
      });
      await stage.epoch(netuid);
      const reveal = { netuid, uids, values, salt, version_key: 0 };
      await submit(sdk, "validator", {
        call: "SubtensorModule.reveal_weights",
        args: reveal,
        more: BY_HOTKEY,
      });
      await checkStored(sdk.stage, hidden);
    },
  },
  OWN.paid,
  {
    act: "weights sealed by SetWeights, stored",
    needs: ["stake added", "commit-reveal switched on"],
    run: async (sdk) => {
      const { netuid, uids } = await hiddenWeights(sdk.stage, FULL);
      await execute(sdk, "validator", {
        intent: "SetWeights",
        args: { netuid, uids, weights: [1, 1] },
      });
      const found = await read(sdk, "timelocked_weight_commits", { netuid });
      checkHolds(found, sdk.stage.cast.validator.hotkey);
    },
  },
  {
    act: "weights sealed for a recorded pulse, revealed",
    needs: ["stake added", "commit-reveal switched on"],
    run: async (sdk) => {
      const { stage } = sdk;
      const hidden = await hiddenWeights(sdk.stage, 30_000);
      const { netuid } = hidden;
      const payload = sealedPayload(stage, hidden);
      const { commit } = sealedSchema.parse(
        await sdk.ask("sealed", { payload, round: PULSE.round }),
      );
      const call = "SubtensorModule.commit_timelocked_mechanism_weights";
      const args = { netuid, mecid: 0, commit: `0x${commit}`, reveal_round: PULSE.round };
      await submit(sdk, "validator", {
        call,
        args: { ...args, commit_reveal_version: 4 },
        more: BY_HOTKEY,
      });
      await stage.pulse(PULSE);
      await stage.epoch(netuid);
      await stage.epoch(netuid);
      await checkStored(sdk.stage, hidden);
    },
  },
];

/** In their order. */
export const SDK_11_LIFE: readonly SdkAct[] = [...WALLETS, ...LIFE, ...WEIGHTS, OWN.unstaked];
