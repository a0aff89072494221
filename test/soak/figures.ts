/** @file What a soak measures of each window, and whether the end is like the beginning. */

/** One process at one moment. */
export type ProcessSample = { readonly rssBytes: number; readonly descriptors: number };

/** A network at the first look into a window. */
export type Sample = {
  readonly window: number;
  /** Since the soak began. */
  readonly seconds: number;
  readonly processes: Readonly<Record<string, ProcessSample>>;
  /** Bytes of the run's folder by what they are. */
  readonly disk: Readonly<Record<string, number>>;
};

/** A figure at the beginning and at the end: medians over as many windows each. */
type Change = {
  readonly what: string;
  readonly begin: number;
  readonly end: number;
  /** end / begin - 1 */
  readonly change: number;
  /** Smallest and largest of the end, as parts of its median. */
  readonly spread: readonly [number, number];
};

/** Between which windows a soak is compared. */
type Spans = { readonly from: number; readonly to: number; readonly width: number };

/** The middle value; of an even number the mean of both. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** All of them together. */
export function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0);
}

/** Every figure of a sample by name: each process, and sums. */
function figuresOf({ processes, disk }: Sample): ReadonlyMap<string, number> {
  const each = Object.entries(processes);
  return new Map([
    ["memory of all", sum(each.map(([, one]) => one.rssBytes))],
    ["descriptors of all", sum(each.map(([, one]) => one.descriptors))],
    ["disk", sum(Object.values(disk))],
    ...each.map(([name, one]) => [`memory of ${name}`, one.rssBytes] as const),
    ...each.map(([name, one]) => [`descriptors of ${name}`, one.descriptors] as const),
    ...Object.entries(disk).map(([name, bytes]) => [`disk: ${name}`, bytes] as const),
  ]);
}

/** @throws RangeError when beginning and end are not windows of their own: what is compared with itself never grows */
export function requireApart({ from, to, width }: Spans): void {
  if (width >= 1 && from >= 0 && from + width <= to - width) return;
  throw new RangeError(
    `${width} windows from ${from} on and the last ${width} of ${to} are not two spans apart`,
  );
}

/** The figures of the first windows of `spans` beside those of the last. @throws RangeError when one of both was not seen, or both share windows */
export function changesOf(
  samples: readonly Sample[],
  { from, to, width }: Spans,
): readonly Change[] {
  requireApart({ from, to, width });
  const within = (first: number): readonly ReadonlyMap<string, number>[] =>
    samples
      .filter(({ window }) => window >= first && window < first + width)
      .map((sample) => figuresOf(sample));
  const [begin, end] = [within(from), within(to - width)];
  if (begin.length === 0 || end.length === 0)
    throw new RangeError(`no sample of the windows from ${from} or before ${to}`);
  const names = new Set([...begin, ...end].flatMap((figures) => [...figures.keys()]));
  return [...names].map((what) => {
    const [first, last] = [begin, end].map((all) => all.map((figures) => figures.get(what) ?? 0));
    const [low, high] = [median(first ?? []), median(last ?? [])];
    const change = low === high ? 0 : high / low - 1;
    const spread = [Math.min(...(last ?? [])) / high, Math.max(...(last ?? [])) / high] as const;
    return { what, begin: low, end: high, change, spread };
  });
}

/** Those that have to hold, and do not: memory and descriptors of each process, and the whole disk. */
export function brokenIn(changes: readonly Change[], limit: number): readonly string[] {
  return changes
    .filter(({ what, change }) => !what.startsWith("disk: ") && !(Math.abs(change) <= limit))
    .map(({ what, begin, end, change }) => {
      const percent = (100 * change).toFixed(1);
      return `${what}: from ${begin} to ${end}, ${percent} %, is more than ${100 * limit} %`;
    });
}
