/** @file The part `scoring` of a manifest: by which form updates are paid, and the constants of that form (docs/gauntlet.md#13-keys-and-constants). */
import * as z from "zod";

const upTo = (max: number): z.ZodNumber => z.number().min(0).max(max);
const positive = (max: number): z.ZodNumber => z.number().gt(0).max(max);
const fraction = z.number().min(0).lt(1);

/** What both forms judge updates by before they are scored. */
const checks = {
  minimumNormRatio: fraction,
  maximumOverlap: positive(1),
  /** Each costs a comparison with every update of that window. */
  overlapWindows: z.int().min(0).max(64),
};

/** Rating x trust, raised to a power. A document without a mode means this one. */
const publishedSchema = z
  .strictObject({
    mode: z.literal("published").optional(),
    ...checks,
    trustAlpha: positive(1),
    trustThreshold: fraction,
    trustWarmupWindows: z.int().min(0).max(100_000),
    ratingBeta: positive(10_000),
    ratingTau: upTo(10_000),
    power: positive(16),
  })
  .readonly();

const creditConstantsSchema = z
  .strictObject({
    /** Moving average of the credits. */
    alpha: positive(1),
    /** Moving average of presence. */
    attendanceAlpha: positive(1),
    /** Windows that the mean credit counts for with which all begin while nobody is trusted. */
    priorWindows: z.int().min(0).max(1000),
    /** How many times its own first credit that is at most. */
    priorRatio: positive(100),
    /** Largest credit of a window, and the lowest below zero. */
    windowBound: positive(100),
    /** Share of the reference that earns nothing. */
    floor: fraction,
    /** Share of all trusted credit that those above the reference hold. */
    referenceShare: positive(1),
    /** How many times what credit lacks to the reference is taken from it, at most the floor; without it the floor is taken from all. */
    shortfall: positive(100).optional(),
    /** Moving average of the sum that credits are a share of, and the share of it that this sum never falls below. */
    scaleAlpha: positive(1),
    scaleShare: upTo(1),
    /** Credit is whole from a margin of 1 / marginSlope of the median on. */
    marginSlope: positive(100),
    /** Median margin below which margins say nothing, in standard errors. */
    decidedMargin: upTo(100),
    /** Log-odds of trust: of a new hotkey, bounds, and how far one window moves them. */
    oddsStart: z.number().min(-20).max(20),
    oddsBound: positive(20),
    oddsRise: positive(20),
    oddsFall: positive(20),
    oddsTheft: upTo(20),
    /** Share of the way back to `oddsStart` that log-odds below it go in a window that decides nothing. */
    oddsReturn: upTo(1),
    /** Margin of work on the assigned pages and variance of margins, which the log-odds weigh a margin by. */
    oddsMargin: positive(100),
    oddsVariance: positive(10_000),
    /** Trust above which a hotkey counts as trusted, and trust from which its updates are voted for. */
    trustedAbove: fraction,
    voteTrust: fraction,
  })
  .readonly();

/** Magnitude of what an update did to the loss, above a floor, times trust. */
const creditSchema = z
  .strictObject({ mode: z.literal("credit"), ...checks, credit: creditConstantsSchema })
  .readonly();

/** Schema of `scoring`. */
export const scoringSchema = z.discriminatedUnion("mode", [publishedSchema, creditSchema]);

/** How updates are scored and paid. */
export type ScoringRules = z.infer<typeof scoringSchema>;
/** Its form of rating x trust. */
export type PublishedScoring = z.infer<typeof publishedSchema>;
/** Its form of credit above a floor x trust. */
export type CreditScoring = z.infer<typeof creditSchema>;
/** The constants of the mode `credit`. */
export type CreditConstants = CreditScoring["credit"];

/** The form in which a run pays. */
export type ScoringMode = "published" | "credit";

/** The mode of `scoring`; a document that names none means `published`. */
export function modeOf({ mode }: Pick<ScoringRules, "mode">): ScoringMode {
  return mode ?? "published";
}
