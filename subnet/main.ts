#!/usr/bin/env node
/** @file The `subnet` command of an owner: localnet and chain; simulate, replay, audit, params and export join later. */
import { enableCompileCache } from "node:module";
import { commandOf } from "../src/command/command.ts";
import { runProgram } from "../src/command/router.ts";
import { chainOptions } from "./chain-options.ts";
import { devicesOptions } from "./devices-options.ts";
import { localnetOptions, localnetPresets } from "./localnet/options.ts";

enableCompileCache();

// Imported inside the actions so that --help does not load the chain client and the engine.
const commands = [
  commandOf(
    {
      name: "subnet localnet",
      description:
        "a chain, validators, honest miners and cheaters on this machine train a small language model (npm start)",
      schema: localnetOptions,
      presets: localnetPresets,
      table: "localnet",
      restart: "a new run begins; the record of this one stays where it is",
    },
    async (options) => {
      const { localnet } = await import("./localnet/localnet.ts");
      process.exitCode = await localnet(options);
    },
  ),
  commandOf(
    {
      name: "subnet chain",
      description: "the embedded chain alone, JSON-RPC on loopback",
      schema: chainOptions,
      table: "chain",
      restart:
        "with --database it goes on from its last whole block, without it a new chain begins",
    },
    async (options) => {
      const { runChain } = await import("./chain.ts");
      await runChain(options, (line) => process.stdout.write(`${line}\n`));
    },
  ),
  commandOf(
    {
      name: "subnet devices",
      description: "which devices can train here, and why others cannot",
      schema: devicesOptions,
    },
    async ({ device }) => {
      const { probeDevices } = await import("./devices.ts");
      const found = await probeDevices(device);
      process.send?.(found);
      process.stdout.write(`${JSON.stringify(found)}\n`);
    },
  ),
];

await runProgram(
  { name: "subnet", description: "Make, run and look after a subnet.", commands },
  process.argv.slice(2),
);
