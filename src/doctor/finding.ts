/** @file What a doctor found: one thing that was looked at, in one sentence, with the command that mends it. */
import { FaultError, type NextCommand, type OptionValues, reasonOf } from "../../base/fault.ts";
import type { Hex } from "../../chain/wallet/hex.ts";
import type { NeuronOptions } from "../command/fields.ts";

/** One thing that was looked at. `unknown`: it could not be seen from here. */
export type Finding = {
  readonly check: string;
  readonly state: "fine" | "wrong" | "unknown";
  /** Of what is wrong, stable; else the name of the check. */
  readonly code: string;
  /** One sentence. */
  readonly text: string;
  /** Commands, one after the other, that mend what is wrong. */
  readonly fix: readonly NextCommand[];
};

/** Options of a node that a doctor looks at. */
type PatientOptions = Pick<
  NeuronOptions,
  | "wallet"
  | "hotkey"
  | "walletFolder"
  | "netuid"
  | "endpoint"
  | "genesis"
  | "axonHost"
  | "axonPort"
  | "axonExternalIp"
  | "axonExternalPort"
>;

/** Whose node it is. */
type PatientRole = "miner" | "validator" | "owner";

/** What is looked at, and how it is started. */
export type Patient = {
  readonly role: PatientRole;
  readonly options: PatientOptions;
  /** Folder below which its state lies. */
  readonly state: string;
  /** Key of the option that names that folder. */
  readonly place: "state" | "folder";
  /** What it remembers of its last start; an owner has a folder for each chain. */
  readonly remembered: (ss58: string, genesis: Hex | null) => Remembered;
  /** The command that starts it, with the person's own options but for these. */
  readonly start: (set?: OptionValues, without?: readonly string[]) => NextCommand;
};

/** What a node keeps on disk of its last start: its port, the chain of its run, and its process if that still runs. */
export type Remembered = {
  readonly axonPort: number | null;
  readonly genesis: string | null;
  readonly pid: number | null;
};

/** Ends a process and waits until it is gone. */
export function ended(pid: number | null): readonly NextCommand[] {
  if (pid === null) return [];
  const gone =
    process.platform === "linux" ? ["tail", `--pid=${pid}`, "-f", "/dev/null"] : ["sleep", "10"];
  return [{ system: ["kill", String(pid)] }, { system: gone }];
}

/** Starts it with other options; the process that runs now is ended first, and waited for. */
export function restart(
  { start }: Pick<Patient, "start">,
  pid: number | null,
  ...changes: Parameters<Patient["start"]>
): readonly NextCommand[] {
  return [...ended(pid), start(...changes)];
}

/** It is as it should be. */
export const fine = (check: string, text: string): Finding => ({
  check,
  state: "fine",
  code: check,
  text,
  fix: [],
});

/** It could not be seen. */
export const unknown = (check: string, text: string): Finding => ({
  ...fine(check, text),
  state: "unknown",
});

/** It is wrong; the commands mend it. */
export const wrong = (
  [check, code]: readonly [check: string, code: string],
  text: string,
  ...fix: readonly NextCommand[]
): Finding => ({ check, state: "wrong", code, text, fix });

/** What was thrown while something was looked at, in its own words. */
export function thrown(
  check: string,
  error: unknown,
  ...fallback: readonly NextCommand[]
): Finding {
  if (!(error instanceof FaultError)) return unknown(check, reasonOf(error));
  const { cause, commands = fallback } = error.explanation;
  return wrong([check, error.code], cause, ...commands);
}

/** Keys that commands about the same wallet and subnet repeat. */
export const SAME = ["wallet", "hotkey", "walletFolder", "netuid", "endpoint", "genesis"] as const;

/** Looks again once a block is there: what passes by itself is mended by waiting. */
export const after = (block: number): NextCommand => ({ again: { afterBlock: block } });
