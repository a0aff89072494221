/**
 * @file What commands that pay say when no block comes or the chain goes away, and what commands around money and chains
 * refuse: nothing is advised that would be paid twice, that puts a good file aside, or that fails the same way again.
 */
import { strict as assert } from "node:assert";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ChainProcess } from "../support/chain-process.ts";
import { Invocations } from "../support/invocations.ts";

const all = new Invocations();
const { home } = all;
let chain: ChainProcess;

const paying = (wallet: string, ...words: readonly string[]): readonly string[] => [
  ...words,
  "--wallet",
  wallet,
  "--endpoint",
  chain.endpoint,
];

before(async () => {
  chain = await ChainProcess.open(all, "manual");
});
after(async () => {
  await chain?.stop();
  assert.deepEqual(all.processesLeft(), []);
  rmSync(home, { recursive: true });
});

test("without a block, who pays is told that it is sent; Ctrl-C and a lost chain name it, and a command that reads", async () => {
  const transfer = ["transfer", "--to", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"];
  const first = all.start("miner", paying("miner-1", ...transfer, "--amount", "1", "--yes"));
  const second = all.start("miner", paying("miner-1", "faucet", "--amount", "1"));
  const [, hash = ""] = await first.said(/^sent as (0x[0-9a-f]{64}), waiting for a block/m, 20_000);
  await all.stop(first, "SIGINT");
  const look = `npm run miner -- balance --wallet miner-1 --endpoint ${chain.endpoint}`;
  assert.match(first.out, new RegExp(`${hash} was sent and may still be taken, until block \\d+`));
  assert.ok(first.out.includes(`  ${look}\n`), first.out);
  assert.doesNotMatch(first.out, /transfer/);

  await second.said(/^sent as 0x/m, 20_000);
  await chain.stop("SIGKILL");
  await second.said(/lost the chain at .*; waiting up to 120 s for it; 0x\w+ may have been/, 5000);
  await second.said(/still no chain: Nothing listens/, 5000);
  await all.stop(second, "SIGINT");
  assert.match(second.out, /was sent and may still be taken/);
  await chain.start();
});

test("amounts that the chain would refuse for ever are refused before anything is sent, with those that it takes", async () => {
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [
      ["transfer", "--amount", "0.000000001", "--to", `0x${"77".repeat(32)}`, "--yes"],
      /must be at least 0\.0\d+ TAO: \w+ has 0\.0{9} TAO, and the chain keeps no account with less/,
    ],
    [["faucet", "--amount", "18446744073"], /must be at most \d+\.\d{9} TAO: \/\/Alice, who gives/],
    [
      ["unstake", "--amount", "0.000000001"],
      /must be at least 0\.002000000 alpha: .* only with --all, which is [1-9]/,
    ],
  ];
  for (const [words, cause] of rows)
    all.refuses(await all.run("miner", paying("validator-1", ...words)), "bad-option", cause);
});

test("wallets of what is no folder are no empty list", async () => {
  const args = ["wallet", "list", "--wallet-folder"];
  const ended = await all.run("miner", [...args, all.file("no folder")]);
  all.refuses(ended, "file-refused", /is a file, not a folder/);
  const none = await all.run("miner", [...args, join(home, "absent")]);
  assert.equal(none.exitCode, 0, none.screen);
  assert.match(none.stdout, /no wallet in/);
});

test("a chain that was begun otherwise is refused with the value it was begun with, and never put aside", async () => {
  const database = join(home, "begun.sqlite");
  const words = ["chain", "--port", "0", "--database", database];
  const begun = all.start("subnet", [...words, "--sealing", "400"]);
  const [, endpoint = ""] = await begun.said(/JSON-RPC on (\S+),/, 20_000);
  const nowhere = ["status", "--wallet", "miner-1", "--endpoint", endpoint];
  const ended = await all.run("miner", nowhere);
  all.refuses(
    ended,
    "subnet-missing",
    /which has none/,
    /run {4}npm run subnet -- create --help$/m,
  );
  await all.stop(begun);
  const other = await all.run("subnet", [...words, "--sealing", "401"]);
  all.refuses(other, "database-foreign", /blocks of 400 ms, not of 401/, /--sealing 400$/m);
  const alice = ["5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY", 1_000_000_000];
  const genesis = all.file(JSON.stringify({ balances: { balances: [alice] } }));
  const more = ["--sealing", "400", "--genesis", genesis];
  const third = await all.run("subnet", [...words, ...more]);
  all.refuses(third, "database-foreign", /--genesis, --subnet/, /begun\.sqlite\.2 /);
  for (const { screen } of [other, third]) assert.doesNotMatch(screen, /damaged|\bmv\b/);

  const twice = all.file(JSON.stringify({ balances: { balances: [alice, alice] } }));
  all.refuses(
    await all.run("subnet", ["chain", "--port", "0", "--genesis", twice]),
    "genesis-invalid",
    new RegExp(
      `The genesis with --genesis ${twice} was refused: duplicate balances in genesis\\.\n`,
    ),
  );
});

test("a device is no database, and an address in brackets is a host", async () => {
  const device = ["chain", "--port", "0", "--database", "/dev/full"];
  if (process.platform === "linux")
    all.refuses(await all.run("subnet", device), "database-refused", /not a regular file/);
  const host = ["chain", "--host", "[::1]", "--print-config"];
  const { stdout, exitCode } = await all.run("subnet", host);
  assert.equal(exitCode, 0);
  assert.match(stdout, /^host = "::1"/m);
});

test("a password in an endpoint is shown nowhere, and printed commands leave the endpoint out", async () => {
  for (const words of [["balance"], []]) {
    const environment = { ASSAY_ENDPOINT: "ws://u:secret@127.0.0.1:1" };
    const ended = await all.run("miner", [...words, "--wallet", "miner-1"], { environment });
    const run = new RegExp(
      `^ {2}run {4}${["npm run miner --", ...words].join(" ")} --wallet miner-1$`,
      "m",
    );
    all.refuses(
      ended,
      "chain-unreachable",
      /Nothing listens at ws:\/\/\*\*\*@127\.0\.0\.1:1\./,
      run,
    );
    assert.doesNotMatch(ended.screen + ended.stdout, /secret/);
  }
});
