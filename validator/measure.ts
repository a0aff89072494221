/** @file Measuring the updates of a window: with this validator's own engine, or with workers where it has any. */
import type { PairedLosses } from "../src/gauntlet/loss-score.ts";
import type { Other } from "../src/gauntlet/similar.ts";
import { rulesDigest } from "../src/protocol/rules.ts";
import { Bench } from "./evaluation/bench.ts";
import type { Applied } from "./evaluation/losses.ts";
import type { Pages } from "./evaluation/task.ts";
import type { Desk } from "./desk/desk.ts";
import type { Fate, Judgement, Payload } from "./fate.ts";
import type { Validator } from "./validator.ts";

/** An update that was fetched and decoded. */
export type Measurable = Fate & { readonly payload: Payload };

/** What is needed to vote comes before what is needed to pay. */
const PRIORITY = { noise: 1, own: 2 } as const;

/** Measures updates of one window. */
export class Measure {
  readonly #bench: Bench;
  readonly #desk: Desk | null;
  readonly #judgement: Judgement;
  readonly #validator: Validator;

  constructor(validator: Validator, judgement: Judgement) {
    const { node, desk } = validator;
    this.#validator = validator;
    this.#judgement = judgement;
    this.#bench = new Bench(node, judgement);
    this.#desk = desk ?? null;
    this.#desk?.begin(judgement);
  }

  /** Share of an update that is applied. */
  get factor(): number {
    const { outer } = this.#validator.node.run.manifest;
    return outer.alpha * this.#judgement.rules.evaluation.factor;
  }

  /** Losses on the noise batch. */
  noise(fate: Measurable): Promise<PairedLosses> {
    return this.#losses(fate, { kind: "noise" }, PRIORITY.noise);
  }

  /** Losses on the pages that the update was assigned. @param rank - smaller is measured first */
  own(fate: Measurable, rank = 0): Promise<PairedLosses> {
    const { uid, hotkey } = fate.commit;
    const { window } = this.#judgement;
    return this.#losses(fate, { kind: "own", uid, hotkey, window }, PRIORITY.own + rank);
  }

  /** Losses on the own pages of `other`: always measured here, since the next question depends on each answer. */
  on(fate: Measurable, other: Other): Promise<PairedLosses> {
    return this.#bench.losses(this.#applied(fate), { kind: "own", ...other });
  }

  #applied({ payload, gate }: Measurable): Applied {
    return { update: payload.update, factor: gate?.factor ?? this.factor };
  }

  #losses(fate: Measurable, pages: Pages, priority: number): Promise<PairedLosses> {
    const applied = this.#applied(fate);
    if (this.#desk === null) return this.#bench.losses(applied, pages);
    const { window, rules, usual } = this.#judgement;
    const { uid, hotkey, digest } = fate.commit;
    const task = {
      window,
      uid,
      hotkey,
      payload: digest,
      theta: this.#validator.node.follower.digest,
      rules: rulesDigest(rules),
      factor: applied.factor,
      usual: usual.norms,
      pages,
    };
    return this.#desk.measure({ task, applied, priority });
  }

  /** What `step` makes of each: all at once where there are workers, else one after the other, since the engine does one thing at a time. */
  async each<T, U>(items: readonly T[], step: (item: T, at: number) => Promise<U>): Promise<U[]> {
    if (this.#desk !== null) return Promise.all(items.map(step));
    const made: U[] = [];
    for (const [at, item] of items.entries()) made.push(await step(item, at));
    return made;
  }
}
