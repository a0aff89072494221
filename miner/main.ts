#!/usr/bin/env node
/** @file The `miner` command: parse, open, wire, run. The only place of this role that builds things. */
import { enableCompileCache } from "node:module";
import { commandOf, withAliases } from "../src/config/command.ts";
import { minerOptions, type MinerOptions } from "../src/config/options.ts";
import { runMain } from "../src/failure.ts";

enableCompileCache();

/** Mines until the run is over and the process is told to stop. */
async function run(options: MinerOptions): Promise<void> {
  // Imported here so that `miner --help` does not load the chain client (3 s) and the engine.
  const { startMiner } = await import("./start.ts");
  await startMiner(options, (line) => process.stdout.write(`${line}\n`));
}

const command = commandOf(
  {
    name: "miner",
    description: "train assigned data, publish compressed updates, earn",
    schema: minerOptions,
  },
  run,
);
await runMain(() => command.parseAsync(withAliases(process.argv.slice(2)), { from: "user" }));
