/** @file The subnet that cells are played on: two validators with 60 and 40 % of the stake, four honest miners, a tiny model. */
import { honest } from "../../miner/strategies/honest.ts";
import { type Material, materialOf } from "../../simulation/material.ts";
import type { SimulatedNode } from "../../simulation/node.ts";
import { type ValidatorNode, World } from "../../simulation/world.ts";
import { MODELS } from "../../src/run/presets.ts";
import { manifestOf } from "../../subnet/config/manifest.ts";
import { loadConfig } from "../../subnet/config/read.ts";
import { diceOf } from "../outcome/dice.ts";

/** A world and who is who in it. */
export type Stage = {
  readonly world: World;
  readonly majority: ValidatorNode;
  readonly minority: ValidatorNode;
  readonly miners: readonly SimulatedNode[];
};

const MODEL = {
  ...MODELS.nano,
  layers: 1,
  heads: 2,
  keyValueHeads: 2,
  width: 16,
  hidden: 32,
  context: 32,
};
const SEQUENCES_PER_PAGE = 4;
const TRAINING_BYTES = 120_000;
const HELD_OUT_BYTES = 4000;
const LETTERS = "etaoinshrdlucmfw".split("");
const VOCABULARY = 600;
const LONGEST_WORD = 7;
const STAKES = [600_000_000_000n, 400_000_000_000n] as const;
const MINERS = 4;
/** More windows than any cell takes. */
const WINDOWS = 64;
/** The demo's own rules, in the mode that is the default. */
const SETTINGS = ["scoring.mode=credit"];
/** Sequences that an update is judged on. */
const EVALUATED = 16;
/** Small steps: such a model is soon as good as it gets, and updates are then refused for what they are worth. */
const INNER = {
  batch: 4,
  steps: 4,
  warmupSteps: 8,
  learningRate: 0.002,
  minimumLearningRate: 0.0004,
} as const;

/** Text of made-up words, few of them frequent: there is something left to learn in every window of a cell. */
function textOf(bytes: number, seed: number): Uint8Array {
  const speech = diceOf(0);
  const words = Array.from({ length: VOCABULARY }, () =>
    Array.from({ length: 2 + Math.floor(speech.fraction() * LONGEST_WORD) }, () =>
      speech.one(LETTERS),
    ).join(""),
  );
  const dice = diceOf(seed);
  let text = "";
  while (text.length < bytes) text += `${words[Math.floor(VOCABULARY * dice.fraction() ** 3)]} `;
  return new TextEncoder().encode(text.slice(0, bytes));
}

/** The run that all cells begin: made once a process. */
export function materialOfStage(): Material {
  return materialOf({
    training: textOf(TRAINING_BYTES, 1),
    heldOut: textOf(HELD_OUT_BYTES, 2),
    model: MODEL,
    sequencesPerPage: SEQUENCES_PER_PAGE,
    manifest: (parts) => {
      const { config } = loadConfig(null, {
        set: [...SETTINGS, `windows=${WINDOWS}`],
      });
      const whole = manifestOf(config, parts);
      const { inner, data, evaluation } = whole;
      return {
        ...whole,
        model: MODEL,
        data: { ...data, sequencesPerPage: SEQUENCES_PER_PAGE },
        // The demo's share of coordinates, also of tensors that are smaller than its chunks.
        codec: { k: 16, chunk: 256 },
        evaluation: { ...evaluation, ownSequences: EVALUATED, noiseSequences: EVALUATED },
        inner: { ...inner, ...INNER, totalSteps: INNER.steps * WINDOWS },
      };
    },
  });
}

/** Sets a stage; nobody is started. */
export function openStage(seed: number, material: Material): Stage {
  const world = new World({ seed, material });
  const majority = world.validator({ name: "majority" });
  const minority = world.validator({ name: "minority" });
  const miners = Array.from({ length: MINERS }, (_, index) =>
    world.miner({ name: `miner-${index + 1}`, strategy: honest }),
  );
  world.seat([
    { node: majority.node, stakeRao: STAKES[0] },
    { node: minority.node, stakeRao: STAKES[1] },
    ...miners.map((node) => ({ node })),
  ]);
  return { world, majority, minority, miners };
}
