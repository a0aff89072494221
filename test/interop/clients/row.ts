/** @file Acts of a client in their order, and the row that each becomes. */
import { reasonOf } from "../../../base/fault.ts";
import { shortened } from "./answer.ts";

/** One thing that a client does; `run` throws when it fails. */
export type Act<Stage> = {
  readonly act: string;
  /** Acts of the same client without which this one means nothing. */
  readonly needs?: readonly string[];
  readonly run: (stage: Stage) => Promise<void>;
};

/** What became of an act. */
export type Row = {
  readonly client: string;
  readonly act: string;
  readonly passed: boolean;
  /** The first error; empty when it passed. */
  readonly error: string;
  readonly seconds: number;
};

/** What is wanted of all acts; with the acts that those need. */
export function chosenActs<Stage>(
  acts: readonly Act<Stage>[],
  words: readonly string[],
): readonly Act<Stage>[] {
  if (words.length === 0) return acts;
  const wanted = new Set<string>();
  const want = (act: Act<Stage>): void => {
    if (wanted.has(act.act)) return;
    wanted.add(act.act);
    for (const name of act.needs ?? []) acts.filter((other) => other.act === name).forEach(want);
  };
  acts.filter(({ act }) => words.some((word) => act.includes(word))).forEach(want);
  return acts.filter(({ act }) => wanted.has(act));
}

async function rowOf<Stage>(client: string, { act, run }: Act<Stage>, stage: Stage): Promise<Row> {
  const began = performance.now();
  const ended = (error: string): Row => {
    const seconds = Number(((performance.now() - began) / 1000).toFixed(1));
    return { client, act, passed: error === "", error, seconds };
  };
  try {
    await run(stage);
    return ended("");
  } catch (error) {
    return ended(shortened(reasonOf(error)) || "it failed without a word");
  }
}

/** Runs acts one after the other. What needs an act that failed is not run, and failed. `told`: of each row at once. */
export async function rowsOf<Stage>(
  client: string,
  acts: readonly Act<Stage>[],
  stage: Stage,
  told: (row: Row) => void,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const act of acts) {
    const missing = act.needs?.find((name) => !rows.some((row) => row.act === name && row.passed));
    const row =
      missing === undefined
        ? await rowOf(client, act, stage)
        : { client, act: act.act, passed: false, error: `needs "${missing}"`, seconds: 0 };
    rows.push(row);
    told(row);
  }
  return rows;
}
