/** @file The next window's pages, fetched while the present one is still being revealed and judged. */
import type { Participant } from "../src/neuron/participant.ts";

/**
 * Begins to fetch the pages of `window` once the block that draws them is final, which is `finalityLag` blocks before the window
 * begins. Waits for nothing and fails at nothing: whoever trains on them asks again, and is told.
 */
export function fetchAhead({ neuron, subnet, run, record }: Participant, window: number): void {
  const { windows } = run.manifest;
  if (windows > 0 && window >= windows) return;
  const begin = async (): Promise<void> => {
    const seedBlock = run.clock.seedBlock(window);
    await subnet.blocks.reached(seedBlock, neuron.signal);
    const [hash, hotkeys] = await Promise.all([
      subnet.blocks.hashOf(seedBlock),
      record.hotkeys(window),
    ]);
    const uid = hotkeys.indexOf(neuron.signer.publicKey);
    if (uid !== -1) run.prefetch(run.assignKey(window, hash), { uid, neurons: hotkeys.length });
  };
  begin().catch(() => undefined);
}
