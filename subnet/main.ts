#!/usr/bin/env node
/** @file The `subnet` command of an owner: localnet, chain, devices, export, generate; simulate, replay, audit and params join later. */
import { enableCompileCache } from "node:module";
import { commandOf, withAliases } from "../src/command/command.ts";
import {
  chainOptions,
  devicesOptions,
  localnetOptions,
  localnetPresets,
} from "../src/command/options.ts";
import { AssayError } from "../src/errors.ts";
import { checkArguments, checkOptions } from "./check/options.ts";
import { configOptions, withConfigArguments } from "./config/options.ts";
import { initOptions } from "./init/options.ts";
import { runMain } from "../src/command/failure.ts";
import { exportOptions } from "./export/options.ts";
import { generateOptions } from "./generate/options.ts";

enableCompileCache();

// Imported inside the actions so that --help does not load the chain client and the engine.
const COMMANDS: Readonly<Record<string, () => ReturnType<typeof commandOf>>> = {
  init: () =>
    withConfigArguments(
      commandOf(
        {
          name: "subnet init",
          description: "write a commented subnet.toml",
          schema: initOptions,
        },
        async (options) => {
          const { initSubnet } = await import("./init/init.ts");
          const { stdin: input, stdout: output } = process;
          await initSubnet(options, { input, output, interactive: input.isTTY && output.isTTY });
        },
      ),
    ),
  check: () =>
    withConfigArguments(
      commandOf(
        {
          name: "subnet check",
          description: "say what in a subnet.toml cannot work, and what would",
          schema: checkOptions,
        },
        async (options) => {
          const { runCheck } = await import("./check/check.ts");
          process.exitCode = await runCheck(options, {
            print: (text) => process.stdout.write(`${text}\n`),
            step: (text) => process.stderr.write(`${text}\n`),
          });
        },
      ),
      checkArguments,
    ),
  config: () =>
    withConfigArguments(
      commandOf(
        {
          name: "subnet config",
          description: "print every value of a subnet.toml with its source",
          schema: configOptions,
        },
        async (options) => {
          const { showConfig } = await import("./config/show.ts");
          process.stdout.write(showConfig(options));
        },
      ),
    ),
  localnet: () =>
    commandOf(
      {
        name: "subnet localnet",
        description:
          "a chain, validators, honest miners and cheaters on this machine train a small language model",
        schema: localnetOptions,
        presets: localnetPresets,
      },
      async (options) => {
        const { localnet } = await import("./localnet/localnet.ts");
        process.exitCode = await localnet(options);
      },
    ),
  chain: () =>
    commandOf(
      {
        name: "subnet chain",
        description: "the embedded chain alone, JSON-RPC on loopback",
        schema: chainOptions,
      },
      async (options) => {
        const { runChain } = await import("./chain.ts");
        await runChain(options, (line) => process.stdout.write(`${line}\n`));
      },
    ),
  devices: () =>
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
  export: () =>
    commandOf(
      {
        name: "subnet export",
        description: "a trained model as a folder that Hugging Face transformers loads",
        schema: exportOptions,
      },
      async (options) => {
        const { runExport } = await import("./export/export.ts");
        await runExport(options, (line) => process.stdout.write(`${line}\n`));
      },
    ),
  generate: () =>
    commandOf(
      {
        name: "subnet generate",
        description: "a trained model continues a text",
        schema: generateOptions,
      },
      async (options) => {
        const { runGenerate } = await import("./generate/generate.ts");
        // Standard output holds the text alone.
        await runGenerate(options, {
          print: (text) => process.stdout.write(text),
          step: (line) => process.stderr.write(`${line}\n`),
        });
      },
    ),
};

const USAGE = `usage: subnet <command> [options]

  init       write a commented subnet.toml
  check      say what in a subnet.toml cannot work, and what would
  config     print every value of a subnet.toml with its source
  localnet   a chain, validators, miners and cheaters on this machine (npm start)
  chain      the embedded chain alone
  devices    which devices can train here, and why others cannot
  export     a trained model as a folder that Hugging Face transformers loads
  generate   a trained model continues a text

subnet <command> --help lists its options.
`;

await runMain(async () => {
  const [name = "", ...args] = process.argv.slice(2);
  const command = COMMANDS[name];
  if (command !== undefined) return command().parseAsync(withAliases(args), { from: "user" });
  if (["", "-h", "--help", "help"].includes(name)) return process.stdout.write(USAGE);
  const known = Object.keys(COMMANDS).join(", ");
  throw new AssayError({
    code: "bad-option",
    detail: `unknown command "${name}"; there are ${known}`,
  });
});
