/** @file A metric: its name, what it means, and how it is read from a state. One table is the code, the documentation and the check of dashboards. */

/** One value of a metric, with a value for each of its labels. */
export type Sample = {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
};

/** What is said about a metric wherever it appears. */
export type Described = {
  /** By Prometheus' convention: base units at the end, `_total` for counters. */
  readonly name: string;
  readonly kind: "gauge" | "counter";
  readonly help: string;
  /** Names of its labels. Their values are bounded: uids, steps, codes; never what a stranger calls itself. */
  readonly labels?: readonly string[];
};

/** A metric, and its samples in a state; none where it is not known. */
export type Metric<S> = Described & {
  of(state: S): readonly Sample[];
  /** Of one that is drawn as a curve over windows (TensorBoard): the window that its samples are of. */
  curve?(state: S): number | null | undefined;
};

/** A metric with its samples. */
export type Family = Described & { readonly samples: readonly Sample[] };

/** The families of a state, those without samples left out. */
export function familiesOf<S>(metrics: readonly Metric<S>[], state: S): readonly Family[] {
  return metrics
    .map((metric) => {
      const { name, kind, help, labels = [] } = metric;
      return { name, kind, help, labels, samples: metric.of(state) };
    })
    .filter(({ samples }) => samples.length > 0);
}

/** A value without labels; nothing where it is unknown. */
export function only(value: number | boolean | null | undefined): readonly Sample[] {
  return value === null || value === undefined ? [] : [{ value: Number(value) }];
}

/** A value for each of several things, under one label. */
export function each<T>(
  label: string,
  things: Iterable<T>,
  read: (thing: T) => readonly [key: string | number, value: number | null],
): readonly Sample[] {
  return [...things].flatMap((thing) => {
    const [key, value] = read(thing);
    return value === null ? [] : [{ labels: { [label]: String(key) }, value }];
  });
}
