/** @file After a window: what was not accepted stays in the error feedback, a window without an update or without a step leaves nothing behind, and the optimizer's state is saved. */
import type { MomentState } from "../kernels/engine/calls.ts";
import type { Participant } from "../src/neuron/participant.ts";
import type { WindowOutcome } from "../src/run/chain-record.ts";
import type { Earnings } from "./earnings.ts";
import { encodeMoments } from "./moments.ts";
import type { Work } from "./strategies/strategy.ts";
import { tellVerdict } from "./verdict.ts";

/** How this miner's window ended. */
export type Ended = {
  readonly work: Work | null;
  readonly committed: boolean;
  readonly outcome: WindowOutcome;
  /** The optimizer's state as it was before the window. */
  readonly moments: MomentState;
  /** Told after the verdict. */
  readonly earnings: Pick<Earnings, "tell">;
};

function endingOf({ work, committed, outcome }: Ended): string {
  if (outcome.accepted.length === 0)
    return "null: nobody's update was accepted; training goes on as if it had not been";
  const accepted = isAccepted(work, outcome);
  const ending = accepted ? "accepted" : committed ? "not accepted" : "not committed in time";
  return `${ending}; ${outcome.accepted.length} updates in the outer step`;
}

function isAccepted(work: Work | null, { accepted }: WindowOutcome): boolean {
  return accepted.some((commit) => commit.digest === work?.digest);
}

/**
 * The optimizer's state after the window, from the engine's state after `work`; on disk for the next start where it is another one
 * than before. @throws AssayError disk-full
 */
export async function movedOn(
  miner: Participant,
  ended: Pick<Ended, "work" | "outcome" | "moments">,
): Promise<MomentState> {
  const { engine, run, neuron } = miner;
  const { work, outcome, moments } = ended;
  // Without an update training may have diverged half way: what it left in the engine is nobody's, and on no disk.
  if (outcome.accepted.length === 0 || work === null) {
    await engine.setMomentState(moments);
    return moments;
  }
  if (work.trainingLoss !== null && !isAccepted(work, outcome))
    await engine.restoreSent(work.update);
  const moved = await engine.momentState();
  if (work.trainingLoss === null) return moved;
  await neuron.state.save("moments.bin", encodeMoments(run.runId, moved, run.layout.total));
  return moved;
}

/**
 * docs/protocol.md#9-miner-state: `e = e + sent` when the update was not accepted; in a null window, and in one without an update, m, v, e
 * and the step count become again what they were. Returns the optimizer's state, from which the next window begins.
 */
export async function settle(miner: Participant, ended: Ended): Promise<MomentState> {
  const { work, outcome, earnings } = ended;
  const { log, say } = miner.neuron;
  if (work !== null) say(`window ${outcome.window}: ${endingOf(ended)}`);
  // In the background: a slow validator must not cost training time.
  tellVerdict(miner, outcome)
    .then(() => earnings.tell(outcome.window))
    .catch((error: unknown) => log.debug({ error }, "no verdict told"));
  return movedOn(miner, ended);
}
