/** @file The losses of updates on the pages that somebody was assigned: the sender's own, or another's. */
import type { PairedLosses } from "../src/gauntlet/loss-score.ts";
import type { Other } from "../src/gauntlet/similar.ts";
import { keysOf } from "./collect.ts";
import type { Fate, Judgement, Payload } from "./fate.ts";
import { lossesWith } from "./losses.ts";
import type { Validator } from "./validator.ts";

/** An update with losses on noise pages. */
export type Gated = Fate & { readonly payload: Payload };

type Batch = { readonly tokens: Int32Array; readonly before: readonly number[] };

/** Measures updates on own pages; the losses before an update are measured once for all. */
export class OwnPages {
  readonly #validator: Validator;
  readonly #judgement: Judgement;
  readonly #batches = new Map<string, Promise<Batch>>();

  constructor(validator: Validator, judgement: Judgement) {
    this.#validator = validator;
    this.#judgement = judgement;
  }

  /** The fate with the losses on its own pages. */
  async own(fate: Gated): Promise<Gated> {
    const { uid, hotkey } = fate.commit;
    const { window } = this.#judgement;
    return { ...fate, own: await this.of(fate, { uid, hotkey, window }) };
  }

  /** The losses of an update on the own pages of `other`. */
  async of(fate: Gated, other: Other): Promise<PairedLosses> {
    const { engine } = this.#validator.node;
    const { tokens, before } = await this.#batch(other);
    const applied = { update: fate.payload.update, factor: fate.gate?.factor ?? 0 };
    const after = await lossesWith(engine, applied, { tokens, sequences: before.length });
    return { before, after };
  }

  #batch(other: Other): Promise<Batch> {
    const key = `${other.window} ${other.uid}`;
    const known = this.#batches.get(key) ?? this.#drawn(other);
    this.#batches.set(key, known);
    return known;
  }

  async #drawn({ uid, hotkey, window }: Other): Promise<Batch> {
    const { node } = this.#validator;
    const { rules, window: now, keys, hotkeys } = this.#judgement;
    const isNow = window === now;
    const drawn = isNow ? keys : await keysOf(node, window);
    const { length: neurons } = isNow ? hotkeys : await node.record.hotkeys(window);
    const tokens = await node.run.ownTokens(drawn, { uid, hotkey, neurons }, rules);
    return { tokens, before: Array.from(await node.engine.losses({ tokens })) };
  }
}
