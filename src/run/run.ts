/** @file A run without a process: everything that follows from its manifest, its data and the chain's hashes alone. */
import type { EngineOptions } from "../../kernels/engine/calls.ts";
import { type Layout, layoutOf, specsOf } from "../../kernels/nn/model.ts";
import { batchOrder } from "../data/batches.ts";
import { heldOutTokens, type PageSource, tokensOf } from "../data/pages.ts";
import { assignedPages, noisePages, overlaps } from "../protocol/assignment.ts";
import { chooseSequences } from "../protocol/batches.ts";
import { maximumBodyBytes, type UpdateLayout } from "../protocol/codec.ts";
import type { Hex } from "../protocol/digest.ts";
import { assignKey, drawsOf, evalKey, noiseKey } from "../protocol/draws.ts";
import { learningRate } from "../protocol/learning-rate.ts";
import type { RunManifest } from "../protocol/manifest.ts";
import type { IncentiveRules } from "../protocol/rules.ts";
import { type ExpectedUpdate, UPDATE_HEADER_BYTES } from "../protocol/update.ts";
import { type WindowClock, windowClock } from "../protocol/window.ts";

/** What a run is opened from. */
export type RunParts = {
  readonly genesis: Hex;
  readonly runId: Hex;
  readonly manifest: RunManifest;
  readonly pages: PageSource;
  readonly heldOut: Uint8Array;
};

/** The two block hashes that a window's draws come from. */
export type WindowHashes = { readonly window: Hex; readonly evaluation: Hex };

/** The keys that a window's hashes fix. */
export type WindowKeys = {
  readonly hashes: WindowHashes;
  readonly assign: Hex;
  readonly noise: Hex;
  evaluation(hotkey: Hex): Hex;
};

/** One run. Its members never change; its methods are functions of their arguments. */
export class Run {
  readonly genesis: Hex;
  readonly runId: Hex;
  readonly manifest: RunManifest;
  readonly clock: WindowClock;
  /** Where each tensor lies in the flat parameters. */
  readonly layout: Layout;
  /** What fixes the form of an update's body. */
  readonly updateLayout: UpdateLayout;
  /** No valid update of this run is longer. */
  readonly maximumUpdateBytes: number;
  readonly #pages: PageSource;
  readonly #heldOut: Uint8Array;

  constructor({ genesis, runId, manifest, pages, heldOut }: RunParts) {
    this.genesis = genesis;
    this.runId = runId;
    this.manifest = manifest;
    this.clock = windowClock(manifest);
    this.layout = layoutOf(specsOf(manifest.model));
    this.updateLayout = { lengths: this.layout.lengths, ...manifest.codec };
    this.maximumUpdateBytes = UPDATE_HEADER_BYTES + maximumBodyBytes(this.updateLayout);
    this.#pages = pages;
    this.#heldOut = heldOut;
  }

  /** assignKey(window) from the hash of the window. */
  assignKey(window: number, hash: Hex): Hex {
    return assignKey({ ...this.#drawn(window), hash });
  }

  /** All keys of a window, once the first block after its deadline is known. */
  keys(window: number, hashes: WindowHashes): WindowKeys {
    const late = { ...this.#drawn(window), hash: hashes.evaluation };
    return {
      hashes,
      assign: this.assignKey(window, hashes.window),
      noise: noiseKey(late),
      evaluation: (hotkey) => evalKey({ ...late, hotkey }),
    };
  }

  #drawn(window: number): { genesis: Hex; runId: Hex; netuid: number; window: number } {
    return { genesis: this.genesis, runId: this.runId, netuid: this.manifest.netuid, window };
  }

  /** The sequences on the pages that `uid` is assigned. */
  #assigned(assign: Hex, uid: number, pagesUsed?: number): ReturnType<PageSource["sequences"]> {
    const { pages, pagesPerWindow } = this.manifest.data;
    const all = assignedPages({ key: assign, pages, uid, perUid: pagesPerWindow });
    return this.#pages.sequences(all.slice(0, pagesUsed));
  }

  /** Token batches of the inner steps of `uid`: steps * batch sequences of context + 1 tokens, in training order. */
  trainingTokens(assign: Hex, uid: number): Int32Array {
    const { steps, batch } = this.manifest.inner;
    const sequences = this.#assigned(assign, uid);
    const order = batchOrder(assign, { available: sequences.count, steps, batch });
    return tokensOf(sequences, order, this.manifest.model.context);
  }

  /** The batch on which the update of a hotkey is judged: drawn after the deadline from the pages it consumed. */
  ownTokens(
    keys: WindowKeys,
    who: { readonly uid: number; readonly hotkey: Hex; readonly consumedPages: number },
    { evaluation }: IncentiveRules,
  ): Int32Array {
    const sequences = this.#assigned(keys.assign, who.uid, who.consumedPages);
    const draws = drawsOf(keys.evaluation(who.hotkey));
    const chosen = chooseSequences(draws, sequences.count, evaluation.ownSequences);
    return tokensOf(sequences, chosen, this.manifest.model.context);
  }

  /** The noise batch of a window: from pages assigned to nobody, the same for every uid, so that differences pair up. */
  noiseTokens(keys: WindowKeys, neurons: number, { evaluation }: IncentiveRules): Int32Array {
    const { pages, pagesPerWindow: perUid, noisePages: count } = this.manifest.data;
    const chosen = noisePages({ key: keys.assign, pages, neurons, perUid, count });
    const sequences = this.#pages.sequences(chosen);
    const order = chooseSequences(drawsOf(keys.noise), sequences.count, evaluation.noiseSequences);
    return tokensOf(sequences, order, this.manifest.model.context);
  }

  /** Whether slices of pages wrap around and are shared, which the window's record flags. */
  overlaps(neurons: number): boolean {
    const { pages, pagesPerWindow: perUid, noisePages: noise } = this.manifest.data;
    return overlaps({ pages, neurons, perUid, noise });
  }

  /** `count` sequences of held-out text, evenly spaced. */
  heldOutTokens(count: number): Int32Array {
    return heldOutTokens(this.#heldOut, this.manifest.model.context, count);
  }

  /** The learning rate of each inner step of a window. */
  learningRates(window: number): Float32Array {
    const { inner } = this.manifest;
    return Float32Array.from({ length: inner.steps }, (_, step) =>
      learningRate(inner, window * inner.steps + step),
    );
  }

  /** What the header of an update of `hotkey` for `window` must say. */
  expectedHeader(
    window: number,
    hotkey: Hex,
    baseDigest: Hex,
  ): ExpectedUpdate & { readonly window: number } {
    return { ...this.#drawn(window), hotkey, baseDigest };
  }
}

/** Settings of a training engine for a manifest's model and inner steps. */
export function engineOptionsOf(
  manifest: Pick<RunManifest, "model" | "inner" | "evaluation">,
): Pick<EngineOptions, "model" | "batch" | "evaluationBatch" | "innerOptimizer"> {
  const { beta1, beta2, epsilon, weightDecay, clip, batch } = manifest.inner;
  return {
    model: manifest.model,
    batch,
    evaluationBatch: manifest.evaluation.noiseSequences,
    innerOptimizer: { beta1, beta2, epsilon, weightDecay, clip },
  };
}
