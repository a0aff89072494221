/** @file The spot check of an answer: some of its sequences, drawn after it came, measured again by the validator. */
import { agreesOn } from "../../src/gauntlet/agreement.ts";
import type { PairedLosses } from "../../src/gauntlet/loss-score.ts";
import type { Bench } from "../evaluation/bench.ts";
import type { Applied } from "../evaluation/losses.ts";
import type { Pages } from "../evaluation/task.ts";

/** One of so many sequences of an answer is measured again, and at least one: checking has to cost little beside measuring. */
const CHECKED_OF = 32;

/** What an answer is checked with. `draw(n)` is a whole number below n that nobody could foresee. */
export type Checker = {
  readonly bench: Pick<Bench, "sequences" | "lossesOf">;
  readonly draw: (below: number) => number;
};

/** Different places among `count`, ascending. */
function drawn(count: number, draw: Checker["draw"]): readonly number[] {
  const places = new Set<number>();
  while (places.size < Math.ceil(count / CHECKED_OF)) places.add(draw(count));
  return [...places].toSorted((a, b) => a - b);
}

/** What is wrong with an answer, in words; null where all that was checked agrees. */
export async function faultOf(
  answer: PairedLosses,
  { applied, pages }: { readonly applied: Applied; readonly pages: Pages },
  { bench, draw }: Checker,
): Promise<string | null> {
  const sequences = await bench.sequences(pages);
  if (answer.before.length !== sequences || answer.after.length !== sequences)
    return `it answers for ${answer.after.length} sequences, and there are ${sequences}`;
  const places = drawn(sequences, draw);
  const own = await bench.lossesOf(applied, pages, places);
  for (const [at, place] of places.entries()) {
    const said = { before: answer.before[place] ?? NaN, after: answer.after[place] ?? NaN };
    const found = { before: own.before[at] ?? NaN, after: own.after[at] ?? NaN };
    // An update that makes one loss infinite makes all of them NaN in the whole batch, and perhaps not in these.
    if (Number.isNaN(said.after) && !Number.isNaN(found.after)) {
      const whole = await bench.lossesOf(applied, pages, [...answer.after.keys()]);
      return whole.after.some(Number.isFinite)
        ? "it says that the update makes losses infinite, and it does not"
        : null;
    }
    if (!agreesOn(said, found))
      return `sequence ${place}: it says ${said.before} and after the update ${said.after}, here it is ${found.before} and ${found.after}`;
  }
  return null;
}
