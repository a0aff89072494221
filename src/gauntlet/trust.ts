/** @file Assignment trust: does a miner's update help its own pages more than others', over many windows? (docs/gauntlet.md#6-trust) */

/** One step of the moving average of the indicator: (1 - alpha) * trust + alpha * indicator. */
export function movedTrust(trust: number, alpha: number, indicator: number): number {
  return (1 - alpha) * trust + alpha * indicator;
}

/**
 * The factor that trust contributes to the score. Never negative; below the threshold it is 0 once the hotkey has had
 * `warmupWindows` windows. The warm-up is the hotkey's own: a newcomer to an old run is not shut out by its first loss.
 */
export function trustFactor(options: {
  readonly trust: number;
  readonly windows: number;
  readonly threshold: number;
  readonly warmupWindows: number;
}): number {
  const { trust, windows, threshold, warmupWindows } = options;
  if (windows >= warmupWindows && trust < threshold) return 0;
  return Math.max(0, trust);
}
