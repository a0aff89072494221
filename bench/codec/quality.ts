/**
 * @file Final loss of nano models whose miners send values in different ways; one JSON line a run, then means.
 * `node bench/codec/quality.ts [--text FOLDER] [--seeds 3] [--setting short|demo] [--only name,...]`: about 30 s of a core a run.
 */
import { MODELS } from "../../src/run/presets.ts";
import { flagsOf } from "../support/flags.ts";
import { play, textBelow } from "./play.ts";
import { QUANTISER_NAMES, QUANTISERS, type QuantiserName } from "./quantisers.ts";

const SETTINGS = {
  /** Few steps a window, few coordinates: the setting of convergence benchmarks. */
  short: { steps: 5, windows: 120, k: 64, errorDecay: 0.9 },
  /** The demo's. */
  demo: { steps: 10, windows: 60, k: 256, errorDecay: 0.5 },
} as const;

/** Bits of an index, nearly: what a one-bit value saves buys coordinates. */
const INDEX_BITS = { short: 7.4, demo: 5.4 } as const;

const flags = flagsOf({
  text: { type: "string", default: "node_modules" },
  seeds: { type: "string", default: "3" },
  setting: { type: "string", default: "short" },
  only: { type: "string", default: "" },
});
const name = flags.setting === "demo" ? "demo" : "short";
const setting = SETTINGS[name];
const index = INDEX_BITS[name];
/** The same bytes in one-bit values: more of them. */
const more = Math.round((setting.k * (index + 1.87)) / (index + 1));
const arms: readonly { arm: string; quantiser: QuantiserName; k: number }[] = [
  ...QUANTISER_NAMES.map((quantiser) => ({ arm: quantiser, quantiser, k: setting.k })),
  { arm: "one-magnitude at equal bytes", quantiser: "one-magnitude" as const, k: more },
].filter(({ arm }) => flags.only === "" || flags.only.split(",").includes(arm));

const text = await textBelow(flags.text, 8 << 20);
const results = new Map<string, number[]>();
for (let seed = 1; seed <= Number(flags.seeds); seed += 1)
  for (const { arm, quantiser, k } of arms) {
    const begin = performance.now();
    const loss = await play(text, {
      ...setting,
      k,
      model: MODELS.nano,
      miners: 4,
      batch: 12,
      chunk: 4096,
      rate: 0.012,
      alpha: 0.7,
      seed,
      quantise: QUANTISERS[quantiser].quantise,
    });
    results.set(arm, [...(results.get(arm) ?? []), loss]);
    const seconds = Math.round((performance.now() - begin) / 1000);
    console.log(JSON.stringify({ setting: name, arm, k, seed, loss, seconds }));
  }
for (const [arm, losses] of results) {
  const mean = losses.reduce((sum, one) => sum + one, 0) / losses.length;
  const spread = Math.max(...losses) - Math.min(...losses);
  console.log(JSON.stringify({ setting: name, arm, mean, spread, losses }));
}
