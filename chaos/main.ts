#!/usr/bin/env node
/** @file `npm run chaos`: faults as tests, on real processes and on a simulated clock. */
import { enableCompileCache } from "node:module";
import { commandOf } from "../src/command/command.ts";
import { runProgram } from "../src/command/router.ts";
import { chaosOptions } from "./options.ts";

enableCompileCache();

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const commands = [
  commandOf(
    {
      name: "chaos",
      description: "put faults into a network and see whether it recovers",
      schema: chaosOptions,
    },
    async (options) => {
      const { runChaos } = await import("./chaos.ts");
      process.exitCode = await runChaos(options, print);
    },
  ),
];

await runProgram(
  { name: "chaos", description: "Faults as tests.", commands },
  process.argv.slice(2),
);
