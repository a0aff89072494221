/** @file What the test of a row says: its numbers against their goals, as one line of JSON, whether they are met or not. */
import assert from "node:assert/strict";
import { loadavg } from "node:os";
import { z } from "zod";
import type { Row } from "./rows.ts";

const goalSchema = z.strictObject({
  name: z.string(),
  /** What is asked for, in words. */
  goal: z.string(),
  seen: z.union([z.number(), z.string(), z.boolean(), z.null()]),
  holds: z.boolean(),
});

/** One number, and what it has to be. */
export type Goal = z.output<typeof goalSchema>;

/** The line of a row. */
export const reportSchema = z.strictObject({
  row: z.string(),
  what: z.string(),
  passed: z.boolean(),
  seconds: z.number(),
  goals: z.array(goalSchema),
  /** What else was seen; nothing is asked of it. */
  numbers: z.record(z.string(), z.unknown()),
});

/** What a row says. */
export type Report = z.output<typeof reportSchema>;

/** A row is a test that two cores run in this time, unless its text says another. */
const MOST_SECONDS = 120;
const DIGITS = 4;

const rounded = (value: number): number => Number(value.toPrecision(DIGITS));

/** `seen` has to be `limit` or less; null: it could not be measured, and holds not. */
export function atMost(name: string, seen: number | null, limit: number): Goal {
  const holds = seen !== null && seen <= limit;
  return { name, goal: `at most ${limit}`, seen: seen === null ? null : rounded(seen), holds };
}

/** `seen` has to be more than `limit`. */
export function above(name: string, seen: number | null, limit: number): Goal {
  const holds = seen !== null && seen > limit;
  return { name, goal: `above ${limit}`, seen: seen === null ? null : rounded(seen), holds };
}

/** `seen` has to be `wanted`. */
export function exactly(name: string, seen: Goal["seen"], wanted: Goal["seen"]): Goal {
  return { name, goal: String(wanted), seen, holds: seen === wanted };
}

/** Prints the line of a row, then fails its test if a number misses its goal. `began`: performance.now() at its start. */
export function report(
  { id, what }: Row,
  began: number,
  {
    goals: own,
    numbers,
    mostSeconds = MOST_SECONDS,
  }: Pick<Report, "goals" | "numbers"> & { readonly mostSeconds?: number },
): void {
  const seconds = (performance.now() - began) / 1000;
  const goals = [...own, atMost("seconds on two free cores", seconds, mostSeconds)];
  const missed = goals.filter(({ holds }) => !holds);
  const [load = 0] = loadavg();
  const line: Report = {
    row: id,
    what,
    passed: missed.length === 0,
    seconds: rounded(seconds),
    goals,
    // Of one minute: two is what two cores can do.
    numbers: { ...numbers, load: rounded(load) },
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  const texts = missed.map(({ name, goal, seen }) => `${name}: ${String(seen)}, wanted ${goal}`);
  assert.deepEqual(texts, []);
}
