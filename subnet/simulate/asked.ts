/** @file From options to what the league is asked: everything that can be refused is refused here, before any of it plays. */
import { AssayError } from "../../src/errors.ts";
import { nearestHint } from "../../src/command/words.ts";
import { readSubnetConfig } from "../config/read.ts";
import type { SimulateOptions } from "./options.ts";
import type { KnownStrategy } from "./outcome.ts";

/** Half of the work, some cheats, little work that looks like much: what every owner asks first. */
const USUAL_CASTS: readonly string[] = [
  "steps-0.1,steps-0.25,steps-0.5,steps-0.75",
  "copy,noise,lazy",
];

/** One league: the words it is started with, and which value of a sweep it is for (null: none). */
export type AskedLeague = { readonly setting: string | null; readonly args: readonly string[] };

const refuse = (detail: string): never => {
  throw new AssayError({ code: "bad-option", detail });
};

/** Casts by name. @throws AssayError bad-option: none, unknown */
function castsOf(
  { cast, all }: SimulateOptions,
  known: readonly KnownStrategy[],
): readonly string[] {
  if (all && cast.length > 0) return refuse("--all plays every strategy: leave --cast out");
  if (all) return [];
  const names = known.map(({ name }) => name);
  const casts = cast.length === 0 ? USUAL_CASTS : cast;
  for (const words of casts) {
    const [first, ...more] = words.split(",").map((name) => name.trim());
    for (const name of [first ?? "", ...more])
      if (!names.includes(name)) {
        const hint = nearestHint(name, names, "one");
        return refuse(`--cast ${words}: there is no strategy "${name}"${hint}; --list names all`);
      }
  }
  return casts.map((words) => words.replaceAll(/\s/g, ""));
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

/** What the league is asked, one or one a value. @throws AssayError bad-option */
export function leaguesOf(
  options: SimulateOptions,
  known: readonly KnownStrategy[],
): readonly AskedLeague[] {
  const { file, miners, cheats, windows, seed, workers, regime, all } = options;
  if (cheats >= miners)
    return refuse(`--cheats ${cheats} leaves no honest one of ${miners} miners`);
  const casts = castsOf(options, known);
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
      ...(regime === "both" ? [] : [`--regime=${regime}`]),
      ...(all ? [] : casts.map((names) => `--cast=${names}`)),
    ];
    return { setting, args };
  });
}
