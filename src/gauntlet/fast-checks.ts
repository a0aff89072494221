/** @file Checks that need no model: size of an update, and whether its work was committed by somebody before (docs/threats.md#2-updates). */
import { type SparseUpdate } from "../protocol/codec.ts";
import { blake2b256, type Hex } from "../protocol/digest.ts";
import { UPDATE_HEADER_BYTES } from "../protocol/update.ts";
import { lowerMedian } from "./statistics.ts";

/** What is remembered of an update to recognise it later. `commitBlock`: block of the commitment that counted. */
export type Fingerprint = {
  readonly hotkey: Hex;
  readonly window: number;
  readonly commitBlock: number;
  /** Digest of the bytes after the header: equal bodies are equal work under another name. */
  readonly bodyDigest: Hex;
  /** Chosen coordinates of each tensor, ascending. */
  readonly indices: readonly Uint32Array[];
};

/** A structurally valid update of the window. */
export type Candidate = Fingerprint & {
  readonly uid: number;
  /** Euclidean norm over all its values. */
  readonly norm: number;
};

/** The `scoring` part of the rules in force, as far as it is used here. */
export type FastCheckSettings = {
  readonly minimumNormRatio: number;
  readonly maximumOverlap: number;
  readonly overlapWindows: number;
};

/** Bodies ever seen, by digest: who sent each first. */
export type KnownBodies = ReadonlyMap<Hex, { readonly hotkey: Hex; readonly window: number }>;

/** Why a candidate fails, and what exactly was found (for its verdict's detail). */
export type FastRejection = {
  readonly reason: "norm-too-small" | "copied" | "replayed";
  readonly detail: string;
};

/** The candidate of a decoded update. `bytes`: the whole payload. */
export function candidateOf(options: {
  readonly uid: number;
  readonly hotkey: Hex;
  readonly window: number;
  readonly commitBlock: number;
  readonly bytes: Uint8Array;
  readonly update: SparseUpdate;
}): Candidate {
  const { bytes, update, ...identity } = options;
  return {
    ...identity,
    bodyDigest: blake2b256(bytes.subarray(UPDATE_HEADER_BYTES)),
    indices: update.map((tensor) => tensor.indices),
    norm: totalNorm(update),
  };
}

/** Euclidean norm over all values of an update, in float64. */
export function totalNorm(update: SparseUpdate): number {
  let sum = 0;
  for (const { codes, low, high } of update) {
    for (const code of codes) sum += (code & 2) === 0 ? low * low : high * high;
  }
  return Math.sqrt(sum);
}

/** Share of `a`'s coordinates that `b` chose too, over all tensors: 0 = disjoint, 1 = the same set. */
export function indexOverlap(a: readonly Uint32Array[], b: readonly Uint32Array[]): number {
  let shared = 0;
  let total = 0;
  for (const [tensor, indices] of a.entries()) {
    shared += sharedCount(indices, b[tensor] ?? new Uint32Array());
    total += indices.length;
  }
  return total === 0 ? 0 : shared / total;
}

function sharedCount(a: Uint32Array, b: Uint32Array): number {
  let count = 0;
  let at = 0;
  for (const index of a) {
    while (at < b.length && (b[at] ?? 0) < index) at += 1;
    if (at < b.length && b[at] === index) count += 1;
  }
  return count;
}

/**
 * Check every candidate of a window at once; the result has one entry per candidate that fails.
 *
 * Blame follows the commit block, nothing else: the later one copied. Equal blocks prove no order, so similar updates of
 * one block are left alone - but equal bodies of one block can only be collusion (nothing was public yet), so both fail.
 * `earlier`: fingerprints of at least the last `overlapWindows` windows, and of the hotkeys' own. `bodies`: all ever seen.
 */
export function fastChecks(options: {
  readonly window: number;
  readonly candidates: readonly Candidate[];
  readonly earlier: readonly Fingerprint[];
  readonly bodies: KnownBodies;
  readonly settings: FastCheckSettings;
}): ReadonlyMap<number, FastRejection> {
  const { candidates, settings } = options;
  const minimumNorm = settings.minimumNormRatio * lowerMedian(candidates.map(({ norm }) => norm));
  const rejections = new Map<number, FastRejection>();
  for (const candidate of candidates) {
    const rejection =
      normFault(candidate, minimumNorm) ??
      bodyFault(candidate, options) ??
      overlapFault(candidate, options);
    if (rejection !== null) rejections.set(candidate.uid, rejection);
  }
  return rejections;
}

function normFault({ norm }: Candidate, minimum: number): FastRejection | null {
  // A norm of zero is too small whatever the others sent: it would pass 0 < 0.
  if (norm > 0 && norm >= minimum) return null;
  const detail = `norm ${norm.toPrecision(3)} where at least ${minimum.toPrecision(3)} is needed`;
  return { reason: "norm-too-small", detail };
}

type Others = {
  readonly window: number;
  readonly candidates: readonly Candidate[];
  readonly earlier: readonly Fingerprint[];
  readonly bodies: KnownBodies;
  readonly settings: FastCheckSettings;
};

function bodyFault(
  candidate: Candidate,
  { window, candidates, bodies }: Others,
): FastRejection | null {
  const known = bodies.get(candidate.bodyDigest);
  if (known !== undefined && known.window < window) {
    const own = known.hotkey === candidate.hotkey;
    const detail = `the same body as in window ${known.window}`;
    return { reason: own ? "replayed" : "copied", detail };
  }
  const twin = candidates.find(
    (other) =>
      other.hotkey !== candidate.hotkey &&
      other.bodyDigest === candidate.bodyDigest &&
      other.commitBlock <= candidate.commitBlock,
  );
  if (twin === undefined) return null;
  return { reason: "copied", detail: `the same body as uid ${twin.uid} in this window` };
}

function overlapFault(candidate: Candidate, others: Others): FastRejection | null {
  const { window, candidates, earlier, settings } = others;
  const rivals = [
    ...candidates.filter((other) => other.commitBlock < candidate.commitBlock),
    ...earlier.filter(
      (other) => other.window < window && other.window >= window - settings.overlapWindows,
    ),
  ].filter((other) => other.hotkey !== candidate.hotkey);
  const copied = worstOverlap(candidate, rivals);
  if (copied.overlap >= settings.maximumOverlap) {
    return { reason: "copied", detail: overlapText(copied) };
  }
  const own = earlier.filter((other) => other.window < window && other.hotkey === candidate.hotkey);
  const replayed = worstOverlap(candidate, own);
  if (replayed.overlap < ownOverlapLimit(settings.maximumOverlap)) return null;
  return { reason: "replayed", detail: overlapText(replayed) };
}

/** A miner's own updates resemble each other more than strangers' do, so its limit lies half-way to identity. */
export function ownOverlapLimit(maximumOverlap: number): number {
  return (1 + maximumOverlap) / 2;
}

type Worst = { readonly overlap: number; readonly window: number };

function worstOverlap(candidate: Candidate, others: readonly Fingerprint[]): Worst {
  let worst: Worst = { overlap: 0, window: candidate.window };
  for (const other of others) {
    const overlap = indexOverlap(candidate.indices, other.indices);
    if (overlap > worst.overlap) worst = { overlap, window: other.window };
  }
  return worst;
}

function overlapText({ overlap, window }: Worst): string {
  return `${Math.round(overlap * 100)} % of its coordinates are those of an update of window ${window}`;
}
