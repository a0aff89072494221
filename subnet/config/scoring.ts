/** @file Tables [evaluation] and [scoring]: how validators judge, and what is paid. */
import { between, fraction, key, oneOf, positive, table, toggle, whole } from "./key.ts";

/** [evaluation] */
export const evaluationTable = table("How much data validators judge an update on", {
  ownSequences: key(whole(1, 65_536), 32, {
    description: "Sequences of the miner's own pages that its update is evaluated on.",
    unit: "sequences",
    effect: "16 to 32 give a right verdict 97 to 99 % of the time; more costs validators time.",
  }),
  noiseSequences: key(whole(1, 65_536), 32, {
    description: "Sequences of unassigned pages that every update is evaluated on.",
    unit: "sequences",
    effect: "More: the vote and the ranking depend less on luck; costs validators time.",
  }),
  factor: key(positive(1), 0.5, {
    description: "Share of the outer step at which a single update is tried.",
    unit: "share",
    effect:
      "Higher: little work that was scaled up is worth less, but good updates overshoot alone.",
  }),
  usualShare: key(positive(1), 0.8, {
    description:
      "Which of the norms of the updates applied last, in ascending order, is the usual one that each tensor is clipped to before it is judged.",
    unit: "share",
    effect:
      "Lower: where many do part of the work, all of it is judged as if it were as little. Higher: who scales its updates up gains more. 0.5 is the lower median; never above 1.25 of that.",
  }),
  usualGrowth: key(toggle(), true, {
    description:
      "Whether the usual norms grow with the learning rate from one window to the next while it warms up.",
    unit: "switch",
    effect:
      "false: in the windows of the warm-up half of the work is worth nearly what all of it is.",
  }),
});

/** [scoring] */
export const scoringTable = table("What earns: mode, trust, rating, copies, pay", {
  mode: key(oneOf(["credit", "published"]), "credit", {
    description: "The form in which updates are paid. A run keeps it: it cannot be amended.",
    unit: "text",
    effect:
      "credit pays by how much the loss fell, above a floor, times trust, and reads [credit]; published, kept for comparison, pays rating times trust, raised to a power, and reads trustAlpha, trustThreshold, trustWarmupWindows, ratingBeta, ratingTau and power instead.",
  }),
  trustAlpha: key(positive(1), 0.05, {
    description: "How fast trust follows the newest window (moving average).",
    unit: "share",
    effect: "Higher: cheats are found sooner, and honest miners lose more by one bad window.",
  }),
  trustThreshold: key(fraction(), 0.1, {
    description: "Trust below which a hotkey earns nothing once it has warmed up.",
    unit: "share",
    effect: "Higher: fewer copiers get through, and newcomers wait longer.",
  }),
  trustWarmupWindows: key(whole(0, 100_000), 10, {
    description: "Windows of its own in which the threshold does not yet hold for a hotkey.",
    unit: "windows",
    effect: "More: kinder to newcomers, and to cheats under new names.",
  }),
  ratingBeta: key(positive(10_000), 7, {
    description: "Luck that the rating expects in one window's result.",
    unit: "rating",
    effect: "Higher: the rating moves more slowly and is fairer to unlucky miners.",
  }),
  ratingTau: key(between(0, 10_000), 0.1, {
    description: "How much a miner's skill may drift in a window.",
    unit: "rating",
    effect: "Higher: the rating forgets faster and never settles.",
  }),
  minimumNormRatio: key(fraction(), 0.1, {
    description:
      "Norm, against that of the last applied updates, below which one is refused as empty.",
    unit: "share",
    effect: "Higher: lazy small updates are refused, and so are honest quiet ones.",
  }),
  maximumOverlap: key(positive(1), 0.5, {
    description:
      "Share of equal coordinates from which two updates are tried on each other's pages.",
    unit: "share",
    effect: "Lower: more copies are found, and validators compare more honest pairs.",
  }),
  overlapWindows: key(whole(0, 64), 3, {
    description: "Earlier windows whose updates are compared as well.",
    unit: "windows",
    effect: "More: old work sent again is found later too; costs memory.",
  }),
  power: key(positive(16), 2, {
    description: "Exponent from score to pay.",
    unit: "number",
    effect: "1 pays in proportion, 2 favours the better, 4 pays nearly only the best.",
  }),
});
