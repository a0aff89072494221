/** @file Which subnet an owner means: flags stand above [chain] of subnet.toml; without a file the defaults stand alone. */
import { existsSync } from "node:fs";
import type { NextCommand } from "../../base/fault.ts";
import { endpointsOf } from "../../src/command/endpoints.ts";
import { AssayError } from "../../src/errors.ts";
import { DEFAULT_FILE, overridesOf } from "../config/options.ts";
import { loadConfig, loadConfigFile } from "../config/read.ts";
import type { SubnetConfig } from "../config/schema.ts";
import type { PlaceOptions } from "./options.ts";

/** A subnet and the file that describes it. */
export type OwnerPlace = {
  readonly config: SubnetConfig;
  /** Paths of the keys that file, environment or --set name; all others have their defaults. */
  readonly named: ReadonlySet<string>;
  /** The file that was read, or null when there is none and nobody named one. */
  readonly file: string | null;
  readonly netuid: number;
  /** WebSocket URLs with commas between. */
  readonly endpoint: string;
  readonly genesis: string | undefined;
};

/** chain.endpoint as --endpoint would be read. @throws AssayError bad-option */
function endpointIn({ chain }: SubnetConfig): string {
  const found = endpointsOf(chain.endpoint);
  if ("urls" in found) return found.urls.join(",");
  const detail = `chain.endpoint = ${JSON.stringify(chain.endpoint)} ${found.refusal}`;
  throw new AssayError({ code: "bad-option", detail });
}

/** The subnet that the options mean. @throws AssayError bad-option */
export function placeOf(options: Omit<PlaceOptions, "folder">): OwnerPlace {
  const overrides = overridesOf(options);
  const bare = options.file === DEFAULT_FILE && !existsSync(DEFAULT_FILE);
  const { config, entries } = bare
    ? loadConfig(null, overrides)
    : loadConfigFile(options.file, overrides);
  const named = entries.filter(({ source }) => source !== "default" && source !== "derived");
  return {
    config,
    named: new Set(named.map(({ info }) => info.path)),
    file: bare ? null : options.file,
    netuid: options.netuid ?? config.chain.netuid,
    endpoint: options.endpoint ?? endpointIn(config),
    genesis: options.genesis,
  };
}

/** The file as an argument of a next command; nothing when the command would find it by itself. */
export function fileArguments({ file }: Pick<OwnerPlace, "file">): readonly string[] {
  return file === null || file === DEFAULT_FILE ? [] : [file];
}

/** A next command about the same subnet, with the person's own flags. */
export function nextOf(
  ours: string,
  place: Pick<OwnerPlace, "file">,
  more: Omit<Extract<NextCommand, { ours: string }>, "ours" | "args">,
): NextCommand {
  return { ours, args: fileArguments(place), ...more };
}

/** The name of the owner's file where a command changes the world by it: the defaults alone were nobody's choice. @throws AssayError bad-option */
export function requireFile({ file }: Pick<OwnerPlace, "file">): string {
  if (file !== null) return file;
  throw new AssayError({
    code: "bad-option",
    detail: `there is no ${DEFAULT_FILE} here, and none was named`,
    next: "Make one.",
    run: { ours: "subnet init" },
  });
}
