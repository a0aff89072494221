/** @file Checks that need no model: size of an update, and whether the very same work was there before (docs/gauntlet.md#1-fast-checks). */
import { overlapsOf } from "./coordinates.ts";
import type { SparseUpdate } from "../protocol/codec.ts";
import { blake2b256, type Hex } from "../protocol/digest.ts";
import { UPDATE_HEADER_BYTES } from "../protocol/update.ts";
import { clippedNorm, tensorNorms, wholeNorm } from "./norms.ts";

/** What is known of an update that decoded, and remembered to recognise it later. */
export type Fingerprint = {
  readonly uid: number;
  readonly hotkey: Hex;
  readonly window: number;
  /** Digest of the bytes after the header: equal bodies are equal work under another name. */
  readonly bodyDigest: Hex;
  /** What of each tensor is compared with others' updates, ascending: `choicesOf`. */
  readonly indices: readonly Uint32Array[];
  /** Whether the update holds every coordinate; left out where it does not. */
  readonly isDense?: boolean;
  /** Euclidean norm of each tensor. */
  readonly norms: readonly number[];
};

/** The `scoring` part of the rules in force, as far as it is used here. */
export type FastCheckSettings = {
  readonly minimumNormRatio: number;
  readonly maximumOverlap: number;
};

/** That a hotkey sent a body in a window. */
export type Sending = Pick<Fingerprint, "hotkey" | "window">;

/** Every sending of every body, by its digest. */
type KnownBodies = ReadonlyMap<Hex, readonly Sending[]>;

/** What is remembered of the windows before. */
export type EarlierWork = {
  readonly bodies: KnownBodies;
  /** Fingerprints of the last windows. */
  readonly fingerprints: readonly Fingerprint[];
  /** Whether what a hotkey sent in a window was applied. */
  isApplied(sending: Sending): boolean;
};

/** Why an update fails, and what exactly was found (for its verdict's detail). */
export type FastRejection = {
  readonly reason: "norm-too-small" | "copied" | "replayed";
  readonly detail: string;
};

/** The part of a payload that anybody could send again in their own name. */
export function bodyOf(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(UPDATE_HEADER_BYTES);
}

/** The fingerprint of a decoded update. `bytes`: the whole payload; `bodyDigest`: that of its body, where it was computed already. */
export function fingerprintOf(options: {
  readonly uid: number;
  readonly hotkey: Hex;
  readonly window: number;
  readonly bytes: Uint8Array;
  readonly update: SparseUpdate;
  readonly bodyDigest?: Hex;
}): Fingerprint {
  const { bytes, update, bodyDigest = blake2b256(bodyOf(bytes)), ...identity } = options;
  return {
    ...identity,
    bodyDigest,
    ...choicesOf(update),
    norms: tensorNorms(update),
  };
}

/**
 * What an update chose: its coordinates. A dense one (docs/protocol.md#optimisers) holds all of them, which says nothing; of it those above the
 * mean magnitude of their tensor (all where none is), with their signs, as 2 * coordinate + sign.
 */
function choicesOf(update: SparseUpdate): Pick<Fingerprint, "indices" | "isDense"> {
  const isDense = update.every(({ indices }) => indices.at(-1) === indices.length - 1);
  if (!isDense) return { indices: update.map((tensor) => tensor.indices) };
  return { indices: update.map((tensor) => loudest(tensor.values)), isDense };
}

function loudest(values: Float32Array): Uint32Array {
  const mean = values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;
  const all = values.keys().map((at) => 2 * at + Number((values[at] ?? 0) < 0));
  const chosen = Uint32Array.from(all);
  const louder = chosen.filter((_place, at) => Math.abs(values[at] ?? 0) > mean);
  return louder.length === 0 ? chosen : louder;
}

/**
 * Check every update of a window at once; the result has one entry per update that fails.
 *
 * Nothing here compares updates of one window: nothing of it is public before the deadline, so commit blocks prove nothing.
 * `usual`: norms that updates are clipped to.
 */
export function fastChecks(options: {
  readonly updates: readonly Fingerprint[];
  readonly usual: readonly number[];
  readonly earlier: EarlierWork;
  readonly settings: FastCheckSettings;
}): ReadonlyMap<number, FastRejection> {
  const { updates, usual, earlier, settings } = options;
  const minimumNorm = settings.minimumNormRatio * wholeNorm(usual);
  const rejections = new Map<number, FastRejection>();
  for (const one of updates) {
    const rejection =
      normFault(clippedNorm(one.norms, usual), minimumNorm) ??
      bodyFault(one, earlier) ??
      replayFault(one, earlier, settings);
    if (rejection !== null) rejections.set(one.uid, rejection);
  }
  return rejections;
}

function normFault(norm: number, minimum: number): FastRejection | null {
  // A norm of zero is too small whatever the usual one: it would pass 0 < 0.
  if (norm > 0 && norm >= minimum) return null;
  const detail = `norm ${norm.toPrecision(3)} where at least ${minimum.toPrecision(3)} is needed`;
  return { reason: "norm-too-small", detail };
}

/** The body was there before its window began, so it is no work on this window's pages. */
function bodyFault(
  { bodyDigest, hotkey, window }: Fingerprint,
  work: EarlierWork,
): FastRejection | null {
  const sent = (work.bodies.get(bodyDigest) ?? []).filter((one) => one.window < window);
  const own = sent.filter((one) => one.hotkey === hotkey);
  const first = Math.min(...own.map((one) => one.window));
  // Who sent it itself as early as anybody copied nobody.
  const foreign = sent.find((one) => one.hotkey !== hotkey && one.window < first);
  if (foreign !== undefined)
    return { reason: "copied", detail: `the same body as another's of window ${foreign.window}` };
  const applied = own.find((one) => work.isApplied(one));
  if (applied === undefined) return null;
  return { reason: "replayed", detail: `the same body as in window ${applied.window}` };
}

/**
 * One's own work that was applied already. What was not applied may be sent again: error feedback does that. Dense updates are not asked: early
 * in training honest ones of one miner agree in nine of ten signs, so nothing but the losses on its pages tells them apart.
 */
function replayFault(
  { hotkey, window, indices, isDense = false }: Fingerprint,
  work: EarlierWork,
  { maximumOverlap }: FastCheckSettings,
): FastRejection | null {
  if (isDense) return null;
  const own = work.fingerprints.filter((one) => one.window < window && one.hotkey === hotkey);
  const overlapWith = overlapsOf(indices);
  for (const one of own.filter((sent) => work.isApplied(sent))) {
    const overlap = overlapWith(one.indices);
    if (overlap < ownOverlapLimit(maximumOverlap)) continue;
    const share = Math.round(overlap * 100);
    const detail = `${share} % of its coordinates are those of your applied update of window ${one.window}`;
    return { reason: "replayed", detail };
  }
  return null;
}

/** A miner's own updates resemble each other more than strangers' do, so its limit lies half-way to identity. */
export function ownOverlapLimit(maximumOverlap: number): number {
  return (1 + maximumOverlap) / 2;
}
