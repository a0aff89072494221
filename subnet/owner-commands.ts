/** @file The commands about a subnet on a chain: create, publish, serve, status, params. */
import type { NextCommand } from "../base/fault.ts";
import { commandOf, type Runnable } from "../src/command/command.ts";
import { terminalOf } from "../src/command/confirm.ts";
import type { TellFar } from "../src/command/progress.ts";
import { createOptions } from "./create/options.ts";
import { diffOptions, getOptions, pushOptions, setOptions } from "./params/options.ts";
import { publishOptions } from "./publish/options.ts";
import { serveOptions } from "./serve/options.ts";
import { statusOptions } from "./status/options.ts";

/** Shows what a command did that paid or wrote on the chain. */
const STATUS: NextCommand = { ours: "subnet status", keep: ["netuid", "endpoint", "genesis"] };

/** Where results and progress go. */
type Output = {
  readonly print: (line: string) => void;
  readonly step: (line: string) => void;
  readonly far: TellFar;
};

/** Lines for people, or beside one object for programs. */
function outputOf(
  { json }: { readonly json: boolean },
  { print, step }: Pick<Output, "print" | "step">,
): Pick<Output, "print"> & { readonly result?: (value: object) => void } {
  return json ? { print: step, result: (value) => print(JSON.stringify(value)) } : { print };
}

/** `subnet create`, `publish` and `serve`: from a file to a run that others can join. */
function makingCommands({ print, step, far }: Output): readonly Runnable[] {
  return [
    commandOf(
      {
        name: "subnet create",
        look: STATUS,
        description: "register, name and start a subnet with the owner's wallet",
        schema: createOptions,
        positionals: ["file"],
        restart: "it goes on where it stopped, and pays for nothing twice",
      },
      async (options, told) => {
        const { createSubnet } = await import("./create/create.ts");
        const output = outputOf(options, { print, step });
        await createSubnet(options, { ...told, ...output, terminal: terminalOf(process) });
      },
    ),
    commandOf(
      {
        name: "subnet publish",
        look: STATUS,
        description: "make a run of a subnet.toml and name it on the chain",
        schema: publishOptions,
        positionals: ["file"],
        restart: "what was stored stays, the first window is fixed anew",
      },
      async (options, told) => {
        const { publishRun } = await import("./publish/publish.ts");
        const output = { ...outputOf(options, { print, step }), step, far };
        await publishRun(options, { ...told, ...output, terminal: terminalOf(process) });
      },
    ),
    commandOf(
      {
        name: "subnet serve",
        description: "hand out what was published: manifest, data, first parameters",
        schema: serveOptions,
        positionals: ["file"],
        restart: "it serves the same folder on the same port",
      },
      async (options, told) => {
        const { runServe } = await import("./serve/serve.ts");
        await runServe(options, { ...told, print });
      },
    ),
  ];
}

/** `subnet params ...`: the rules of a run that goes on. */
function paramsCommands({ print }: Output): readonly Runnable[] {
  return [
    commandOf(
      {
        name: "subnet params get",
        description: "the rules in force, each explained, and the chain's own parameters",
        schema: getOptions,
        positionals: ["key"],
      },
      async (options) => {
        const { getParameters } = await import("./params/get.ts");
        await getParameters(options, print);
      },
    ),
    commandOf(
      {
        name: "subnet params set",
        description: "change one key of a subnet.toml, keeping its comments",
        schema: setOptions,
        positionals: ["key", "value", "file"],
      },
      async (options, told) => {
        const { setParameter } = await import("./params/set.ts");
        await setParameter(options, { ...told, print });
      },
    ),
    commandOf(
      {
        name: "subnet params diff",
        description: "a subnet.toml against the rules in force",
        schema: diffOptions,
        positionals: ["file"],
      },
      async (options, told) => {
        const { diffParameters } = await import("./params/diff.ts");
        await diffParameters(options, { ...told, print });
      },
    ),
    commandOf(
      {
        name: "subnet params push",
        look: STATUS,
        description:
          "set the owner's hyperparameters on the chain, and amend the live run: every node switches in the same window",
        schema: pushOptions,
        positionals: ["file"],
      },
      async (options, told) => {
        const { pushParameters } = await import("./params/push.ts");
        await pushParameters(options, { ...told, print, terminal: terminalOf(process) });
      },
    ),
  ];
}

/** All of them. Heavy modules are imported inside the actions, so that --help does not load the chain client. */
export function ownerCommands(output: Output): readonly Runnable[] {
  const { print } = output;
  return [
    ...makingCommands(output),
    commandOf(
      {
        name: "subnet status",
        description: "where a subnet stands, who takes part, what is wrong",
        schema: statusOptions,
        positionals: ["file"],
      },
      async (options, told) => {
        const { showStatus } = await import("./status/status.ts");
        await showStatus(options, { ...told, print });
      },
    ),
    ...paramsCommands(output),
  ];
}
