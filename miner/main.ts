#!/usr/bin/env node
/** @file The `miner` command: names what it can do and loads what that needs; `start.ts` opens, wires and runs. */
import { enableCompileCache } from "node:module";
import type { NextCommand } from "../base/fault.ts";
import { commandOf, type Told } from "../src/command/command.ts";
import { terminalOf } from "../src/command/confirm.ts";
import { type Program, runProgram } from "../src/command/router.ts";
import {
  balanceOptions,
  faucetOptions,
  registerOptions,
  stakeOptions,
  statusOptions,
  transferOptions,
  unstakeOptions,
  walletImportOptions,
  walletListOptions,
  walletOptions,
  whyOptions,
} from "./account/options.ts";
import type { AccountParts } from "./account/parts.ts";
import { benchOptions, planOptions } from "./machine/options.ts";
import { minerDoctorOptions, minerOptions } from "./options.ts";

enableCompileCache();

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Shows what a command did that made keys, and one that paid. */
const WALLETS: NextCommand = { ours: "miner wallet list", keep: ["walletFolder"] };
const BALANCE: NextCommand = {
  ours: "miner balance",
  keep: ["wallet", "walletFolder", "endpoint", "genesis"],
};

/** What the commands about money and standing work with. */
const partsOf = (told: Told): AccountParts => ({ ...told, print, terminal: terminalOf(process) });

// Imported inside the actions so that `miner --help` does not load the chain client (3 s) and the engine.
const commands = [
  commandOf(
    {
      name: "miner",
      description: "train assigned data, publish compressed updates, earn",
      schema: minerOptions,
      table: "miner",
      restart: "it goes on from its saved state",
    },
    async (options, told) => (await import("./start.ts")).startMiner(options, { ...told, print }),
  ),
  commandOf(
    {
      name: "miner wallet",
      description: "make a wallet with a coldkey and a hotkey",
      schema: walletOptions,
      table: "miner",
      look: WALLETS,
    },
    async (options) => (await import("./account/wallet.ts")).makeWallet(options, print),
  ),
  commandOf(
    {
      name: "miner wallet hotkey",
      description: "add a hotkey to a wallet",
      schema: walletOptions,
      table: "miner",
      look: WALLETS,
    },
    async (options) => (await import("./account/wallet.ts")).addHotkey(options, print),
  ),
  commandOf(
    {
      name: "miner wallet import",
      description:
        "write a key from its phrase or seed (asked for, or in ASSAY_MNEMONIC, ASSAY_SEED)",
      schema: walletImportOptions,
      table: "miner",
      look: WALLETS,
    },
    async (options) => (await import("./account/wallet.ts")).importKey(options, print),
  ),
  commandOf(
    {
      name: "miner wallet list",
      description: "the wallets of a folder and their addresses",
      schema: walletListOptions,
      table: "miner",
    },
    async (options) => (await import("./account/wallet.ts")).showWallets(options, print),
  ),
  commandOf(
    {
      name: "miner balance",
      description: "what the coldkey has, free and staked",
      schema: balanceOptions,
      table: "miner",
    },
    async (options, told) =>
      (await import("./account/balance.ts")).showBalance(options, partsOf(told)),
  ),
  commandOf(
    {
      name: "miner faucet",
      description: "take tokens on a development chain, where everybody may",
      schema: faucetOptions,
      table: "miner",
      look: BALANCE,
    },
    async (options, told) => (await import("./account/balance.ts")).faucet(options, partsOf(told)),
  ),
  commandOf(
    {
      name: "miner transfer",
      description: "send tokens of the coldkey",
      schema: transferOptions,
      table: "miner",
      look: BALANCE,
    },
    async (options, told) =>
      (await import("./account/balance.ts")).transfer(options, partsOf(told)),
  ),
  commandOf(
    {
      name: "miner register",
      description: "register the hotkey on a subnet (burns tokens)",
      schema: registerOptions,
      table: "miner",
      look: BALANCE,
    },
    async (options, told) =>
      (await import("./account/register.ts")).register(options, partsOf(told)),
  ),
  commandOf(
    {
      name: "miner stake",
      description: "stake tokens of the coldkey on the hotkey",
      schema: stakeOptions,
      table: "miner",
      look: BALANCE,
    },
    async (options, told) => (await import("./account/stake.ts")).stake(options, partsOf(told)),
  ),
  commandOf(
    {
      name: "miner unstake",
      description: "take stake off the hotkey",
      schema: unstakeOptions,
      table: "miner",
      look: BALANCE,
    },
    async (options, told) => (await import("./account/stake.ts")).unstake(options, partsOf(told)),
  ),
  commandOf(
    {
      name: "miner status",
      description: "where the hotkey stands: uid, earnings, run, verdicts, node",
      schema: statusOptions,
      table: "miner",
    },
    async (options, told) => (await import("./account/status.ts")).status(options, partsOf(told)),
  ),
  commandOf(
    {
      name: "miner why",
      description: "what the validators measured of this hotkey's update in a window",
      schema: whyOptions,
      positionals: ["window"],
      table: "miner",
    },
    async (options, told) => (await import("./account/why.ts")).why(options, partsOf(told)),
  ),
  commandOf(
    {
      name: "miner doctor",
      description: "what keeps this miner from its work, each with the command that mends it",
      schema: minerDoctorOptions,
      table: "miner",
    },
    async (options, told) => {
      const { doctor } = await import("./doctor.ts");
      process.exitCode = await doctor(options, { ...told, print });
    },
  ),
  commandOf(
    {
      name: "miner bench",
      description: "how fast this machine trains; sets what miner takes by default",
      schema: benchOptions,
      table: "miner",
    },
    async (options, told) => (await import("./machine/bench.ts")).bench(options, partsOf(told)),
  ),
  commandOf(
    {
      name: "miner plan",
      description: "what a model takes: memory, bytes of a window, lines, utilisation",
      schema: planOptions,
      positionals: ["model"],
    },
    async (options) => (await import("./machine/plan.ts")).showPlan(options, print),
  ),
];

/** The program, for its reference. */
export const program: Program = {
  name: "miner",
  description: "Train, publish, earn.",
  commands,
};

if (import.meta.main) await runProgram(program, process.argv.slice(2));
