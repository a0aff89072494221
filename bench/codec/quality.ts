/** @file What ways to send values cost in final loss: nano models that train together for 600 steps, by the product's engine. */
import { MODELS } from "../../src/run/presets.ts";
import { play, textBelow } from "./play.ts";
import { QUANTISER_NAMES, QUANTISERS, type QuantiserName } from "./quantisers.ts";

const TEXT_BYTES = 8 << 20;

const SETTINGS = {
  /** Few steps a window, few coordinates. */
  short: { steps: 5, windows: 120, k: 64, errorDecay: 0.9 },
  /** The demo's. */
  demo: { steps: 10, windows: 60, k: 256, errorDecay: 0.5 },
} as const;

/** Losses in nats a byte on text that was not trained on, one a seed. */
export type Quality = {
  readonly setting: string;
  readonly values: QuantiserName;
  readonly mean: number;
  readonly losses: readonly number[];
};

/** Plays both settings with every way to send values; about half a minute of a core for each of 42 runs with three seeds. */
export async function compareValues(
  textFolder: string,
  seeds: number,
  report: (line: Quality) => void,
): Promise<void> {
  const text = await textBelow(textFolder, TEXT_BYTES);
  for (const [setting, rules] of Object.entries(SETTINGS))
    for (const name of QUANTISER_NAMES) {
      const losses: number[] = [];
      for (let seed = 1; seed <= seeds; seed += 1)
        losses.push(
          await play(text, {
            ...rules,
            model: MODELS.nano,
            miners: 4,
            batch: 12,
            chunk: 4096,
            rate: 0.012,
            alpha: 0.7,
            seed,
            quantise: QUANTISERS[name].quantise,
          }),
        );
      const mean = losses.reduce((sum, one) => sum + one, 0) / seeds;
      report({ setting, values: name, mean, losses });
    }
}
