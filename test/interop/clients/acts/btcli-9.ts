/** @file What btcli 9.23.2 does: every group of its commands that a miner, a validator or an owner has a use for. */
import {
  check,
  checkHolds,
  checkReadable,
  checkSame,
  growth,
  principalOf,
  uidOf,
} from "../checks.ts";
import { CREATED_NETUID, GENESIS_NETUID } from "../stage.ts";
import { type Cli9Act, type Cli9Stage, checkPaid, optionWords } from "./btcli-words.ts";

const TAO = 1_000_000_000n;
const NETUID = ["--netuid", GENESIS_NETUID] as const;
/** Without a shield. */
const OPEN = "--no-mev-protection";
const PARAMETER = "immunity_period";
/** What `subnets create` and `set-identity` would ask for one by one. */
const UNNAMED = optionWords({
  "github-repo": "https://github.com/example/r",
  "subnet-contact": "c@example.org",
  "subnet-url": "https://example.org",
  "discord-handle": "d",
  description: "e",
  "logo-url": "https://example.org/l.png",
  "additional-info": "f",
});

const ACCOUNTS: readonly Cli9Act[] = [
  {
    act: "wallet created, read by ours",
    run: async ({ stage, file }) => {
      await file("theirs", "wallet", "create", "--no-use-password", "--n-words", 12);
      await checkReadable(stage, "theirs");
    },
  },
  {
    act: "wallet of ours read",
    run: async ({ stage, files }) =>
      checkHolds(await files("wallet", "list"), stage.cast.guest.coldkey),
  },
  {
    act: "balance",
    run: async ({ stage, ask }) =>
      checkHolds(await ask("friend", "wallet", "balance"), stage.cast.friend.coldkey),
  },
  {
    act: "wallet overview",
    run: async ({ ask }) => {
      await ask("validator", "wallet", "overview");
    },
  },
  {
    act: "transfer",
    run: async (cli) => {
      const to = cli.stage.cast.friend.coldkey;
      const words = ["wallet", "transfer", "--destination", to, "--amount", 3];
      await checkPaid(cli.stage, to, { tao: 3n, action: async () => cli.send("guest", ...words) });
    },
  },
  {
    act: "identity set and read",
    run: async ({ stage, send, ask }) => {
      const links = [
        "--web-url",
        "https://example.org",
        "--image-url",
        "https://example.org/l.png",
      ];
      const rest = ["--discord", "d", "--description", "e", "--additional", "f"];
      const words = ["--id-name", "a miner", ...links, ...rest, "--github", "example/r"];
      await send("miner", "wallet", "set-identity", ...words);
      const { coldkey } = stage.cast.miner;
      checkHolds(await ask("miner", "wallet", "get-identity", "--ss58", coldkey), "a miner");
    },
  },
  {
    act: "proxy added and read",
    run: async ({ stage, send }) => {
      const delegate = stage.cast.friend.coldkey;
      const words = ["--delegate", delegate, "--proxy-type", "Transfer", "--delay", 0];
      await send("guest", "proxy", "add", ...words);
      checkHolds(await stage.read("proxy", "proxies", stage.cast.guest.coldkey), delegate);
    },
  },
  {
    act: "proxy used",
    needs: ["proxy added and read"],
    run: async (cli) => {
      const { miner, guest } = cli.stage.cast;
      const words = ["wallet", "transfer", "--destination", miner.coldkey, "--amount", 2];
      const action = async (): Promise<unknown> =>
        cli.send("friend", ...words, "--proxy", guest.coldkey);
      await checkPaid(cli.stage, miner.coldkey, { tao: 2n, action });
    },
  },
  {
    act: "proxy removed",
    needs: ["proxy added and read"],
    run: async ({ stage, send }) => {
      const delegate = stage.cast.friend.coldkey;
      const words = ["--delegate", delegate, "--proxy-type", "Transfer", "--delay", 0];
      await send("guest", "proxy", "remove", ...words);
      const left = JSON.stringify(await stage.read("proxy", "proxies", stage.cast.guest.coldkey));
      check(!left.includes(delegate), `there is still ${left}`);
    },
  },
];

const SUBNETS: readonly Cli9Act[] = [
  {
    act: "subnet price",
    run: async ({ read }) => {
      await read("subnets", "burn-cost");
    },
  },
  {
    act: "subnet created",
    run: async ({ stage, send }) => {
      await send("owner", "subnets", "create", "--subnet-name", "x", ...UNNAMED, OPEN);
      const owner = await stage.read("subtensorModule", "subnetOwner", CREATED_NETUID);
      checkSame("its owner", owner, stage.cast.owner.coldkey);
    },
  },
  {
    act: "subnet started",
    needs: ["subnet created"],
    run: async ({ stage, tell }) => {
      await tell("owner", "subnets", "start", "--netuid", CREATED_NETUID);
      const item = "firstEmissionBlockNumber";
      check((await stage.number("subtensorModule", item, CREATED_NETUID)) > 0n, "it has not begun");
    },
  },
  {
    act: "subnets list",
    run: async ({ read }) =>
      checkHolds(await read("subnets", "list"), `"netuid":${GENESIS_NETUID}`),
  },
  {
    act: "subnets show",
    run: async ({ stage, look }) =>
      checkHolds(await look("subnets", "show", ...NETUID), stage.cast.miner.hotkey),
  },
  {
    act: "register with a limit",
    run: async ({ stage, send }) => {
      await send("guest", "subnets", "register", ...NETUID);
      await uidOf(stage, GENESIS_NETUID, stage.cast.guest.hotkey);
    },
  },
  {
    act: "register on root",
    run: async ({ stage, send }) => {
      await send("validator", "subnets", "register", "--netuid", 0);
      await uidOf(stage, 0, stage.cast.validator.hotkey);
    },
  },
  {
    act: "axon served",
    run: async ({ stage, tell }) => {
      const words = [...NETUID, "--ip", "203.0.113.7", "--port", 8091];
      // With JSON it would ask, and with questions it takes no JSON.
      await tell("miner", "axon", "set", ...words);
      const { hotkey } = stage.cast.miner;
      checkHolds(await stage.read("subtensorModule", "axons", GENESIS_NETUID, hotkey), "8091");
    },
  },
  {
    act: "hyperparameters read",
    run: async ({ read }) => checkHolds(await read("sudo", "get", ...NETUID), PARAMETER),
  },
  {
    act: "hyperparameter set",
    run: async ({ stage, send }) => {
      await stage.epoch(GENESIS_NETUID);
      await send("owner", "sudo", "set", ...NETUID, "--param", PARAMETER, "--value", 4321);
      const seen = await stage.read("subtensorModule", "immunityPeriod", GENESIS_NETUID);
      checkSame("the immunity period", seen, 4321);
    },
  },
  {
    act: "subnet identity set and read",
    run: async ({ send, read }) => {
      const words = ["--subnet-name", "ours", ...UNNAMED];
      await send("owner", "subnets", "set-identity", ...NETUID, ...words);
      checkHolds(await read("subnets", "get-identity", ...NETUID), "ours");
    },
  },
  {
    act: "symbol set",
    needs: ["subnet created"],
    run: async ({ stage, send }) => {
      await send("owner", "subnets", "set-symbol", "--netuid", CREATED_NETUID, "γ");
      const seen = await stage.read("subtensorModule", "tokenSymbol", CREATED_NETUID);
      checkSame("the symbol", seen, `0x${Buffer.from("γ").toString("hex")}`);
    },
  },
  {
    act: "mechanisms counted",
    run: async ({ read }) => {
      await read("subnets", "mechanisms", "count", ...NETUID);
    },
  },
];

async function moved(
  { stage, send }: Cli9Stage,
  ...words: readonly (string | number)[]
): Promise<bigint> {
  const { hotkey } = stage.cast.validator;
  const { coldkey } = stage.cast.guest;
  return growth(
    async () => principalOf(stage, { hotkey, coldkey, netuid: GENESIS_NETUID }),
    async () => send("guest", "stake", ...words, OPEN),
  );
}

const STAKE: readonly Cli9Act[] = [
  {
    act: "stake added",
    run: async (cli) => {
      const to = [
        "--include-hotkeys",
        cli.stage.cast.validator.hotkey,
        "--netuids",
        GENESIS_NETUID,
      ];
      const grown = await moved(cli, "add", ...to, "--amount", 100);
      check(grown === 100n * TAO, `the position has ${grown} rao more`);
    },
  },
  {
    act: "stake list",
    run: async ({ stage, send }) =>
      checkHolds(await send("validator", "stake", "list"), stage.cast.validator.hotkey),
  },
  {
    act: "stake moved to another hotkey",
    needs: ["stake added"],
    run: async (cli) => {
      const { validator, miner } = cli.stage.cast;
      const between = ["--from", validator.hotkey, "--to", miner.hotkey];
      const where = ["--origin-netuid", GENESIS_NETUID, "--dest-netuid", GENESIS_NETUID];
      const grown = await moved(cli, "move", ...between, ...where, "--amount", 10);
      check(grown === -10n * TAO, `the position has ${grown} rao more`);
    },
  },
  {
    act: "stake swapped to another subnet",
    needs: ["subnet started"],
    run: async ({ stage, send }) => {
      // Of the wallet's own hotkey: it takes no other.
      const { hotkey, coldkey } = stage.cast.validator;
      const where = ["--origin-netuid", GENESIS_NETUID, "--dest-netuid", CREATED_NETUID];
      const grown = await growth(
        async () => principalOf(stage, { hotkey, coldkey, netuid: GENESIS_NETUID }),
        async () => send("validator", "stake", "swap", ...where, "--amount", 10, OPEN),
      );
      check(grown === -10n * TAO, `the position has ${grown} rao more`);
    },
  },
  {
    act: "stake transferred",
    needs: ["stake added"],
    run: async (cli) => {
      const where = ["--origin-netuid", GENESIS_NETUID, "--dest-netuid", GENESIS_NETUID];
      const whose = ["--wallet-hotkey", cli.stage.cast.validator.hotkey];
      const to = ["--dest-ss58", cli.stage.cast.friend.coldkey];
      const grown = await moved(cli, "transfer", ...where, ...whose, ...to, "--amount", 10);
      check(grown === -10n * TAO, `the position has ${grown} rao more`);
    },
  },
  {
    act: "stake removed",
    needs: ["stake added"],
    run: async (cli) => {
      const from = ["--include-hotkeys", cli.stage.cast.validator.hotkey];
      const grown = await moved(cli, "remove", ...from, ...NETUID, "--amount", 20);
      check(grown === -20n * TAO, `the position has ${grown} rao more`);
    },
  },
  {
    act: "all unstaked",
    needs: ["stake added"],
    run: async (cli) => {
      const from = ["--hotkey-ss58-address", cli.stage.cast.validator.hotkey];
      const grown = await moved(cli, "remove", ...from, "--unstake-all");
      check(grown < 0n, `the position has ${grown} rao more`);
    },
  },
  {
    act: "children set and read",
    run: async ({ stage, send, ask }) => {
      const child = ["--children", stage.cast.miner.hotkey, "--proportions", 0.5];
      await send("validator", "stake", "child", "set", ...NETUID, ...child);
      await ask("validator", "stake", "child", "get", ...NETUID);
      const { hotkey } = stage.cast.validator;
      const pending = await stage.read(
        "subtensorModule",
        "pendingChildKeys",
        GENESIS_NETUID,
        hotkey,
      );
      checkHolds(pending, stage.cast.miner.hotkey);
    },
  },
  {
    act: "childkey take set",
    run: async ({ stage, send }) => {
      const { hotkey } = stage.cast.miner;
      const words = [...NETUID, "--take", 0.1, "--child-hotkey-ss58", hotkey];
      await send("miner", "stake", "child", "take", ...words);
      const seen = await stage.read("subtensorModule", "childkeyTake", hotkey, GENESIS_NETUID);
      check(typeof seen === "number" && seen > 6000 && seen < 7000, `it is ${String(seen)}`);
    },
  },
  {
    act: "delegates and their take",
    run: async ({ stage, ask }) => {
      await ask("validator", "sudo", "set-take", "--take", 0.08);
      const take = await stage.read("subtensorModule", "delegates", stage.cast.validator.hotkey);
      check(typeof take === "number" && take > 5000 && take < 5300, `it is ${String(take)}`);
    },
  },
  {
    act: "root claim",
    run: async ({ send }) => {
      await send("validator", "stake", "process-claim", "--netuids", GENESIS_NETUID);
    },
  },
];

/** In their order. */
export const BTCLI_9: readonly Cli9Act[] = [...ACCOUNTS, ...SUBNETS, ...STAKE];
