/** @file R3: DiLoCo. Bytes fall as the inner steps between two outer steps grow, to the byte; the loss hardly does. */
import { test } from "node:test";
import { readText } from "../../bench/convergence/text.ts";
import { outerSteps, type Setting, warmStart } from "./outer-steps.ts";
import { atMost, exactly, report } from "./report.ts";
import { ROWS } from "./rows.ts";

/** Steps of one node before, on the tokens of four; and of each miner. */
const WARM_STEPS = 400;
const STEPS = 500;
const RATE = 0.004;
const MOST_RATIO = 1.02;

/** The setting of H = 1 and H = 50 that ended lowest of those tried by hand (README.md); the others have the same. */
const SETTINGS: readonly Setting[] = [1, 10, 50, 500].map((inner) => ({
  inner,
  rate: RATE,
  alpha: 0.7,
  momentum: inner === 500 ? 0 : 0.5,
}));

test(ROWS.R3.what, async () => {
  const began = performance.now();
  const text = readText();
  const start = await warmStart(text, WARM_STEPS);
  const rows: { inner: number; loss: number; outerSteps: number; bytes: number }[] = [];
  for (const setting of SETTINGS) {
    const { loss, steps, bytes } = await outerSteps(text, start, { steps: STEPS, setting });
    rows.push({ inner: setting.inner, loss, outerSteps: steps, bytes });
  }
  const byInner = new Map(rows.map((row) => [row.inner, row]));
  const [every, tenth, fiftieth, last] = [1, 10, 50, 500].map((inner) => byInner.get(inner));
  const share = (row: typeof every): number =>
    every === undefined || row === undefined ? Number.NaN : row.bytes * row.inner - every.bytes;
  report(ROWS.R3, began, {
    goals: [
      exactly("bytes at H = 10 times 10, above those at H = 1", share(tenth), 0),
      exactly("bytes at H = 50 times 50, above those at H = 1", share(fiftieth), 0),
      exactly("bytes at H = 500 times 500, above those at H = 1", share(last), 0),
      atMost(
        "loss at H = 50 over that at H = 1",
        every === undefined || fiftieth === undefined ? null : fiftieth.loss / every.loss,
        MOST_RATIO,
      ),
    ],
    numbers: { rows, warmSteps: WARM_STEPS, steps: STEPS, miners: 4 },
  });
});
