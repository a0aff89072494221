/** @file A command from a schema. Precedence: default < preset < TOML file < environment < flag. */
import type { z } from "zod";
import type { NextCommand } from "../../base/fault.ts";
import {
  helpOf,
  type OptionInfo,
  optionsOf,
  parseArguments,
  type Typed,
  wantsHelp,
} from "./arguments.ts";
import { readConfigFile } from "./config-file.ts";
import {
  describeConfig,
  fromEnvironment,
  type Given,
  type GivenValues,
  stacked,
  validated,
} from "./layers.ts";
import { type Invocation, lineOf } from "./next-command.ts";
import type { TableName } from "./tables.ts";

type Values = Readonly<Record<string, unknown>>;

/** What a command knows about its own invocation besides its options. */
export type Told = {
  /** A next command for people, with their own flags: as it runs here. */
  readonly line: (command: NextCommand) => string;
  /** The file after --config, or null. */
  readonly configPath: string | null;
};

type Run<S extends z.ZodObject> = (options: z.output<S>, told: Told) => unknown;

/** What a command is made of. */
export type CommandShape<S extends z.ZodObject> = {
  /** The program and its words: `miner wallet list`. */
  readonly name: string;
  /** One line for the list of commands and the head of the help. */
  readonly description: string;
  readonly schema: S;
  /** Keys of the schema that may stand without a flag, in this order: `["file"]` for `subnet check subnet.toml`. */
  readonly positionals?: readonly (keyof S["shape"] & string)[];
  /** Values by the name of a preset (the option `preset`), between the defaults and the file. */
  readonly presets?: Readonly<Record<string, Values>>;
  /** The table of a config file that belongs to this command. */
  readonly table?: TableName;
  /** Keys and tables at the top of that file which this command reads by itself: those of a subnet.toml. */
  readonly others?: readonly string[];
  /** What starting it again does after a failure, as a clause: "it goes on where it stopped". */
  readonly restart?: string;
  /** Shows what it did, for a command that must not be run a second time unseen. */
  readonly look?: NextCommand;
  readonly environment?: Readonly<Record<string, string | undefined>>;
};

/** What is to be done with a command line that was read without a fault. */
export type Parsed =
  | { readonly kind: "print"; readonly text: string }
  | { readonly kind: "run"; readonly invocation: Invocation; readonly run: () => unknown };

/** A command that a program can offer. */
export type Runnable = {
  /** The program and its words. */
  readonly name: string;
  readonly description: string;
  /** Keys of its options. */
  readonly keys: readonly string[];
  /** Keys that may stand without a flag, in this order. */
  readonly positionals: readonly string[];
  /** What a reference lists. */
  options(): readonly OptionInfo[];
  /** Whether its first argument may be any word, so that it is not taken for a mistyped command. */
  readonly takesArguments: boolean;
  readonly restart?: string;
  readonly look?: NextCommand;
  /**
   * Reads the words after the command's name; everything is checked before anything starts.
   * @throws AssayError bad-option
   */
  parse(args: readonly string[], more?: string): Parsed;
};

/** The preset's values as a layer; an unknown preset is left to the schema, which names the valid ones. */
function presetLayer(presets: Readonly<Record<string, Values>>, preset: unknown): GivenValues {
  const values = typeof preset === "string" ? (presets[preset] ?? {}) : {};
  return new Map<string, Given>(
    Object.entries(values).map(([key, value]) => [
      key,
      { value, layer: "preset", place: `preset ${String(preset)}` },
    ]),
  );
}

/** Every layer of a command line, one above the other. */
function givenTo<S extends z.ZodObject>(shape: CommandShape<S>, typed: Typed): GivenValues {
  const keys = Object.keys(shape.schema.shape);
  const { table, others } = shape;
  const reader = {
    keys,
    ...(table !== undefined && { table }),
    ...(others !== undefined && { others }),
  };
  const file = typed.configPath === null ? new Map() : readConfigFile(typed.configPath, reader);
  const chosen = stacked([
    new Map<string, Given>(
      [...file].map(([key, { value, place }]) => [key, { value, place, layer: "file" }]),
    ),
    fromEnvironment(keys, shape.environment ?? process.env),
    typed.given,
  ]);
  return stacked([presetLayer(shape.presets ?? {}, chosen.get("preset")?.value), chosen]);
}

/**
 * The command of `shape`: every key of its schema becomes `--kebab-key`, `ASSAY_KEY` and a TOML key. An unknown flag or
 * key is an error that names the nearest valid one; everything is checked before `run` starts anything.
 */
export function commandOf<S extends z.ZodObject>(shape: CommandShape<S>, run: Run<S>): Runnable {
  const [program = "", ...words] = shape.name.split(" ");
  const keys = Object.keys(shape.schema.shape);
  const restart = shape.restart === undefined ? {} : { restart: shape.restart };
  return {
    name: shape.name,
    description: shape.description,
    keys,
    positionals: shape.positionals ?? [],
    options: () => optionsOf(shape.schema),
    takesArguments: (shape.positionals ?? []).length > 0,
    ...restart,
    ...(shape.look !== undefined && { look: shape.look }),
    parse(args, more) {
      if (wantsHelp(shape.schema, args)) return { kind: "print", text: helpOf(shape, more) };
      const typed = parseArguments(shape, args);
      const given = givenTo(shape, typed);
      const options = validated(shape.schema, given);
      if (typed.printConfig) return { kind: "print", text: describeConfig(options, given) };
      const { configPath } = typed;
      const invocation = { program, words, keys, given, configPath, ...restart };
      const line = (command: NextCommand): string => lineOf(command, invocation);
      return { kind: "run", invocation, run: () => run(options, { line, configPath }) };
    },
  };
}
