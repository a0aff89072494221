/** @file What a league says at its end, read once at the edge of its process. */
import { z } from "zod";

const regime = z.enum(["learning", "plateau"]);
const number = z.number();

const strategySchema = z.object({
  /** `plateau/` before it on the plateau. */
  name: z.string(),
  regime,
  uids: number,
  share: number,
  fairShare: number,
  computeShare: number,
  /** The most that it may earn; null: no bound, it is honest work. */
  most: number.nullable(),
});

const rowSchema = z.object({
  strategy: z.string(),
  uid: number,
  compute: number,
  /** Of the whole run, and by window. */
  share: number,
  shares: z.array(number),
});

const castSchema = z.object({
  name: z.string(),
  regime,
  seed: number,
  windows: number,
  /** Null in a modelled field: nothing is trained. */
  loss: number.nullable(),
  aboveClean: number.nullable(),
  cv: number,
  maxDeviation: number,
  moved: number,
  /** Name of the honest strategy. */
  work: z.string(),
  rows: z.array(rowSchema),
});

const outcomeSchema = z.object({
  strategies: z.array(strategySchema),
  honest: z.object({ cv: number, maxDeviation: number }),
  payCurve: z.array(z.object({ steps: number, pay: number })),
  lossAboveClean: number.nullable(),
  /** What losses were drawn from, as a sentence; null: they were trained for. */
  model: z.string().nullable(),
  casts: z.array(castSchema),
});

const listSchema = z.array(
  z.object({ name: z.string(), about: z.string(), bound: z.string(), uids: number }),
);

/** A strategy over all casts of a league. Shares are of all emission, or of all compute. */
export type PlayedStrategy = z.output<typeof strategySchema>;
/** One cast: what it did to the model and to honest pay, and what each place was paid. */
export type PlayedCast = z.output<typeof castSchema>;
/** A whole league. */
export type Outcome = z.output<typeof outcomeSchema>;
/** A strategy that a league knows. */
export type KnownStrategy = z.output<typeof listSchema>[number];

function lastLine(text: string): unknown {
  return JSON.parse(text.trimEnd().split("\n").at(-1) ?? "");
}

/** The outcome in the last line that a league printed. @throws Error: it is none */
export function outcomeOf(printed: string): Outcome {
  return outcomeSchema.parse(lastLine(printed));
}

/** The strategies in the last line of a league that was asked for them. @throws Error: it is none */
export function knownOf(printed: string): readonly KnownStrategy[] {
  return listSchema.parse(lastLine(printed));
}
