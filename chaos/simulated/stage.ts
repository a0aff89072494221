/** @file The subnet that cells are played on: two validators with 60 and 40 % of the stake, four honest miners, a tiny model. */
import { honest } from "../../miner/strategies/honest.ts";
import { type Material, materialOf } from "../../simulation/material.ts";
import type { SimulatedNode } from "../../simulation/node.ts";
import { type ValidatorNode, World } from "../../simulation/world.ts";
import { MODELS } from "../../src/run/presets.ts";
import { manifestOf } from "../../subnet/config/manifest.ts";
import { loadConfig } from "../../subnet/config/read.ts";
import { type Dice, diceOf } from "../outcome/dice.ts";

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
  width: 32,
  hidden: 64,
  context: 32,
};
const SEQUENCES_PER_PAGE = 8;
const TRAINING_BYTES = 120_000;
const HELD_OUT_BYTES = 4000;
const STAKES = [600_000_000_000n, 400_000_000_000n] as const;
const MINERS = 4;
/** More windows than any cell takes. */
const WINDOWS = 64;
/**
 * The demo's own rules, in the mode that is the default. But in its first window so small a model moves much the same coordinates
 * wherever it is trained: overlaps are 0.50 to 0.61 there, the demo's at most 0.34, and all honest pairs would be compared.
 */
const SETTINGS = ["scoring.mode=credit", "scoring.maximumOverlap=0.7"];
/** Each of a miner's sequences is trained on twice a window, as in the demo. */
const INNER = {
  batch: 8,
  steps: 8,
  warmupSteps: 24,
  learningRate: 0.01,
  minimumLearningRate: 0.004,
} as const;
const PAGES = { pagesPerWindow: 4, noisePages: 12 } as const;
/**
 * Updates are judged by a smaller step than the demo's and on more noise: so little a model would else refuse one honest update in
 * twenty by chance. Margins of honest work are then those of the demo (docs/gauntlet.md#14-known-limits).
 */
const EVALUATION = {
  ownSequences: PAGES.pagesPerWindow * SEQUENCES_PER_PAGE,
  noiseSequences: PAGES.noisePages * SEQUENCES_PER_PAGE,
  factor: 0.05,
} as const;

const VOCABULARY = 200;
const LONGEST_WORD = 7;
/** What can stand in words: the letters of the common ones, and all that is printed. */
const COMMON_LETTERS = "etaoinshrdlucmfw".split("");
const ALL_LETTERS = Array.from({ length: 90 }, (_, index) => String.fromCharCode(33 + index));
/** A subject: so many bytes of the text with so many words of their own, from so many letters. */
const SUBJECT = { bytes: 128, words: 4, letters: 8 } as const;
/** How much of a subject is said in common words. */
const COMMON_SHARE = 0.85;

/** `count` made-up words. */
function wordsOf(letters: readonly string[], count: number, dice: Dice): string[] {
  return Array.from({ length: count }, () =>
    Array.from({ length: 2 + Math.floor(dice.fraction() * LONGEST_WORD) }, () =>
      dice.one(letters),
    ).join(""),
  );
}

/**
 * Text that goes from subject to subject as real text does: common words, few of them frequent, and some that only a page or two
 * know. So work on pages shows on those pages, and evidence says who did it; in a text that is the same everywhere it is a coin.
 */
function textOf(bytes: number, seed: number): Uint8Array {
  const common = wordsOf(COMMON_LETTERS, VOCABULARY, diceOf(0));
  const dice = diceOf(seed);
  let text = "";
  while (text.length < bytes) {
    const letters = Array.from({ length: SUBJECT.letters }, () => dice.one(ALL_LETTERS));
    const own = wordsOf(letters, SUBJECT.words, dice);
    for (const end = text.length + SUBJECT.bytes; text.length < end;) {
      const isCommon = dice.fraction() < COMMON_SHARE;
      text += `${isCommon ? common[Math.floor(VOCABULARY * dice.fraction() ** 2)] : dice.one(own)} `;
    }
  }
  return new TextEncoder().encode(text.slice(0, bytes));
}

/** The run that all cells begin: made once a process. */
export function materialOfStage(): Material {
  return materialOf({
    training: textOf(TRAINING_BYTES, 1),
    heldOut: textOf(HELD_OUT_BYTES, 2),
    tokenBytes: 1,
    vocabulary: 256,
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
        data: { ...data, ...PAGES, sequencesPerPage: SEQUENCES_PER_PAGE },
        // More of its coordinates than the demo sends: in 60 windows so small a model has to get as far.
        codec: { k: 48, chunk: 256 },
        evaluation: { ...evaluation, ...EVALUATION },
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
