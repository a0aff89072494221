/** @file Mistyped commands, flags, values and config files, given to the real commands: one screen that says what and where. */
import { strict as assert } from "node:assert";
import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { Invocations, table } from "../support/invocations.ts";

const all = new Invocations();
const { home } = all;
after(() => rmSync(home, { recursive: true }));

const config = (toml: string): readonly string[] => ["--config", all.file(toml)];

describe("commands and flags", () => {
  table(all, [
    ["subnet", [], "bad-option", [/needs the name of a command; there are .*localnet/, /--help/]],
    ["subnet", ["lokalnet"], "bad-option", [/nearest command: localnet/, /localnet --help/]],
    ["subnet", ["localnett"], "bad-option", [/nearest command: localnet/]],
    ["miner", ["walet"], "bad-option", [/no command walet; nearest command: wallet/]],
    ["miner", ["wallet", "lst"], "bad-option", [/nearest command: list/, /wallet list --help/]],
    ["miner", ["stray"], "bad-option", [/no command stray/]],
    ["validator", ["stray"], "bad-option", [/no command stray/]],
    ["miner", ["--netiud", "3"], "bad-option", [/no option --netiud; .*--netuid/]],
    ["validator", ["--walet", "x"], "bad-option", [/--wallet/]],
    ["subnet", ["chain", "--prot", "1"], "bad-option", [/--port/, /chain --help/]],
    ["miner", ["--wallet"], "bad-option", [/--wallet needs a value/]],
    ["miner", ["--wallet", "--netuid", "1"], "bad-option", [/--wallet needs a value/]],
  ]);

  test("help and printed options are no errors and start nothing", async () => {
    for (const args of [["--help"], ["wallet", "--help"], ["--print-config"], ["help"]]) {
      const { exitCode, screen, stdout } = await all.run("miner", args);
      assert.deepEqual({ exitCode, screen }, { exitCode: 0, screen: "" });
      assert.match(stdout, /wallet/);
    }
    assert.deepEqual(all.processesLeft(), []);
  });
});

describe("values", () => {
  table(all, [
    ["miner", ["--netuid", "many"], "bad-option", [/--netuid many must be a whole number/]],
    ["miner", ["--netuid", "-1"], "bad-option", [/--netuid -1 must be at least 1/]],
    ["miner", ["--netuid", "0"], "bad-option", [/--netuid 0 must be at least 1/]],
    ["miner", ["--netuid", "65536"], "bad-option", [/--netuid 65536 must be at most 65535/]],
    ["miner", ["--axon-port", "65536"], "bad-option", [/--axon-port 65536 must be at most/]],
    ["miner", ["stake", "--amount", "-1"], "bad-option", [/--amount -1 must be .*above 0/]],
    ["miner", ["stake", "--amount", "1.0000000001"], "bad-option", [/at most nine places/]],
    [
      "miner",
      ["stake", "--amount", "18446744073.709551616"],
      "bad-option",
      [/must be at most 18446744073\.709551615/],
    ],
    ["miner", ["stake"], "bad-option", [/--amount is missing/]],
    ["miner", ["transfer", "--amount", "1"], "bad-option", [/--to is missing/]],
    ["miner", ["unstake"], "bad-option", [/--amount or --all/, /unstake --all$/m]],
    ["miner", ["unstake", "--all", "--amount", "1"], "bad-option", [/--no-all --amount 1$/m]],
    ["miner", ["why", "yesterday"], "bad-option", [/<window> yesterday must be a whole/]],
    ["miner", ["--axon-external-ip", "example.org"], "bad-option", [/IPv4 or IPv6 address/]],
    ["validator", ["--axon.external_port", "0"], "bad-option", [/--axon-external-port 0 must/]],
    ["miner", ["--genesis", "0x12"], "bad-option", [/--genesis 0x12 must be .*64 hex digits/]],
    ["validator", ["--device", "abacus"], "bad-option", [/--device abacus must be one of .*cpu/]],
    ["subnet", ["chain", "--sealing", "sometimes"], "bad-option", [/--sealing .*manual/]],
    ["subnet", ["localnet", "--windows", "1"], "bad-option", [/--windows 1 must be at least 2/]],
    ["subnet", ["localnet", "--attack", "copy,steal"], "bad-option", [/--attack .*replay/]],
    ["subnet", ["localnet", "--json=maybe"], "bad-option", [/--json=maybe must be yes or no/]],
    [
      "subnet",
      ["localnet"],
      "bad-option",
      [/cause {2}ASSAY_WINDOWS=foo must be a whole number/],
      { environment: { ASSAY_WINDOWS: "foo" } },
    ],
  ]);

  test("--json=yes is what --json is", async () => {
    for (const word of ["--json", "--json=yes", "--json=true"]) {
      const { stdout } = await all.run("subnet", ["localnet", word, "--print-config"]);
      assert.match(stdout, /^json = true/m, word);
    }
  });
});

describe("config files", () => {
  table(all, [
    ["miner", () => config("wallet = 'w'\nnetuid = = 3\n"), "bad-option", [/line 2, column \d+/]],
    ["miner", () => config("netuid = nan\n"), "bad-option", [/:1: netuid = nan must be a whole/]],
    ["subnet", ["check", "--", "-x.toml"], "bad-option", [/run {4}.* init -- -x\.toml$/m]],
    ["miner", () => config("\nnetiud = 3\n"), "bad-option", [/file-\d+:2: .*"netiud"; .*netuid/]],
    [
      "miner",
      () => config("windows = 3\n"),
      "bad-option",
      [/file-\d+:1: "windows" is a key of localnet: put it below \[localnet\]/],
    ],
    [
      "miner",
      () => config("[localnett]\nwindows = 3\n"),
      "bad-option",
      [/file-\d+:1: unknown table \[localnett\]; nearest table: localnet/],
    ],
    [
      "subnet",
      () => ["localnet", ...config("[localnet]\nwindows = 'many'\n")],
      "bad-option",
      [/file-\d+:2: windows = "many" must be a whole number/],
    ],
    ["miner", ["--config", join(home, "none.toml")], "bad-option", [/none\.toml .*no such file/]],
    ["miner", ["--config", home], "bad-option", [/it is a folder, not a file/]],
  ]);

  test("a table of another command is no error", async () => {
    const args = [...config("[localnet]\nwindows = 3\n[miner]\nnetuid = 7\n"), "--print-config"];
    const { exitCode, stdout } = await all.run("miner", args);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^netuid = 7 {2}# .*file-\d+:4$/m);
  });

  test("a file that may not be read", async (t) => {
    if (!all.isUnprivileged) return t.skip("only root can read this checkout");
    const path = all.file("");
    chmodSync(path, 0);
    const ended = await all.run("miner", ["--config", path], { unprivileged: true });
    all.refuses(ended, "bad-option", /permission denied/);
  });
});
