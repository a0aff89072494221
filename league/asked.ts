/** @file What `npm run league` was asked for on its command line, and what of it is wrong. */
import { availableParallelism } from "node:os";
import type { parseArgs } from "node:util";
import { type Far, Progress } from "../src/command/progress.ts";
import type { Regime, RunChoice } from "./material.ts";
import type { PlannedCast, Shape } from "./plan.ts";
import type { LeagueStrategy } from "./tools/strategy.ts";

/** Its options, as node:util takes them. */
export const OPTIONS = {
  cast: { type: "string", multiple: true },
  miners: { type: "string", default: "12" },
  cheats: { type: "string", default: "3" },
  windows: { type: "string", default: "60" },
  seed: { type: "string", default: "1" },
  regime: { type: "string" },
  config: { type: "string" },
  set: { type: "string", multiple: true },
  workers: { type: "string", default: String(availableParallelism()) },
  keep: { type: "string" },
  resume: { type: "boolean", default: false },
  model: { type: "boolean", default: false },
  validators: { type: "string", default: "2" },
  fit: { type: "string" },
  agree: { type: "string" },
  full: { type: "boolean", default: false },
  write: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  list: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

const FULL_SEEDS: readonly number[] = [1, 2, 3];
const FULL_SIZES = [
  { miners: 12, cheats: 3 },
  { miners: 12, cheats: 5 },
  { miners: 7, cheats: 3 },
] as const;

/** What was asked for on the command line. */
export type Asked = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

/** Somebody asked for what cannot be. */
export class UsageError extends Error {}

/** A whole number. @throws UsageError */
export function whole(
  asked: Asked,
  key: "miners" | "cheats" | "windows" | "seed" | "workers" | "validators",
): number {
  const text = asked[key];
  if (!/^\d{1,6}$/.test(text) || (Number(text) === 0 && key !== "seed" && key !== "cheats"))
    throw new UsageError(`--${key} takes a whole number, not "${text}"`);
  return Number(text);
}

/** Casts are gone on with where a league that trains keeps them. @throws UsageError */
export function requireKept({
  resume,
  keep,
  model,
}: Pick<Asked, "resume" | "keep" | "model">): void {
  if (!resume) return;
  if (model) throw new UsageError("--resume is for a league that trains: the model keeps no casts");
  if (keep === undefined)
    throw new UsageError("--resume takes --keep FOLDER, where the casts that it goes on with lie");
}

/** @throws UsageError */
export function regimesOf({ regime }: Asked): readonly Regime[] {
  if (regime === undefined) return ["learning", "plateau"];
  if (regime === "learning" || regime === "plateau") return [regime];
  throw new UsageError(`--regime is learning or plateau, not "${regime}"`);
}

/** Sizes of casts. @throws UsageError */
export function shapesOf(asked: Asked): readonly Shape[] {
  const windows = whole(asked, "windows");
  if (!asked.full) {
    const [miners, cheats] = [whole(asked, "miners"), whole(asked, "cheats")];
    return [{ miners, cheats, windows, seed: whole(asked, "seed") }];
  }
  return FULL_SEEDS.flatMap((seed) => FULL_SIZES.map((size) => ({ ...size, windows, seed })));
}

/** Names of strategies by cast. @throws UsageError for one that there is not */
export function castsOf(
  words: readonly string[],
  known: ReadonlyMap<string, LeagueStrategy>,
): readonly (readonly string[])[] {
  const casts = words.map((names) => names.split(",").filter((name) => name !== ""));
  const unknown = casts.flat().find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new UsageError(`no strategy "${unknown}"; --list names those there are`);
  return casts;
}

/** Which run a cast is about. */
export const choiceOf = (asked: Asked, { regime, spec }: PlannedCast): RunChoice => ({
  regime,
  windows: spec.windows,
  config: asked.config ?? null,
  set: asked.set ?? [],
});

const progress = new Progress();

/** What happens, as it happens. */
export const tell = (line: string): void => progress.step(line);

/** Between two words to the process that started this one. */
const SENT_MS = 200;
let sentAt = -Infinity;

/** How far the league is, for people or for the process that started it. */
export function tellFar(far: Far): void {
  if (process.channel === undefined) return progress.at(far);
  if (performance.now() - sentAt < SENT_MS) return;
  sentAt = performance.now();
  process.send?.({ progress: far });
}

/** Since then, for people. */
export const seconds = (since: number): string =>
  `${((performance.now() - since) / 1000).toFixed(0)} s`;

/** Ends at once, after `clear`: on a signal, and when whoever started it with an IPC channel is gone. */
export function endWhenAsked(clear: () => void = () => undefined): void {
  const leave = (): void => {
    clear();
    process.exit(1);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, leave);
  if (process.channel === undefined) return;
  process.once("disconnect", leave);
  process.channel?.unref();
}
