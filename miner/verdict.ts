/** @file Why this miner scored what it scored: asked of the validators that voted, told to people. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Verdict, verdictSchema } from "../src/api/types.ts";
import { printable } from "../src/command/printable.ts";
import { AssayError } from "../src/errors.ts";
import { explainReason, isReason } from "../src/gauntlet/verdict.ts";
import { fetchJson, urlOf } from "../src/network/client.ts";
import { parseHexFloat } from "../src/protocol/hex-float.ts";
import type { Participant } from "../src/neuron/participant.ts";
import type { WindowOutcome } from "../src/run/chain-record.ts";

/** So long after a run's end its last record is waited for. */
const LAST_RECORD_S = 30;
const LIMITS = { limitBytes: 4096, timeoutMs: 2000 };

/** The verdict of the first of the window's voters that answers, or null. */
async function ask(
  miner: Participant,
  outcome: WindowOutcome,
  window: number,
): Promise<Verdict | null> {
  const uid = outcome.hotkeys.indexOf(miner.neuron.signer.publicKey);
  const axons = await miner.subnet.finder.axons();
  for (const voter of outcome.voters) {
    const axon = axons.get(outcome.hotkeys[voter.uid] ?? "0x");
    if (axon === undefined) continue;
    try {
      const url = urlOf(axon, `/verdicts/${window}/${uid}`);
      const verdict = await fetchJson(url, verdictSchema, {
        ...LIMITS,
        signal: miner.neuron.signal,
      });
      if (verdict !== null) return verdict;
    } catch (error) {
      if (!(error instanceof AssayError)) throw error;
    }
  }
  return null;
}

/** Our own words for a reason we know; a newer validator's words for one we do not. */
function explanationOf({ verdict, explanation }: Verdict): string {
  return isReason(verdict) ? explainReason(verdict) : printable(`${verdict}: ${explanation}`);
}

function tell({ neuron }: Participant, found: Verdict): void {
  const detail = found.detail === "" ? "" : ` (${printable(found.detail)})`;
  const score = (parseHexFloat(found.final) ?? 0).toFixed(3);
  neuron.say(
    `window ${found.window}: score ${score}, weight ${found.weight}; ${explanationOf(found)}${detail}`,
  );
}

/** Tells people how the window before `outcome` was judged: its record is written by now. After the last one, that too. */
export async function tellVerdict(miner: Participant, outcome: WindowOutcome): Promise<void> {
  const window = outcome.window - 1;
  const found = window < 0 ? null : await ask(miner, outcome, window);
  if (found !== null) tell(miner, found);
  if (miner.run.clock.isInRun(outcome.window + 1)) return;
  for (let second = 0; second < LAST_RECORD_S; second++) {
    const last = await ask(miner, outcome, outcome.window);
    if (last !== null) return tell(miner, last);
    await sleep(1000, undefined, { signal: miner.neuron.signal });
  }
}
