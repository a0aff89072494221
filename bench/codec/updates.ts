/**
 * @file Makes real updates to measure codecs on: trains the 10m model and keeps, every few windows, what one miner sends.
 * `node bench/codec/updates.ts --keep FOLDER [--text FOLDER] [--windows 12]`: some minutes on one core.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MODELS } from "../../src/run/presets.ts";
import { flagsOf } from "../support/flags.ts";
import { play, textBelow } from "./play.ts";
import { QUANTISERS } from "./quantisers.ts";

const EVERY = 4;
const flags = flagsOf({
  keep: { type: "string", default: "" },
  text: { type: "string", default: "node_modules" },
  windows: { type: "string", default: "12" },
});
if (flags.keep === "") {
  console.error("error: name a folder for the updates: --keep FOLDER");
  process.exit(2);
}
mkdirSync(flags.keep, { recursive: true });
const text = await textBelow(flags.text, 8 << 20);
const loss = await play(text, {
  model: MODELS["10m"],
  miners: 1,
  windows: Number(flags.windows),
  steps: 5,
  batch: 4,
  k: 64,
  chunk: 4096,
  rate: 0.001,
  alpha: 0.7,
  errorDecay: 0.9,
  seed: 1,
  quantise: QUANTISERS["lloyd-4"].quantise,
  onUpdate: (window, update) => {
    console.log(`window ${window}`);
    if ((window + 1) % EVERY !== 0) return;
    // All indices, then all values: little-endian u32 and f32, tensor after tensor.
    const parts = [...update.map(({ indices }) => indices), ...update.map(({ values }) => values)];
    const bytes = parts.map((one) => new Uint8Array(one.buffer, one.byteOffset, one.byteLength));
    writeFileSync(
      join(flags.keep, `update-${String(window).padStart(3, "0")}.bin`),
      Buffer.concat(bytes),
    );
  },
});
console.log(JSON.stringify({ windows: Number(flags.windows), heldOutLoss: loss }));
