/** @file After a window: keep what was not accepted in the error feedback, and save the optimizer's state. */
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
  /** Told after the verdict. */
  readonly earnings: Pick<Earnings, "tell">;
};

/** docs/protocol.md#9-miner-state: `e = e + sent` when the update was not accepted; state goes to disk for the next start. */
export async function settle(miner: Participant, ended: Ended): Promise<void> {
  const { engine, run } = miner;
  const { log, state, say } = miner.neuron;
  const { work, committed, outcome, earnings } = ended;
  const accepted = outcome.accepted.some((commit) => commit.digest === work?.digest);
  if (work !== null && work.trainingLoss !== null && !accepted)
    await engine.restoreSent(work.update);
  if (work !== null) {
    const verdict = accepted ? "accepted" : committed ? "not accepted" : "not committed in time";
    say(
      `window ${outcome.window}: ${verdict}; ${outcome.accepted.length} updates in the outer step`,
    );
  }
  // In the background: a slow validator must not cost training time.
  tellVerdict(miner, outcome)
    .then(() => earnings.tell(outcome.window))
    .catch((error: unknown) => log.debug({ error }, "no verdict told"));
  if (typeof work?.trainingLoss === "number") {
    const moments = await engine.momentState();
    await state.save("moments.bin", encodeMoments(run.runId, moments, run.layout.total));
  }
}
