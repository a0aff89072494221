#!/usr/bin/env node
/** @file The `miner` command: parse, open, wire, run. The only place of this role that builds things. */
import { enableCompileCache } from "node:module";
import { commandOf } from "../src/command/command.ts";
import { runProgram } from "../src/command/router.ts";
import {
  registerOptions,
  walletImportOptions,
  walletListOptions,
  walletOptions,
} from "./account/options.ts";
import { minerOptions } from "./options.ts";

enableCompileCache();

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

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
    async (options) => (await import("./start.ts")).startMiner(options, print),
  ),
  commandOf(
    {
      name: "miner wallet",
      description: "make a wallet with a coldkey and a hotkey",
      schema: walletOptions,
      table: "miner",
    },
    async (options) => (await import("./account/wallet.ts")).makeWallet(options, print),
  ),
  commandOf(
    {
      name: "miner wallet hotkey",
      description: "add a hotkey to a wallet",
      schema: walletOptions,
      table: "miner",
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
      name: "miner register",
      description: "register the hotkey on a subnet (burns tokens)",
      schema: registerOptions,
      table: "miner",
    },
    async (options, told) =>
      (await import("./account/register.ts")).register(options, { ...told, print }),
  ),
];

await runProgram(
  { name: "miner", description: "Train, publish, earn.", commands },
  process.argv.slice(2),
);
