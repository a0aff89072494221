/** @file Curves of a node over windows, in a file that TensorBoard reads: the metrics that have a `curve`, one point a window each. */
import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { firstRecord, type Scalar, scalarRecord } from "./event-file.ts";
import type { Metric } from "./metric.ts";

/** The newest point of each curve in a state, by tag. A tag is the metric's name, and its labels behind a stroke each. */
export function pointsOf<S>(metrics: readonly Metric<S>[], state: S): readonly Scalar[] {
  return metrics.flatMap((metric) => {
    const step = metric.curve?.(state);
    if (step === null || step === undefined || step < 0) return [];
    return metric.of(state).map(({ labels = {}, value }) => {
      const parts = Object.entries(labels).map(([label, text]) => `${label}=${text}`);
      return { tag: [metric.name, ...parts].join("/"), step, value };
    });
  });
}

/** A file of curves that grows. */
export class CurveFile {
  readonly #folder: string;
  readonly #first: number;
  readonly #fault: (error: unknown) => void;
  readonly #steps = new Map<string, number>();
  #path: string | null = null;
  #writing: Promise<void> = Promise.resolve();

  /**
   * @param parts - `first`: no point of a window before it is written, so that a node that starts again draws none twice; `fault`: told
   *   why a write failed: curves are no reason for a node to end
   */
  constructor(parts: {
    readonly folder: string;
    readonly first: number;
    readonly fault: (error: unknown) => void;
  }) {
    this.#folder = parts.folder;
    this.#first = parts.first;
    this.#fault = parts.fault;
  }

  /** Writes the points that are new; resolves when they, and all of before, are written. */
  add(points: readonly Scalar[]): Promise<void> {
    const fresh = points.filter(
      ({ tag, step }) => step > (this.#steps.get(tag) ?? this.#first - 1),
    );
    for (const { tag, step } of fresh) this.#steps.set(tag, step);
    if (fresh.length > 0)
      this.#writing = this.#writing.then(() => this.#write(fresh)).catch(this.#fault);
    return this.#writing;
  }

  async #write(points: readonly Scalar[]): Promise<void> {
    const seconds = Date.now() / 1000;
    const records = points.map((point) => scalarRecord(point, seconds));
    if (this.#path === null) {
      await mkdir(this.#folder, { recursive: true });
      // The name that TensorBoard looks for, with the time first so that later files sort behind earlier ones.
      this.#path = join(
        this.#folder,
        `events.out.tfevents.${Math.floor(seconds)}.assay.${process.pid}`,
      );
      records.unshift(firstRecord(seconds));
    }
    await appendFile(this.#path, Buffer.concat(records));
  }
}
