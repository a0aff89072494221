/** @file From options to what the league is asked: everything that can be refused is refused here, before any of it plays. */
import { AssayError } from "../../src/errors.ts";
import { nearestHint } from "../../src/command/words.ts";
import { readSubnetConfig } from "../config/read.ts";
import { MOST_TRAINED, type SimulateOptions } from "./options.ts";
import type { KnownStrategy } from "./outcome.ts";

/** Half of the work, some cheats, little work that looks like much: what every owner asks first. */
const USUAL_CASTS: readonly string[] = [
  "steps-0.1,steps-0.25,steps-0.5,steps-0.75",
  "copy,noise,lazy",
];

/** What a trained cast always has. */
const TRAINED_VALIDATORS = 2;

/** One league: words that it is started with, and which value of a sweep it is for (null: none). */
export type AskedLeague = { readonly setting: string | null; readonly args: readonly string[] };

const refuse = (detail: string): never => {
  throw new AssayError({ code: "bad-option", detail });
};

/** Whether losses are drawn from the fitted model: when it is asked for, and at a size at which nobody trains. */
export function isModelled({
  model,
  uids,
  validators,
  miners,
}: Pick<SimulateOptions, "model" | "uids" | "validators" | "miners">): boolean {
  return model || uids !== undefined || validators !== undefined || miners > MOST_TRAINED;
}

/** Validators of a cast, and its miners. @throws AssayError bad-option */
function sizeOf({ uids, validators = TRAINED_VALIDATORS, miners }: SimulateOptions): {
  readonly validators: number;
  readonly miners: number;
} {
  if (uids === undefined) return { validators, miners };
  if (uids - validators < 2)
    return refuse(`--uids ${uids} with --validators ${validators} leaves fewer than 2 miners`);
  return { validators, miners: uids - validators };
}

/** The words for casts; none where the league's own are asked for. @throws AssayError bad-option: an unknown strategy */
export function castWords(
  { cast, all }: Pick<SimulateOptions, "cast" | "all">,
  known: readonly KnownStrategy[],
  modelled = false,
): readonly string[] {
  if (all) return [];
  const names = known.map(({ name }) => name);
  // A field has room for all of them at once.
  const usual = modelled ? [USUAL_CASTS.join(",")] : USUAL_CASTS;
  return (cast.length === 0 ? usual : cast).map((words) => {
    const wanted = words.split(",").map((name) => name.trim());
    const unknown = wanted.find((name) => !names.includes(name));
    if (unknown === undefined) return `--cast=${wanted.join(",")}`;
    const hint = nearestHint(unknown, names, "one");
    return refuse(`--cast ${words}: there is no strategy "${unknown}"${hint}; --list names all`);
  });
}

/** `key=a,b,c` as settings; no sweep is one league as the file is. @throws AssayError bad-option */
function settingsOf(sweep: string | undefined): readonly (string | null)[] {
  if (sweep === undefined) return [null];
  const [, key = "", values = ""] = /^\s*([\w.]+)\s*=(.*)$/.exec(sweep) ?? [];
  const all = values.split(",").map((value) => value.trim());
  if (key === "" || all.includes(""))
    return refuse(`--sweep ${sweep}: write a key and its values, as in credit.floor=0.2,0.3,0.4`);
  return all.map((value) => `${key}=${value}`);
}

/** What the league is asked besides its casts: once, or once a value of the sweep. @throws AssayError bad-option */
export function leaguesOf(options: SimulateOptions): readonly AskedLeague[] {
  const { file, cast, cheats, windows, seed, workers, regime, all } = options;
  const { miners, validators } = sizeOf(options);
  const modelled = isModelled(options);
  if (cheats >= miners)
    return refuse(`--cheats ${cheats} leaves no honest one of ${miners} miners`);
  if (all && cast.length > 0) return refuse("--all plays every strategy: leave --cast out");
  if (modelled && regime === "plateau")
    return refuse("--regime plateau: losses on the plateau are not modelled; leave the size small");
  return settingsOf(options.sweep).map((setting) => {
    const set = [...options.set, ...(setting === null ? [] : [setting])];
    const { scoring } = readSubnetConfig(file, { set });
    const numbers = { miners, cheats, windows, seed, workers };
    const args = [
      "--json",
      `--config=${file}`,
      // The league would play mode credit whatever the file says.
      `--set=scoring.mode=${scoring.mode}`,
      ...set.map((one) => `--set=${one}`),
      ...Object.entries(numbers).map(([key, value]) => `--${key}=${value}`),
      ...(modelled ? ["--model", `--validators=${validators}`] : []),
      ...(modelled || regime === "both" ? [] : [`--regime=${regime}`]),
    ];
    return { setting, args };
  });
}
