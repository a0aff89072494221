#!/usr/bin/env node
/** @file The `validator` command: names what it can do and loads what that needs; `start.ts` opens, wires and runs. */
import { enableCompileCache } from "node:module";
import { commandOf } from "../src/command/command.ts";
import { type Program, runProgram } from "../src/command/router.ts";
import { validatorDoctorOptions, validatorOptions } from "./options.ts";
import { workerOptions } from "./worker/options.ts";

enableCompileCache();

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const commands = [
  commandOf(
    {
      name: "validator",
      description: "score updates, vote on them, set weights",
      schema: validatorOptions,
      table: "validator",
      restart: "it goes on from its saved state",
    },
    async (options, told) => {
      // Imported here so that `validator --help` does not load the chain client (3 s) and the engine.
      const { startValidator } = await import("./start.ts");
      await startValidator(options, { ...told, print });
    },
  ),
  commandOf(
    {
      name: "validator doctor",
      description: "what keeps this validator from its work, each with the command that mends it",
      schema: validatorDoctorOptions,
      table: "validator",
    },
    async (options, told) => {
      const { doctor } = await import("./doctor.ts");
      process.exitCode = await doctor(options, { ...told, print });
    },
  ),
  commandOf(
    {
      name: "validator worker",
      description: "evaluate updates for a validator on another machine",
      schema: workerOptions,
      restart: "it joins the validator again",
    },
    async (options, told) => {
      const { startWorker } = await import("./worker/start.ts");
      await startWorker(options, { ...told, print });
    },
  ),
];

/** The program, for its reference. */
export const program: Program = {
  name: "validator",
  description: "Score, vote, set weights.",
  commands,
};

if (import.meta.main) await runProgram(program, process.argv.slice(2));
