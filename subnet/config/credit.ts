/** @file Table [credit]: the constants of the scoring mode credit. */
import { between, fraction, key, positive, table, whole } from "./key.ts";

/** [credit] */
export const creditTable = table("What earns in scoring.mode credit; without effect otherwise", {
  alpha: key(positive(1), 0.1, {
    description: "How fast pay follows the newest window (moving average of credits).",
    unit: "share",
    effect: "Higher: newcomers count sooner, and equal work is paid less equally.",
  }),
  attendanceAlpha: key(positive(1), 0.3, {
    description: "How fast pay follows absence and return (moving average of presence).",
    unit: "share",
    effect: "Higher: who is away is paid less at once, and more as soon as it is back.",
  }),
  priorWindows: key(whole(0, 1000), 5, {
    description:
      "While no hotkey is trusted, credit begins with the mean credit, as if earned in so many windows.",
    unit: "windows",
    effect:
      "Higher: the luck of a run's first windows counts less, and cheats are paid in them as well.",
  }),
  priorRatio: key(positive(100), 1.5, {
    description: "How many times its own first credit the credit of a hotkey begins with at most.",
    unit: "number",
    effect:
      "Higher: equal work is paid more equally in a run's first windows, little and split work more.",
  }),
  windowBound: key(positive(100), 2, {
    description: "Most that one window counts, in typical falls of a window.",
    unit: "typical falls",
    effect: "Lower: one lucky or forged window is worth less, and so is more work than others do.",
  }),
  floor: key(fraction(), 0.17, {
    description:
      "Share of the reference, the credit of the strongest, up to which credit earns nothing.",
    unit: "share",
    effect:
      "Higher: little work and work split over uids pay less, and equal work is paid less equally.",
  }),
  referenceShare: key(positive(1), 0.25, {
    description: "Share of all trusted credit that is held by those at the reference or above it.",
    unit: "share",
    effect: "Higher: the reference lies lower, and takes more strong hotkeys to move.",
  }),
  shortfall: key(between(0, 100), 0.85, {
    description:
      "How many times what credit lacks to the reference is taken from it, at most the floor.",
    unit: "number",
    effect:
      "Higher: three quarters of the work earn less of what all of it does, and equal work is paid less equally. 0: the floor is taken from all.",
  }),
  scaleAlpha: key(positive(1), 0.1, {
    description: "How fast the scale follows a window's typical fall (moving average).",
    unit: "share",
    effect: "Higher: the scale forgets strong windows faster.",
  }),
  scaleShare: key(between(0, 1), 1, {
    description: "Share of the scale below which a window's typical fall does not divide.",
    unit: "share",
    effect:
      "Higher: windows in which the loss falls little pay less; 0 makes every window worth the same.",
  }),
  marginSlope: key(positive(100), 1.25, {
    description: "Credit is whole from a margin of 1 / marginSlope of the usual one on.",
    unit: "number",
    effect: "Higher: work on other pages keeps more of its credit, and honest luck counts less.",
  }),
  decidedMargin: key(between(0, 100), 2, {
    description: "Usual margin from which one margin alone takes credit from its window.",
    unit: "standard errors",
    effect: "Higher: luck takes less credit when evaluation is noisy, and so does cheating.",
  }),
  oddsStart: key(between(-20, 20), -2, {
    description: "Log-odds of trust of a new hotkey: -2 is trust 0.12, 0 is 0.5.",
    unit: "log-odds",
    effect: "Higher: newcomers earn sooner, and so do cheats under new names.",
  }),
  oddsBound: key(positive(20), 3, {
    description: "Log-odds of trust never go beyond it: 3 is trust 0.95.",
    unit: "log-odds",
    effect: "Higher: old merit outlasts more bad windows.",
  }),
  oddsRise: key(positive(20), 1, {
    description: "Most that one window adds to the log-odds.",
    unit: "log-odds",
    effect: "Higher: fewer good windows make a hotkey trusted.",
  }),
  oddsFall: key(positive(20), 3, {
    description: "Most that one window takes from the log-odds by its margin.",
    unit: "log-odds",
    effect: "Higher: cheating in one window of some costs more, and so does bad luck.",
  }),
  oddsTheft: key(between(0, 20), 2, {
    description: "What an update that is proven to be another's work takes from the log-odds.",
    unit: "log-odds",
    effect:
      "Higher: a copier is out sooner, and a victim of a wrong verdict as well. A window of other work takes about 1.2.",
  }),
  oddsReturn: key(between(0, 1), 0.25, {
    description:
      "Share of the way back to oddsStart that log-odds below it go in a window in which the usual margin is not above 0.",
    unit: "share",
    effect:
      "Higher: an honest miner with a chance bad window is voted for sooner, and so is a cheat. 0: never, while that lasts.",
  }),
  oddsMargin: key(positive(100), 2, {
    description: "Margin that work on the assigned pages is expected to have.",
    unit: "standard errors",
    effect: "Higher: a small margin speaks against a hotkey; half of it is neutral.",
  }),
  oddsVariance: key(positive(10_000), 1.69, {
    description: "Variance of margins from window to window.",
    unit: "standard errors squared",
    effect: "Higher: one margin moves trust less.",
  }),
  trustedAbove: key(fraction(), 0.5, {
    description:
      "Trust above which a hotkey counts for a plateau, and ends the time in which all begin alike.",
    unit: "share",
    effect: "Higher: newcomers and doubtful hotkeys count later.",
  }),
  voteTrust: key(fraction(), 0.1, {
    description: "Trust from which a hotkey's updates are voted for.",
    unit: "share",
    effect: "Higher: doubtful updates are left out sooner; at most the trust of a new hotkey.",
  }),
});
