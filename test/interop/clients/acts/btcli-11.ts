/** @file What btcli 11.3.0 does: every group of its commands that a miner, a validator or an owner has a use for. */
import {
  check,
  checkHolds,
  checkReadable,
  checkSame,
  emissionOf,
  growth,
  principalOf,
  uidOf,
  weightsOf,
} from "../checks.ts";
import { CREATED_NETUID, GENESIS_NETUID } from "../stage.ts";
import { checkPaid, type CliAct, type CliStage } from "./btcli-words.ts";

const TAO = 1_000_000_000n;
const FULL = 65_535;
const PARAMETER = "immunity_period";
/** Of most commands. */
const NETUID = ["--netuid", GENESIS_NETUID] as const;

const ACCOUNTS: readonly CliAct[] = [
  {
    act: "wallet created, read by ours",
    run: async ({ stage, run }) => {
      await run("theirs", "wallet", "create", "--no-password");
      await checkReadable(stage, "theirs");
    },
  },
  {
    act: "wallet of ours read",
    run: async ({ stage, run }) =>
      checkHolds(await run("guest", "wallet", "list"), stage.cast.guest.coldkey),
  },
  {
    act: "balance",
    run: async ({ stage, run }) =>
      checkHolds(await run("friend", "wallet", "balance"), stage.cast.friend.coldkey),
  },
  {
    act: "wallet overview",
    run: async ({ run }) => {
      await run("validator", "wallet", "overview");
    },
  },
  {
    act: "transfer",
    run: async (cli) => {
      const to = cli.stage.cast.friend.coldkey;
      const words = ["wallet", "transfer", "--dest", to, "--amount", 3];
      await checkPaid(cli.stage, to, { tao: 3n, action: async () => cli.run("guest", ...words) });
    },
  },
  {
    act: "batch",
    run: async (cli) => {
      const to = cli.stage.cast.miner.coldkey;
      const one = { op: "transfer", dest_ss58: to, amount_tao: 1 };
      const words = ["tx", "batch", "--intents", JSON.stringify([one, one])];
      await checkPaid(cli.stage, to, { tao: 2n, action: async () => cli.run("guest", ...words) });
    },
  },
  {
    act: "identity set and read",
    run: async ({ stage, run }) => {
      await run("miner", "wallet", "set-identity", "--name", "a miner");
      const { coldkey } = stage.cast.miner;
      checkHolds(await run("miner", "wallet", "get-identity", "--coldkey", coldkey), "a miner");
    },
  },
  {
    act: "proxy added and read",
    run: async ({ stage, run }) => {
      const delegate = stage.cast.friend.coldkey;
      const words = ["--delegate", delegate, "--proxy-type", "Transfer"];
      await run("guest", "proxy", "add", ...words);
      checkHolds(await run("guest", "proxy", "list"), delegate);
    },
  },
  {
    act: "proxy used",
    needs: ["proxy added and read"],
    run: async (cli) => {
      const { miner, guest } = cli.stage.cast;
      const words = ["wallet", "transfer", "--dest", miner.coldkey, "--amount", 2];
      const action = async (): Promise<unknown> =>
        cli.run("friend", ...words, "--proxy-for", guest.coldkey);
      await checkPaid(cli.stage, miner.coldkey, { tao: 2n, action });
    },
  },
  {
    act: "proxy removed",
    needs: ["proxy added and read"],
    run: async ({ stage, run }) => {
      const delegate = stage.cast.friend.coldkey;
      await run("guest", "proxy", "remove", "--delegate", delegate, "--proxy-type", "Transfer");
      const left = JSON.stringify(await stage.read("proxy", "proxies", stage.cast.guest.coldkey));
      check(!left.includes(delegate), `there is still ${left}`);
    },
  },
];

const SUBNETS: readonly CliAct[] = [
  {
    act: "subnet price",
    run: async ({ run }) => {
      await run("owner", "subnets", "create-cost");
    },
  },
  {
    act: "subnet created",
    run: async ({ stage, run }) => {
      await run("owner", "subnets", "create");
      const owner = await stage.read("subtensorModule", "subnetOwner", CREATED_NETUID);
      checkSame("its owner", owner, stage.cast.owner.coldkey);
    },
  },
  {
    act: "subnet started",
    needs: ["subnet created"],
    run: async ({ stage, run }) => {
      await run("owner", "hparams", "start", "--netuid", CREATED_NETUID);
      const item = "firstEmissionBlockNumber";
      check((await stage.number("subtensorModule", item, CREATED_NETUID)) > 0n, "it has not begun");
    },
  },
  {
    act: "subnets list",
    run: async ({ run }) => {
      const all = await run("guest", "subnets", "list");
      checkHolds(all, `"netuid":${GENESIS_NETUID}`);
    },
  },
  {
    act: "subnets show",
    run: async ({ stage, run }) =>
      checkHolds(await run("guest", "subnets", "show", GENESIS_NETUID), stage.cast.owner.coldkey),
  },
  {
    act: "metagraph",
    run: async ({ stage, run }) =>
      checkHolds(
        await run("guest", "subnets", "metagraph", GENESIS_NETUID),
        stage.cast.miner.hotkey,
      ),
  },
  {
    act: "register shielded",
    run: async ({ stage, run }) => {
      await run("guest", "subnets", "register", ...NETUID);
      await uidOf(stage, GENESIS_NETUID, stage.cast.guest.hotkey);
    },
  },
  {
    act: "register with a limit by a raw call",
    run: async ({ stage, run }) => {
      const { hotkey } = stage.cast.friend;
      const args = { netuid: GENESIS_NETUID, hotkey, limit_price: 2_000_000_000 };
      const words = ["call", "SubtensorModule.register_limit", "--args", JSON.stringify(args)];
      await run("friend", ...words);
      await uidOf(stage, GENESIS_NETUID, hotkey);
    },
  },
  {
    act: "register on root",
    run: async ({ stage, run }) => {
      await run("validator", "root", "register");
      await uidOf(stage, 0, stage.cast.validator.hotkey);
    },
  },
  {
    act: "axon served",
    run: async ({ stage, run }) => {
      const words = [...NETUID, "--ip", "203.0.113.7", "--port", 8091];
      await run("miner", "misc", "axon", "set", ...words);
      const axon = await stage.read(
        "subtensorModule",
        "axons",
        GENESIS_NETUID,
        stage.cast.miner.hotkey,
      );
      checkHolds(axon, "8091");
    },
  },
  {
    act: "weights set and paid",
    run: async ({ stage, run }) => {
      const [validator, miner] = [
        await uidOf(stage, GENESIS_NETUID, stage.cast.validator.hotkey),
        await uidOf(stage, GENESIS_NETUID, stage.cast.miner.hotkey),
      ];
      const words = [...NETUID, "--uids", miner, "--weights", "1.0"];
      await run("validator", "misc", "weights", "set", ...words);
      checkSame("the weights", await weightsOf(stage, GENESIS_NETUID, validator), [[miner, FULL]]);
      await stage.epoch(GENESIS_NETUID);
      check((await emissionOf(stage, GENESIS_NETUID, miner)) > 0n, "the miner was paid nothing");
    },
  },
  {
    act: "hyperparameters read",
    run: async ({ run }) => checkHolds(await run("guest", "hparams", "get", ...NETUID), PARAMETER),
  },
  {
    act: "hyperparameter set",
    run: async ({ stage, run }) => {
      await stage.epoch(GENESIS_NETUID);
      await run("owner", "hparams", "set", ...NETUID, "--name", PARAMETER, "--value", 4321);
      const seen = await stage.read("subtensorModule", "immunityPeriod", GENESIS_NETUID);
      checkSame("the immunity period", seen, 4321);
    },
  },
  {
    act: "subnet identity set and read",
    run: async ({ run }) => {
      await run("owner", "hparams", "set-identity", ...NETUID, "--name", "ours");
      checkHolds(await run("guest", "hparams", "get-identity", GENESIS_NETUID), "ours");
    },
  },
  {
    act: "symbol set",
    needs: ["subnet created"],
    run: async ({ stage, run }) => {
      await run("owner", "hparams", "set-symbol", "--netuid", CREATED_NETUID, "--symbol", "γ");
      const seen = await stage.read("subtensorModule", "tokenSymbol", CREATED_NETUID);
      checkSame("the symbol", seen, `0x${Buffer.from("γ").toString("hex")}`);
    },
  },
  {
    act: "commitment set, read, all",
    run: async ({ stage, run }) => {
      const fields = [{ Raw5: `0x${Buffer.from("hello").toString("hex")}` }];
      const args = JSON.stringify({ netuid: GENESIS_NETUID, info: { fields } });
      const words = ["call", "Commitments.set_commitment", "--args", args, "--key", "hotkey"];
      await run("miner", ...words);
      const { hotkey } = stage.cast.miner;
      checkHolds(await run("miner", "query", "commitment", ...NETUID, "--hotkey", hotkey), "hello");
      checkHolds(await run("miner", "query", "commitments", ...NETUID), hotkey);
    },
  },
];

async function moved(
  { stage, run }: CliStage,
  ...words: readonly (string | number)[]
): Promise<bigint> {
  const { hotkey } = stage.cast.validator;
  const { coldkey } = stage.cast.guest;
  return growth(
    async () => principalOf(stage, { hotkey, coldkey, netuid: GENESIS_NETUID }),
    async () => run("guest", "stake", ...words),
  );
}

const STAKE: readonly CliAct[] = [
  {
    act: "stake added",
    run: async (cli) => {
      const { hotkey } = cli.stage.cast.validator;
      const grown = await moved(cli, "add", "--hotkey", hotkey, ...NETUID, "--amount", 100);
      check(grown === 100n * TAO, `the position has ${grown} rao more`);
    },
  },
  {
    act: "stake list",
    run: async ({ stage, run }) =>
      checkHolds(await run("validator", "stake", "list"), stage.cast.validator.hotkey),
  },
  {
    act: "stake moved to another hotkey",
    needs: ["stake added"],
    run: async (cli) => {
      const { validator, miner } = cli.stage.cast;
      const hotkeys = ["--origin-hotkey", validator.hotkey, "--dest-hotkey", miner.hotkey];
      const grown = await moved(cli, "move", ...hotkeys, ...NETUID, "--amount", 10);
      check(grown === -10n * TAO, `the position has ${grown} rao more`);
    },
  },
  {
    act: "stake swapped to another subnet",
    needs: ["stake added", "subnet started"],
    run: async (cli) => {
      const between = ["--origin-netuid", GENESIS_NETUID, "--dest-netuid", CREATED_NETUID];
      const { hotkey } = cli.stage.cast.validator;
      const grown = await moved(cli, "swap", "--hotkey", hotkey, ...between, "--amount", 10);
      check(grown === -10n * TAO, `the position has ${grown} rao more`);
    },
  },
  {
    act: "stake removed",
    needs: ["stake added"],
    run: async (cli) => {
      const { hotkey } = cli.stage.cast.validator;
      const grown = await moved(cli, "remove", "--hotkey", hotkey, ...NETUID, "--amount", 20);
      check(grown === -20n * TAO, `the position has ${grown} rao more`);
    },
  },
  {
    act: "all unstaked",
    needs: ["stake added"],
    run: async (cli) => {
      const { hotkey } = cli.stage.cast.validator;
      const grown = await moved(cli, "unstake-all", "--hotkey", hotkey);
      check(grown < 0n, `the position has ${grown} rao more`);
    },
  },
  {
    act: "children set and read",
    run: async ({ stage, run }) => {
      const children = JSON.stringify([[0.5, stage.cast.miner.hotkey]]);
      await run("validator", "stake", "child", "set", ...NETUID, "--children", children);
      await run("validator", "stake", "child", "get", ...NETUID);
      const { hotkey } = stage.cast.validator;
      // They count from a later block on.
      const item = "pendingChildKeys";
      const pending = await stage.read("subtensorModule", item, GENESIS_NETUID, hotkey);
      checkHolds(pending, stage.cast.miner.hotkey);
    },
  },
  {
    act: "childkey take set",
    run: async ({ stage, run }) => {
      await run("miner", "stake", "child", "take", ...NETUID, "--take", 1000);
      const { hotkey } = stage.cast.miner;
      const seen = await stage.read("subtensorModule", "childkeyTake", hotkey, GENESIS_NETUID);
      checkSame("the take", seen, 1000);
    },
  },
  {
    act: "delegates and their take",
    run: async ({ stage, run }) => {
      await run("validator", "hparams", "set-take", "--take", 5000);
      const { hotkey } = stage.cast.validator;
      checkHolds(await run("validator", "query", "delegates"), hotkey);
      checkSame("the take", await stage.read("subtensorModule", "delegates", hotkey), 5000);
    },
  },
  {
    act: "root claim by a raw call",
    run: async ({ run }) => {
      const args = JSON.stringify({ subnets: [GENESIS_NETUID] });
      await run("validator", "call", "SubtensorModule.claim_root", "--args", args);
    },
  },
  {
    act: "root claim",
    run: async ({ run }) => {
      await run("validator", "tx", "claim-root", "--subnets", JSON.stringify([GENESIS_NETUID]));
    },
  },
];

/** In their order. */
export const BTCLI_11: readonly CliAct[] = [...ACCOUNTS, ...SUBNETS, ...STAKE];
