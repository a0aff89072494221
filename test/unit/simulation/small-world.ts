/** @file A small world for tests: little text, two validators, honest miners. */
import type { Strategy } from "../../../miner/strategies/strategy.ts";
import { honest } from "../../../miner/strategies/honest.ts";
import { type Material, materialOf } from "../../../simulation/material.ts";
import type { SimulatedNode } from "../../../simulation/node.ts";
import { type ValidatorNode, World } from "../../../simulation/world.ts";
import type { Participant } from "../../../src/neuron/participant.ts";
import { drawsOf } from "../../../src/protocol/draws.ts";
import { blake2b256 } from "../../../src/protocol/digest.ts";
import type { RunManifest } from "../../../src/protocol/manifest.ts";
import { demoManifest, MODELS } from "../../../src/run/presets.ts";
import { rulesOfConfig } from "../../../subnet/config/manifest.ts";
import { loadConfig } from "../../../subnet/config/read.ts";

const WORDS =
  "the window opens and every miner trains its pages before the deadline of the block".split(" ");

/** Text of so many bytes with something to learn in it. */
function textOf(bytes: number, seed: string): Uint8Array {
  const draws = drawsOf(blake2b256(new TextEncoder().encode(seed)));
  const words: string[] = [];
  for (let length = 0; length < bytes;) {
    const word = WORDS[draws.below(WORDS.length)] ?? "";
    words.push(word);
    length += word.length + 1;
  }
  return new TextEncoder().encode(words.join(" ").slice(0, bytes));
}

/** What a test changes about the manifest. */
type Change = (manifest: RunManifest) => RunManifest;

/** A run of `windows` windows over made-up text, small enough for a test. */
export function smallMaterial(windows: number, change: Change = (manifest) => manifest): Material {
  const model = { ...MODELS.nano, layers: 1, width: 32, hidden: 64, context: 32 };
  return materialOf({
    training: textOf(200_000, "training"),
    heldOut: textOf(8000, "held out"),
    tokenBytes: 1,
    vocabulary: 256,
    model,
    sequencesPerPage: 8,
    manifest: ({ dataManifest, pages, ...where }) => {
      const demo = demoManifest({
        name: "t",
        windows,
        ...where,
        data: { manifest: dataManifest, pages },
      });
      const { config } = loadConfig(null, { set: ["scoring.mode=credit"] });
      return change({
        ...demo,
        ...rulesOfConfig(config),
        model,
        inner: { ...demo.inner, batch: 4, steps: 4, totalSteps: 4 * windows },
      });
    },
  });
}

/** A world with two validators (60 and 40 % of stake) and as many miners as strategies. */
export function smallWorld(
  seed: number,
  windows: number,
  strategies: readonly ((miner: Participant) => Strategy)[] = Array.from(
    { length: 4 },
    () => honest,
  ),
  change?: Change,
): { world: World; validators: ValidatorNode[]; miners: SimulatedNode[] } {
  const world = new World({ seed, material: smallMaterial(windows, change) });
  const validators = ["heavy", "light"].map((name) => world.validator({ name }));
  const miners = strategies.map((strategy, index) =>
    world.miner({ name: `miner ${index}`, strategy }),
  );
  world.seat([
    ...validators.map(({ node }, index) => ({ node, stakeRao: index === 0 ? 600n : 400n })),
    ...miners.map((node) => ({ node })),
  ]);
  for (const node of world.nodes) node.start();
  return { world, validators, miners };
}
