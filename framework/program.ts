/** @file A command of one's own with what every neuron's command has: flags, help, configuration, wallet, chain, words for what goes wrong. */
import { z } from "zod";
import { commandOf } from "../src/command/command.ts";
import { nodeFields } from "../src/command/fields.ts";
import { Lifecycle, runUntilStopped } from "../src/command/lifecycle.ts";
import { runProgram } from "../src/command/router.ts";
import { connectNeuron } from "../src/neuron/neuron.ts";
import { openNeuron, type SubnetNeuron } from "./neuron.ts";

/** What a command is called, and on which side it stands. */
export type NeuronProgram<S extends z.ZodObject> = {
  /** As people type it. */
  readonly name: string;
  readonly description: string;
  readonly role: "miner" | "validator";
  /** Options beside a node's own: zod fields with `.meta({ description })` whose values parse to themselves, since they are parsed twice. */
  readonly options: S;
};

const nodeSchema = z.object(nodeFields);
/** Nothing is trained or measured here. */
const UNUSED = { device: "cpu", threads: 1, metricsFrom: "none", tui: false } as const;

/** The options that are not a node's. */
function ownOf<S extends z.ZodObject>(
  schema: S,
  given: Readonly<Record<string, unknown>>,
): z.output<S> {
  const keys = Object.keys(schema.shape);
  return schema.parse(Object.fromEntries(keys.map((key) => [key, given[key]])));
}

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/**
 * Runs `body` as a neuron of the subnet that the command line names (`--wallet`, `--hotkey`, `--netuid`, `--endpoint`, `--axon-port`, ...;
 * `--help` lists all), until it ends or the process is told to stop. Never rejects: what goes wrong is printed with its cause and the next
 * command, and sets the exit code.
 */
export async function runNeuron<S extends z.ZodObject>(
  { name, description, role, options: own }: NeuronProgram<S>,
  body: (neuron: SubnetNeuron, options: z.output<S>) => Promise<void>,
): Promise<void> {
  const command = commandOf(
    {
      name,
      description,
      schema: z.strictObject({ ...own.shape, ...nodeSchema.shape }),
      restart: "it goes on with the next window",
    },
    async (given, told) => {
      const lifecycle = new Lifecycle();
      lifecycle.stopOnSignals();
      await runUntilStopped(lifecycle, async () => {
        const options = { ...nodeSchema.parse(given), ...UNUSED };
        const connected = await connectNeuron(role, options, { ...told, lifecycle, print });
        await body(await openNeuron(connected, lifecycle), ownOf(own, given));
      });
    },
  );
  await runProgram({ name, description, commands: [command] }, process.argv.slice(2));
}
