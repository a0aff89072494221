#!/usr/bin/env node
/** @file The `validator` command: parse, open, wire, run. The only place of this role that builds things. */
import { enableCompileCache } from "node:module";
import { commandOf, withAliases } from "../src/command/command.ts";
import { validatorOptions, type ValidatorOptions } from "../src/command/options.ts";
import { runMain } from "../src/command/failure.ts";

enableCompileCache();

/** Validates until the run is over and the process is told to stop. */
async function run(options: ValidatorOptions): Promise<void> {
  // Imported here so that `validator --help` does not load the chain client (3 s) and the engine.
  const { startValidator } = await import("./start.ts");
  await startValidator(options, (line) => process.stdout.write(`${line}\n`));
}

const command = commandOf(
  {
    name: "validator",
    description: "score updates, vote on them, set weights",
    schema: validatorOptions,
  },
  run,
);
await runMain(() => command.parseAsync(withAliases(process.argv.slice(2)), { from: "user" }));
