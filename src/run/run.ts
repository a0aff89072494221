/** @file A run without a process: everything that follows from its manifest, its data and the chain's hashes alone. */
import type { EngineOptions } from "../../kernels/engine/calls.ts";
import { type Layout, layoutOf, specsOf } from "../../kernels/nn/model.ts";
import { OUTER_DEFAULT, type OuterOptimizer, sharedLayout } from "../../kernels/optim/outer.ts";
import { batchOrder } from "../data/batches.ts";
import { heldOutTokens, type PageSource, type Sequences, tokensOf } from "../data/pages.ts";
import { type Tokenizer, tokenizerOf } from "../data/tokenizer.ts";
import {
  assignedPages,
  noisePages,
  pagesPerUid,
  type Permutation,
  permutationOf,
} from "../protocol/assignment.ts";
import { chooseSequences } from "../protocol/batches.ts";
import { AssayError } from "../errors.ts";
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
  /** tokenizer.json, where the manifest names one. */
  readonly tokenizerFile?: Uint8Array;
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

/** A uid in a window with so many of them. */
export type Seat = { readonly uid: number; readonly neurons: number };

/** One run. What is seen of it never changes; its methods are functions of their arguments. */
export class Run {
  readonly genesis: Hex;
  readonly runId: Hex;
  readonly manifest: RunManifest;
  readonly clock: WindowClock;
  /** Where each tensor lies in the flat parameters. */
  readonly layout: Layout;
  /** Where all that nodes share lies: parameters, and behind them the outer momentum of a run that has one. */
  readonly sharedLayout: Layout;
  /** What fixes the form of an update's body. */
  readonly updateLayout: UpdateLayout;
  /** No valid update of this run is longer. */
  readonly maximumUpdateBytes: number;
  readonly #pages: PageSource;
  readonly #heldOut: Uint8Array;
  readonly #tokenizerFile: Uint8Array | null;
  /** Of the window that was drawn last: who judges draws those of all its uids. */
  #permutation: { readonly key: Hex; readonly perm: Permutation } | null = null;

  constructor({ genesis, runId, manifest, pages, heldOut, tokenizerFile }: RunParts) {
    this.genesis = genesis;
    this.runId = runId;
    this.manifest = manifest;
    this.clock = windowClock(manifest);
    this.layout = layoutOf(specsOf(manifest.model));
    this.sharedLayout = sharedLayout(this.layout, outerOptimizerOf(manifest.outer));
    this.updateLayout = { lengths: this.layout.lengths, ...manifest.codec };
    this.maximumUpdateBytes = UPDATE_HEADER_BYTES + maximumBodyBytes(this.updateLayout);
    this.#pages = pages;
    this.#heldOut = heldOut;
    this.#tokenizerFile = tokenizerFile ?? null;
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

  /**
   * n_w: how many pages each uid is assigned in a window with `neurons` uids.
   * @throws AssayError pages-too-few: there is not one for each of them
   */
  pagesPerUid(neurons: number): number {
    const { pages, pagesPerWindow: most } = this.manifest.data;
    const perUid = pagesPerUid({ pages, neurons, most });
    if (perUid >= 1) return perUid;
    throw new AssayError({ code: "pages-too-few", pages, neurons });
  }

  /** The sequences on the pages that a uid is assigned. */
  async #assigned(assign: Hex, seat: Seat): Promise<Sequences> {
    return this.#pages.sequences(this.#pagesOf(assign, seat));
  }

  #pagesOf(assign: Hex, { uid, neurons }: Seat): readonly number[] {
    const { pages } = this.manifest.data;
    const perUid = this.pagesPerUid(neurons);
    return assignedPages({ key: assign, pages, uid, perUid, perm: this.#permutationOf(assign) });
  }

  #permutationOf(key: Hex): Permutation {
    if (this.#permutation?.key !== key)
      this.#permutation = { key, perm: permutationOf(key, this.manifest.data.pages) };
    return this.#permutation.perm;
  }

  /** Begins to fetch the pages that a uid is assigned, so that nobody waits for them when they are trained on. */
  prefetch(assign: Hex, seat: Seat): void {
    this.#pages.prefetch(this.#pagesOf(assign, seat));
  }

  /** How this run's text becomes tokens, and its tokens text. @throws AssayError tokenizer-invalid */
  tokenizer(): Tokenizer {
    const { tokenizer, model } = this.manifest;
    const { kind } = tokenizer;
    return tokenizerOf({ kind, vocabulary: model.vocabulary, file: this.#tokenizerFile });
  }

  /** tokenizer.json, where the manifest names one. */
  get tokenizerFile(): Uint8Array | null {
    return this.#tokenizerFile;
  }

  /**
   * Token batches of the inner steps of a uid: steps * batch sequences of context + 1 tokens, in training order.
   * @throws AssayError pages-too-few, page-corrupt
   */
  async trainingTokens(assign: Hex, seat: Seat): Promise<Int32Array> {
    const { steps, batch } = this.manifest.inner;
    const sequences = await this.#assigned(assign, seat);
    const order = batchOrder(assign, { available: sequences.count, steps, batch });
    return tokensOf(sequences, order, this.manifest.model.context);
  }

  /**
   * The batch on which the update of a hotkey is judged: drawn after the deadline from all pages that its uid was assigned;
   * all of their sequences when they hold fewer than `ownSequences`.
   * @throws AssayError pages-too-few, page-corrupt
   */
  async ownTokens(
    keys: WindowKeys,
    who: Seat & { readonly hotkey: Hex },
    { evaluation }: IncentiveRules,
  ): Promise<Int32Array> {
    const sequences = await this.#assigned(keys.assign, who);
    const draws = drawsOf(keys.evaluation(who.hotkey));
    const chosen = chooseSequences(draws, sequences.count, evaluation.ownSequences);
    return tokensOf(sequences, chosen, this.manifest.model.context);
  }

  /**
   * The noise batch of a window: from pages drawn after the deadline out of those assigned to nobody, the same for every
   * uid, so that differences pair up.
   * @throws AssayError pages-too-few, page-corrupt
   */
  async noiseTokens(
    keys: WindowKeys,
    neurons: number,
    { evaluation }: IncentiveRules,
  ): Promise<Int32Array> {
    const { pages, noisePages: count } = this.manifest.data;
    const draws = drawsOf(keys.noise);
    const assigned = neurons * this.pagesPerUid(neurons);
    const { assign: key } = keys;
    const perm = this.#permutationOf(key);
    const chosen = noisePages(draws, { key, pages, assigned, count, perm });
    const sequences = await this.#pages.sequences(chosen);
    const order = chooseSequences(draws, sequences.count, evaluation.noiseSequences);
    return tokensOf(sequences, order, this.manifest.model.context);
  }

  /** `count` sequences of held-out text, evenly spaced. */
  heldOutTokens(count: number): Int32Array {
    return heldOutTokens(this.#heldOut, this.#pages.manifest, count);
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
  manifest: Pick<RunManifest, "model" | "inner" | "outer" | "evaluation">,
): Pick<
  EngineOptions,
  "model" | "batch" | "evaluationBatch" | "innerOptimizer" | "outerOptimizer"
> {
  const { batch } = manifest.inner;
  return {
    model: manifest.model,
    batch,
    evaluationBatch: manifest.evaluation.noiseSequences,
    innerOptimizer: innerOptimizerOf(manifest.inner),
    outerOptimizer: outerOptimizerOf(manifest.outer),
  };
}

/** The engine's settings of `inner`. */
export function innerOptimizerOf(inner: RunManifest["inner"]): EngineOptions["innerOptimizer"] {
  const { beta1, beta2, epsilon, weightDecay, clip, optimizer = "adamw", momentum } = inner;
  const shared = { beta1, beta2, epsilon, weightDecay, clip };
  return momentum === undefined
    ? { ...shared, kind: optimizer }
    : { ...shared, kind: optimizer, momentum };
}

/** The engine's settings of `outer`. */
export function outerOptimizerOf({
  optimizer,
  momentum = 0,
}: RunManifest["outer"]): OuterOptimizer {
  if (optimizer === "diloco") return { kind: "diloco", momentum };
  return optimizer === "demo" ? { kind: "demo" } : OUTER_DEFAULT;
}
