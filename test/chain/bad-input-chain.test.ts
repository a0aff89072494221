/**
 * @file Bad input that a running chain shows: another chain, a subnet, a hotkey or funds that are not there, addresses that
 * cannot be served on, a second process in the same place. One screen each, with a next command that runs as printed.
 */
import { strict as assert } from "node:assert";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createWallet } from "../../chain/wallet/wallet.ts";
import { ChainProcess } from "../support/chain-process.ts";
import { Invocations } from "../support/invocations.ts";
import { portOf } from "../support/ports.ts";

const all = new Invocations();
const { home, wallets } = all;
let chain: ChainProcess;
let endpoint = "";

const common = (wallet: string, ...more: readonly string[]): readonly string[] => [
  "--wallet",
  wallet,
  "--endpoint",
  endpoint,
  ...more,
];

before(async () => {
  await createWallet({ folder: wallets, name: "stranger", hotkey: "default" });
  chain = await ChainProcess.open(all);
  ({ endpoint } = chain);
});
after(async () => {
  await chain?.stop();
  assert.deepEqual(all.processesLeft(), []);
  rmSync(home, { recursive: true });
});

for (const program of ["miner", "validator"] as const) {
  test(`${program}: another chain than the expected one`, async () => {
    const expected = `0x${"12".repeat(32)}`;
    const ended = await all.run(program, common("stranger", "--genesis", expected));
    const next = new RegExp(`--genesis ${chain.genesisHash}$`, "m");
    all.refuses(ended, "wrong-genesis", new RegExp(expected), next);
  });

  test(`${program}: a hotkey that is not registered gets the command that registers it, with its own flags`, async () => {
    const ended = await all.run(program, common("stranger", "--genesis", chain.genesisHash));
    const next = `run    npm run miner -- register --wallet stranger --endpoint ${endpoint} --genesis ${chain.genesisHash} --netuid 1\n`;
    all.refuses(ended, "not-registered");
    assert.ok(ended.screen.includes(next), ended.screen);
  });
}

test("a subnet that does not exist", async () => {
  for (const words of [[], ["register"]])
    all.refuses(
      await all.run("miner", [...words, ...common("stranger", "--netuid", "77")]),
      "subnet-missing",
      /Subnet 77/,
      /--netuid 1$/m,
    );
});

test("registering without funds names account and amounts, and sends nothing", async () => {
  const ended = await all.run("miner", ["register", ...common("stranger")]);
  all.refuses(
    ended,
    "not-enough-funds",
    /costs \d+\.\d{9} TAO, but 5\w{47} has 0\.0/,
    /at least/,
    /faucet .* && npm run miner -- register/,
  );
});

test("what needs funds or stake names the amounts, and the commands that get them", async () => {
  const poor = await all.run("miner", ["stake", "--amount", "99999999", ...common("validator-1")]);
  all.refuses(poor, "not-enough-funds", /costs 99999999\.\d{9} TAO/, /miner -- faucet .* && /);
  const more = await all.run("miner", ["unstake", "--amount", "9", ...common("miner-1")]);
  all.refuses(more, "not-enough-stake", /9\.0{9} alpha cannot.*has 0\.0{9} alpha/, /balance/);
  const unknown = await all.run("miner", ["why", ...common("validator-1")]);
  all.refuses(unknown, "run-not-published", /published no run/);
});

test("a validator without a permit goes on, and is told what it needs and the command that gets it", async () => {
  const registered = await all.run("miner", ["register", ...common("miner-1")]);
  assert.equal(registered.exitCode, 0, registered.screen);
  const args = common("miner-1", "--state", join(home, "no-permit"));
  const validator = all.start("validator", args);
  await validator.said(/waiting/, 20_000);
  const text = validator.out;
  const next = /^ {2}(npm run miner -- stake .*)$/m.exec(text)?.[1] ?? "";
  assert.match(text, /no validator permit: .* needs \d+\.\d{9} alpha/);
  assert.match(next, new RegExp(`--wallet miner-1 --endpoint ${endpoint} --amount \\d`));
  assert.equal(await all.stop(validator), 0);
  const [, ...words] = next.split(" -- ");
  const staked = await all.run("miner", words.join(" -- ").split(" "));
  assert.equal(staked.exitCode, 0, staked.screen);
  assert.match(staked.stdout, /enough stake for one/);
});

test("a chain that does not speak TLS gets the address that works", async () => {
  const secure = endpoint.replace("ws:", "wss:");
  const ended = await all.run("miner", ["--wallet", "stranger", "--endpoint", secure]);
  all.refuses(ended, "chain-unreachable", /does not speak TLS/);
  assert.ok(ended.screen.includes(`--endpoint ${endpoint}\n`), ended.screen);
});

describe("where a node serves", () => {
  test("a port that is taken names the axon's own flag", async () => {
    const other = createServer();
    const args = common("validator-1", "--axon-port", String(await portOf(other)));
    const ended = await all.run("validator", args);
    other.close();
    all.refuses(ended, "port-in-use", /with --axon-port/, /--axon-port 0$/m);
  });

  test("an address of another machine, and a name that nobody knows", async () => {
    const foreign = await all.run("validator", common("validator-1", "--axon-host", "192.0.2.1"));
    all.refuses(foreign, "address-foreign", /192\.0\.2\.1 is not an address of this machine/);
    const unknown = ["--axon-host", "no-such-host.invalid"];
    const ended = await all.run("validator", common("validator-1", ...unknown));
    all.refuses(ended, "host-unknown", /no address is known/, /--axon-host 127\.0\.0\.1$/m);
  });
});

describe("two in one place", () => {
  test("a second node of a hotkey on one state folder is refused while the first lives", async () => {
    const args = common("validator-1", "--state", join(home, "shared"));
    const first = all.start("validator", args);
    await first.said(/waiting/, 20_000);
    all.refuses(
      await all.run("validator", args),
      "state-in-use",
      /Process \d+ works in .*shared/,
      /--state \.\/assay-state$/m,
    );
    assert.equal(await all.stop(first), 0);
  });

  test("a second chain on one database", async () => {
    const args = ["chain", "--port", "0", "--database", chain.database];
    all.refuses(await all.run("subnet", args), "database-in-use", /--database .*\.sqlite\.2$/m);
  });
});
