#!/usr/bin/env node
/** @file The `miner` command: parse, open, wire, run. The only place of this role that builds things. */
import { enableCompileCache } from "node:module";
import { commandOf, withAliases } from "../src/command/command.ts";
import { minerOptions, registerOptions, walletOptions } from "../src/command/options.ts";
import { runMain } from "../src/command/failure.ts";

enableCompileCache();

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

// Imported inside the actions so that `miner --help` does not load the chain client (3 s) and the engine.
const wallet = commandOf(
  {
    name: "miner wallet",
    description: "make a wallet with a coldkey and a hotkey",
    schema: walletOptions,
  },
  async (options) => (await import("./account.ts")).makeWallet(options, print),
);
const register = commandOf(
  {
    name: "miner register",
    description: "register the hotkey on a subnet (burns tokens)",
    schema: registerOptions,
  },
  async (options) => (await import("./account.ts")).register(options, print),
);
const mine = commandOf(
  {
    name: "miner",
    description:
      "train assigned data, publish compressed updates, earn. Also: miner wallet, miner register (each with --help)",
    schema: minerOptions,
  },
  async (options) => (await import("./start.ts")).startMiner(options, print),
);

await runMain(() => {
  const [name = "", ...rest] = process.argv.slice(2);
  const command = { wallet, register }[name];
  const args = command === undefined ? process.argv.slice(2) : rest;
  return (command ?? mine).parseAsync(withAliases(args), { from: "user" });
});
