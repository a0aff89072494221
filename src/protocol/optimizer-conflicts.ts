/** @file Which settings of the optimisers exclude each other, and why (docs/protocol.md#optimisers). */
import { conflict, type Rule } from "./conflict.ts";

/** Beyond, one step by the sign moves a parameter by more than most of them are large. */
const MOST_SIGN_STEP = 0.1;

const muonMomentum: Rule = ({ inner }) => {
  if ((inner.optimizer === "muon") === (inner.momentum !== undefined)) return null;
  return conflict("inner.momentum", "is muon's: give it with inner.optimizer muon, and only then");
};

const decayOfWsd: Rule = ({ inner }) => {
  if ((inner.schedule === "wsd") === (inner.decaySteps !== undefined)) return null;
  return conflict("inner.decaySteps", "is of the schedule wsd: give it with that, and only then");
};

const decayInside: Rule = ({ inner }) =>
  inner.warmupSteps + (inner.decaySteps ?? 0) <= inner.totalSteps
    ? null
    : conflict("inner.decaySteps", "warm-up and decay are longer than the whole schedule");

const dilocoMomentum: Rule = ({ outer }) => {
  if ((outer.optimizer === "diloco") === (outer.momentum !== undefined)) return null;
  return conflict(
    "outer.momentum",
    "is diloco's: sparse updates leave most coordinates out, and momentum would move those on and on; demo moves by the sign alone",
  );
};

const dilocoIsDense: Rule = ({ outer, codec }) =>
  outer.optimizer !== "diloco" || codec.k === codec.chunk
    ? null
    : conflict("codec.k", "diloco sends every coordinate: k must be codec.chunk");

const signStepIsSmall: Rule = ({ outer }) =>
  outer.optimizer !== "demo" || outer.alpha <= MOST_SIGN_STEP
    ? null
    : conflict(
        "outer.alpha",
        `demo moves every parameter by alpha in each window: at most ${MOST_SIGN_STEP}`,
      );

/** In the order in which they are told. */
export const OPTIMIZER_RULES: readonly Rule[] = [
  muonMomentum,
  decayOfWsd,
  decayInside,
  dilocoMomentum,
  dilocoIsDense,
  signStepIsSmall,
];
