/** @file Values of a manifest that are each fine but cannot work together. */
import { CONFIRMED_WITHIN_WINDOWS } from "./acceptance.ts";
import { type Conflict, conflict, type Rule } from "./conflict.ts";
import { PAGES_A_NOISE_PAGE, pagesPerUid } from "./assignment.ts";
import { logistic } from "./logistic.ts";
import { type RunManifest } from "./manifest.ts";
import { OPTIMIZER_RULES } from "./optimizer-conflicts.ts";

const deadlineInsideCommit: Rule = ({ phases, deadlineOffset }) => {
  const last = phases.train + phases.commit - 1;
  return deadlineOffset >= phases.train && deadlineOffset <= last
    ? null
    : conflict(
        "deadlineOffset",
        `the deadline must lie in the commit phase, ${phases.train}..${last}`,
      );
};

const seedFinalBeforeVotes: Rule = ({ phases, deadlineOffset, finalityLag }) => {
  // The evaluation seed is the block after the deadline; it must be final while at least one judge block is still to come.
  const length = phases.train + phases.commit + phases.reveal + phases.judge;
  return deadlineOffset + 1 + finalityLag < length - 1
    ? null
    : conflict("finalityLag", "the evaluation seed would be final only when the window is over");
};

const seedBlockExists: Rule = ({ startBlock, finalityLag }) =>
  startBlock >= finalityLag
    ? null
    : conflict("startBlock", "the first window's seed block would lie before the genesis block");

const chunkHoldsK: Rule = ({ codec }) =>
  codec.k <= codec.chunk ? null : conflict("codec.k", "k cannot exceed the chunk length");

const enoughPages: Rule = ({ data }) =>
  pagesPerUid({ pages: data.pages, neurons: 1, most: data.pagesPerWindow }) === data.pagesPerWindow
    ? null
    : conflict("data.pages", "one miner's pages are more than three quarters of all");

const enoughForNoise: Rule = ({ data }) =>
  data.pages >= PAGES_A_NOISE_PAGE * data.noisePages
    ? null
    : conflict(
        "data.noisePages",
        `each needs ${PAGES_A_NOISE_PAGE} pages: with fewer, training on any page may hit them`,
      );

const ownBatchFits: Rule = ({ data, evaluation }) =>
  evaluation.ownSequences <= data.pagesPerWindow * data.sequencesPerPage
    ? null
    : conflict("evaluation.ownSequences", "more sequences than one miner's pages hold");

const noiseBatchFits: Rule = ({ data, evaluation }) =>
  evaluation.noiseSequences <= data.noisePages * data.sequencesPerPage
    ? null
    : conflict("evaluation.noiseSequences", "more sequences than the noise pages hold");

const headsDivideWidth: Rule = ({ model }) =>
  model.width % model.heads === 0
    ? null
    : conflict("model.heads", "the width must be a multiple of the heads");

const headsDivideIntoGroups: Rule = ({ model }) =>
  model.heads % model.keyValueHeads === 0 &&
  (model.architecture === "llama" || model.heads === model.keyValueHeads)
    ? null
    : conflict("model.keyValueHeads", "must divide the heads (and equal them in gpt2)");

const biasOfGpt2: Rule = ({ model }) =>
  model.bias === true && model.architecture === "llama"
    ? conflict("model.bias", "only gpt2 has biases")
    : null;

const rotatesPairs: Rule = ({ model }) =>
  model.architecture === "gpt2" || (model.width / model.heads) % 2 === 0
    ? null
    : conflict("model.width", "rotary embeddings need an even width per head");

const vocabularyHoldsBytes: Rule = ({ model, tokenizer }) =>
  tokenizer.kind !== "bytes" || model.vocabulary >= 256
    ? null
    : conflict("model.vocabulary", "the byte tokenizer needs at least 256 entries");

const ratesInOrder: Rule = ({ inner }) =>
  inner.minimumLearningRate <= inner.learningRate
    ? null
    : conflict("inner.minimumLearningRate", "above the peak learning rate");

const warmupInside: Rule = ({ inner }) =>
  inner.warmupSteps <= inner.totalSteps
    ? null
    : conflict("inner.warmupSteps", "longer than the whole schedule");

const runFitsChain: Rule = ({ startBlock, windows, phases }) => {
  const length = phases.train + phases.commit + phases.reveal + phases.judge;
  return startBlock + windows * length < 2 ** 32
    ? null
    : conflict("windows", "the last window would lie past block 2^32");
};

/** Earlier windows beyond `overlapWindows` whose updates validators make fingerprints of again after a restart. */
const REMEMBERED_BEYOND_WINDOWS = 8;

/**
 * The fewest windows whose payloads and records a run may keep: those that updates are compared with, and those since a
 * checkpoint that is confirmed, with every window that may still turn out void.
 */
export function leastRetention({
  checkpointEveryWindows,
  scoring,
}: Pick<RunManifest, "checkpointEveryWindows" | "scoring">): number {
  return Math.max(
    2 * checkpointEveryWindows + CONFIRMED_WITHIN_WINDOWS + 1,
    scoring.overlapWindows + REMEMBERED_BEYOND_WINDOWS,
  );
}

function retainsEnough(key: keyof RunManifest["retention"]): Rule {
  return (manifest) => {
    const kept = manifest.retention[key];
    const least = leastRetention(manifest);
    return kept === 0 || kept >= least
      ? null
      : conflict(
          `retention.${key}`,
          `nodes need those of ${least} windows to catch up and to compare updates; 0 keeps all`,
        );
  };
}

const newcomersAreVotedFor: Rule = ({ scoring }) => {
  if (scoring.mode !== "credit") return null;
  const { oddsStart, oddsBound, voteTrust } = scoring.credit;
  if (Math.abs(oddsStart) > oddsBound)
    return conflict("scoring.credit.oddsStart", "beyond the bound of the log-odds");
  // Nobody would be voted for in the first window, so nothing would ever move.
  return logistic(oddsStart) >= voteTrust
    ? null
    : conflict("scoring.credit.voteTrust", "above the trust of a new hotkey");
};

const RULES: readonly Rule[] = [
  deadlineInsideCommit,
  seedFinalBeforeVotes,
  seedBlockExists,
  chunkHoldsK,
  enoughPages,
  enoughForNoise,
  ownBatchFits,
  noiseBatchFits,
  headsDivideWidth,
  headsDivideIntoGroups,
  rotatesPairs,
  biasOfGpt2,
  vocabularyHoldsBytes,
  ratesInOrder,
  warmupInside,
  ...OPTIMIZER_RULES,
  runFitsChain,
  newcomersAreVotedFor,
  retainsEnough("payloadWindows"),
  retainsEnough("recordWindows"),
];

/** Every rule that this manifest breaks, in a fixed order; empty when it can work. */
export function manifestConflicts(manifest: RunManifest): readonly Conflict[] {
  return RULES.map((rule) => rule(manifest)).filter((found) => found !== null);
}
