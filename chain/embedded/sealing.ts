/** @file When blocks are made: on request, at every extrinsic, or at a fixed interval. */
import { type EmbeddedChain } from "./chain.ts";

/** `manual`: only by `chain.seal`; `instant`: when an extrinsic is ready; a number: every so many milliseconds. */
export type SealingMode = "manual" | "instant" | number;

/** Starts a way of sealing; it replaces the one before. */
export function startSealing(chain: EmbeddedChain, mode: SealingMode): { stop(): void } {
  chain.sealing?.stop();
  const sealing = begin(chain, mode);
  chain.sealing = sealing;
  return sealing;
}

function begin(chain: EmbeddedChain, mode: SealingMode): { stop(): void } {
  if (mode === "manual") return { stop: () => undefined };
  return mode === "instant" ? sealInstantly(chain) : sealAtInterval(chain, mode);
}

/** One block for whatever became ready before the event loop came round. */
function sealInstantly(chain: EmbeddedChain): { stop(): void } {
  let planned: NodeJS.Immediate | null = null;
  const seal = async (): Promise<void> => {
    planned = null;
    const before = chain.pool.readyCount;
    // A block that was being made took it along.
    if (before === 0) return;
    try {
      await chain.seal();
    } catch (error) {
      chain.report(error);
      return;
    }
    // What did not fit goes into the next block; what cannot be included must not spin.
    if (chain.pool.readyCount > 0 && chain.pool.readyCount < before) plan();
  };
  const plan = (): void => {
    planned ??= setImmediate(() => void seal());
  };
  const unsubscribe = chain.subscribe((event) => {
    if (event.type === "transaction" && event.status === "ready") plan();
  });
  if (chain.pool.readyCount > 0) plan();
  return {
    stop: () => {
      unsubscribe();
      if (planned !== null) clearImmediate(planned);
    },
  };
}

/** Blocks at start + n * interval: no drift; beats that were missed are skipped, not made up for. */
function sealAtInterval(chain: EmbeddedChain, intervalMs: number): { stop(): void } {
  const start = performance.now();
  let stopped = false;
  let timer: NodeJS.Timeout | null = null;
  const wait = (beat: number): void => {
    if (stopped) return;
    const leftMs = start + beat * intervalMs - performance.now();
    // A timer counts from when its turn of the event loop began, so on a busy machine it comes early: then it waits on.
    if (leftMs <= 0) void seal();
    else timer = setTimeout(() => wait(beat), leftMs);
  };
  const waitForNext = (): void => wait(Math.floor((performance.now() - start) / intervalMs) + 1);
  const seal = async (): Promise<void> => {
    try {
      await chain.seal();
    } catch (error) {
      chain.report(error);
    }
    waitForNext();
  };
  waitForNext();
  return {
    stop: () => {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}
