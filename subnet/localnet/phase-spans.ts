/** @file The phases of each window as the chain's blocks make them, in the trace that the nodes draw their steps into. */
import type { Lifecycle } from "../../src/command/lifecycle.ts";
import { openTraces, type Traces } from "../../src/metrics/traces.ts";
import { windowClock } from "../../src/protocol/window.ts";
import { phasesAt } from "../../src/view/phases.ts";
import type { Localnet } from "./network.ts";

/** Where a height lies. */
type Place = { readonly window: number; readonly phase: string };

/** The phase that the block at `height` is one of; null before and after the run. */
function placeOf(manifest: Localnet["manifest"], height: number): Place | null {
  const clock = windowClock(manifest);
  const window = clock.windowOf(height);
  if (!clock.isInRun(window)) return null;
  // Blocks that are made count as done, so that the phase of this one is the last with any.
  const begun = phasesAt(manifest, clock, height).filter(({ done }) => done > 0);
  return { window, phase: begun.at(-1)?.name ?? "none" };
}

async function draw(
  { subnet, manifest, runId }: Pick<Localnet, "subnet" | "manifest" | "runId">,
  traces: Traces,
  signal: AbortSignal,
): Promise<void> {
  const { blocks } = subnet;
  let [place, fromMs] = [placeOf(manifest, blocks.current.number), Date.now()];
  while (!signal.aborted) {
    const head = await blocks.reached(blocks.current.number + 1, signal);
    const next = placeOf(manifest, head.number);
    if (next?.window === place?.window && next?.phase === place?.phase) continue;
    const toMs = Date.now();
    if (place !== null) {
      const { window, phase } = place;
      const last = next?.window !== window;
      traces.add({ runId, window, name: `chain ${phase}`, last, fromMs, toMs });
    }
    [place, fromMs] = [next, toMs];
  }
}

/** Draws them until the lifecycle ends, where traces are asked for. */
export async function tracePhases(
  net: Pick<Localnet, "subnet" | "manifest" | "runId">,
  lifecycle: Lifecycle,
  say: (text: string) => void,
): Promise<void> {
  const traces = await openTraces({ service: "assay-localnet", instance: net.runId }, say);
  if (traces === null) return;
  lifecycle.onClose("traces", () => traces.close());
  draw(net, traces, lifecycle.signal).catch((error: unknown) => {
    if (!lifecycle.signal.aborted) lifecycle.fail(error);
  });
}
