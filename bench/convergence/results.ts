/** @file What has been run already: one line of JSON a training run, appended as soon as it ends, so that any later call goes on from there. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import * as z from "zod";
import type { Setting } from "./arms.ts";

/** `sweep` chooses settings, `final` counts, `curve` is the best setting at another k. */
type Phase = "sweep" | "final" | "curve";

/** Anything that would give other losses for the same cell raises it: results of another recipe are not read. */
const RECIPE = 1;

const settingSchema = z.strictObject({
  rate: z.number(),
  alpha: z.number().optional(),
  momentum: z.number().optional(),
  decay: z.number().optional(),
  k: z.number().optional(),
});

const resultSchema = z.strictObject({
  recipe: z.number(),
  /** Digest of the text. */
  text: z.string(),
  arm: z.string(),
  phase: z.enum(["sweep", "final", "curve"]),
  setting: settingSchema,
  steps: z.number(),
  seed: z.number(),
  /** Mean loss in nats a byte; null: diverged. */
  validation: z.number().nullable(),
  test: z.number().nullable(),
  seconds: z.number(),
});

/** A finished training run. */
export type Result = z.infer<typeof resultSchema>;

/** What a run is, without what came of it. */
export type Cell = {
  readonly arm: string;
  readonly phase: Phase;
  readonly setting: Setting;
  readonly steps: number;
  readonly seed: number;
};

/** One name for each cell. */
export function nameOf({ arm, phase, setting, steps, seed }: Cell | Result): string {
  const { rate, alpha, momentum, decay, k } = setting;
  return [arm, phase, rate, alpha, momentum, decay, k, steps, seed].join("/");
}

/** The results of one file that belong to this recipe and text. */
export class Results {
  readonly #path: string;
  readonly #text: string;
  readonly #known = new Map<string, Result>();

  /** @throws Error naming the line that is no result */
  constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
    if (!existsSync(path)) return;
    const lines = readFileSync(path, "utf8").split("\n");
    for (const [index, line] of lines.entries()) {
      if (line === "") continue;
      const result = parsed(line);
      if (result === null) throw new Error(`${path}:${index + 1} is no result; take it out`);
      if (result.recipe === RECIPE && result.text === text) this.#known.set(nameOf(result), result);
    }
  }

  /** The result of a cell that was run. */
  of(cell: Cell): Result | undefined {
    return this.#known.get(nameOf(cell));
  }

  /** Keeps what came of a cell. */
  add(cell: Cell, outcome: Pick<Result, "validation" | "test" | "seconds">): void {
    const result: Result = { recipe: RECIPE, text: this.#text, ...cell, ...outcome };
    appendFileSync(this.#path, `${JSON.stringify(result)}\n`);
    this.#known.set(nameOf(result), result);
  }
}

function parsed(line: string): Result | null {
  try {
    return resultSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
