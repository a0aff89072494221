#!/usr/bin/env node
/** @file The `subnet` command of an owner: a subnet's file, networks on this machine, a subnet on a chain, trained models, recorded runs. */
import { enableCompileCache } from "node:module";
import { commandOf } from "../src/command/command.ts";
import { Progress } from "../src/command/progress.ts";
import { type Program, runProgram } from "../src/command/router.ts";
import { backupOptions, restoreOptions } from "./backup/options.ts";
import { beaconOptions } from "./beacon-options.ts";
import { chainCommands } from "./chain-commands.ts";
import { chainOptions } from "./chain-options.ts";
import { checkOptions } from "./check/options.ts";
import { configOptions } from "./config/options.ts";
import { devicesOptions } from "./devices-options.ts";
import { doctorOptions } from "./doctor-options.ts";
import { exportOptions } from "./export/options.ts";
import { generateOptions } from "./generate/options.ts";
import { initOptions } from "./init/options.ts";
import {
  localnetOptions,
  localnetPresets,
  resumeOptions,
  SUBNET_FILE_KEYS,
} from "./localnet/options.ts";
import { logsOptions } from "./logs/options.ts";
import { ownerCommands } from "./owner-commands.ts";
import { auditOptions, replayOptions } from "./recorded/options.ts";
import { simulateOptions } from "./simulate/options.ts";

enableCompileCache();

const { step, at: far, end } = new Progress();

const print = (line: string): void => {
  end();
  process.stdout.write(`${line}\n`);
};

// Imported inside the actions so that --help does not load the chain client and the engine.
const commands = [
  commandOf(
    {
      name: "subnet init",
      description: "write a commented subnet.toml",
      schema: initOptions,
      positionals: ["file"],
    },
    async (options) => {
      const { initSubnet } = await import("./init/init.ts");
      const { stdin: input, stdout: output } = process;
      await initSubnet(options, { input, output, interactive: input.isTTY && output.isTTY });
    },
  ),
  commandOf(
    {
      name: "subnet check",
      description: "say what in a subnet.toml cannot work, and what would",
      schema: checkOptions,
      positionals: ["file"],
    },
    async (options) => {
      const { runCheck } = await import("./check/check.ts");
      process.exitCode = await runCheck(options, {
        print,
        step,
      });
    },
  ),
  commandOf(
    {
      name: "subnet config",
      description: "print every value of a subnet.toml with its source",
      schema: configOptions,
      positionals: ["file"],
    },
    async (options) => {
      const { showConfig } = await import("./config/show.ts");
      process.stdout.write(showConfig(options));
    },
  ),
  ...ownerCommands({ print, step, far }),
  commandOf(
    {
      name: "subnet localnet",
      description:
        "a chain, validators, honest miners and cheaters on this machine train a small language model (npm start)",
      schema: localnetOptions,
      presets: localnetPresets,
      table: "localnet",
      others: SUBNET_FILE_KEYS,
      restart: "a new run begins; the record of this one stays where it is",
    },
    async (options, told) => {
      const { localnet } = await import("./localnet/localnet.ts");
      process.exitCode = await localnet(options, told);
    },
  ),
  commandOf(
    {
      name: "subnet localnet resume",
      description: "go on with a local network where it stopped, or serve one that is over",
      schema: resumeOptions,
      positionals: ["folder"],
      restart: "the run goes on where it stands",
    },
    async (options, told) => {
      const { resumeLocalnet } = await import("./localnet/localnet.ts");
      process.exitCode = await resumeLocalnet(options, told);
    },
  ),
  commandOf(
    {
      name: "subnet chain",
      description: "the embedded chain alone, JSON-RPC on loopback unless --host says otherwise",
      schema: chainOptions,
      table: "chain",
      restart:
        "with --database it goes on from its last whole block, without it a new chain begins",
    },
    async (options) => {
      const { runChain } = await import("./chain.ts");
      await runChain(options, print);
    },
  ),
  ...chainCommands(print),
  commandOf(
    {
      name: "subnet beacon",
      description:
        "send pulses of a public beacon to a chain that follows it, from a file or its API",
      schema: beaconOptions,
      restart: "pulses that are on the chain are not sent again",
    },
    async (options) => {
      const { runBeacon } = await import("./beacon.ts");
      await runBeacon(options, print);
    },
  ),
  commandOf(
    {
      name: "subnet doctor",
      description: "what keeps a subnet from its work, each with the command that mends it",
      schema: doctorOptions,
      positionals: ["file"],
    },
    async (options, told) => {
      const { doctor } = await import("./doctor.ts");
      process.exitCode = await doctor(options, { ...told, print });
    },
  ),
  commandOf(
    {
      name: "subnet logs",
      description: "what the nodes of a run on this machine have logged, merged by time",
      schema: logsOptions,
      positionals: ["role"],
    },
    async (options) => {
      const { showLogs } = await import("./logs/logs.ts");
      await showLogs(options, print);
    },
  ),
  commandOf(
    {
      name: "subnet devices",
      description: "which devices can train here, and why others cannot",
      schema: devicesOptions,
    },
    async ({ device, json }) => {
      const { devicesText, probeDevices } = await import("./devices.ts");
      const found = await probeDevices(device);
      process.send?.(found);
      print(json ? JSON.stringify(found) : devicesText(found));
    },
  ),
  commandOf(
    {
      name: "subnet audit",
      description: "derive a run again from public records and the chain, and name what differs",
      schema: auditOptions,
      positionals: ["run"],
    },
    async (options) => {
      const { runAudit } = await import("./recorded/audit.ts");
      process.exitCode = await runAudit(options, { print, step, far });
    },
  ),
  commandOf(
    {
      name: "subnet replay",
      description: "score a recorded run again under other rules: who would have earned what",
      schema: replayOptions,
      positionals: ["run"],
      others: SUBNET_FILE_KEYS,
    },
    async (options, { configPath }) => {
      const { runReplay } = await import("./recorded/replay.ts");
      await runReplay(options, configPath, { print, step, far });
    },
  ),
  commandOf(
    {
      name: "subnet simulate",
      description: "play known strategies under a subnet.toml: who would earn what",
      schema: simulateOptions,
      positionals: ["file"],
    },
    async (options) => {
      const { runSimulate } = await import("./simulate/simulate.ts");
      await runSimulate(options, { print, step, far });
    },
  ),
  commandOf(
    {
      name: "subnet backup",
      description: "keep a node's folder, a local network's run or a wallet, while it runs",
      schema: backupOptions,
      positionals: ["folder"],
    },
    async (options) => (await import("./backup/backup.ts")).runBackup(options, print),
  ),
  commandOf(
    {
      name: "subnet restore",
      description: "put a backup back in its place, once every byte of it is proven",
      schema: restoreOptions,
      positionals: ["backup"],
    },
    async (options) => (await import("./backup/restore.ts")).runRestore(options, print),
  ),
  commandOf(
    {
      name: "subnet export",
      description: "a trained model as a folder that Hugging Face transformers loads",
      schema: exportOptions,
    },
    async (options) => {
      const { runExport } = await import("./export/export.ts");
      await runExport(options, { print, step, far });
    },
  ),
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
        print(text) {
          end();
          process.stdout.write(text);
        },
        step,
        far,
      });
    },
  ),
];

/** The program, for its reference. */
export const program: Program = {
  name: "subnet",
  description: "Make, run and look after a subnet.",
  commands,
};

if (import.meta.main) await runProgram(program, process.argv.slice(2));
