/** @file Waiting for something that may never come. */

/** How long it is waited: until a time of `performance.now`, or until `closed` aborts; and what it fails with then. */
export type Patience = {
  readonly until: number;
  readonly closed: AbortSignal;
  readonly fault: () => Error;
};

/** What `promise` gives. @throws the fault, as it is when the time is over */
export async function inTime<Result>(
  promise: Promise<Result>,
  { until, closed, fault }: Patience,
): Promise<Result> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(fault());
  const timer = setTimeout(stop, Math.max(1, until - performance.now()));
  closed.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
    closed.removeEventListener("abort", stop);
  }
}
