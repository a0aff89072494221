/** @file A worker's loop: follows the run like any node, and in each window does what the validator hands out. */
import { rulesNow } from "../../src/neuron/participant.ts";
import type { Participant } from "../../src/neuron/participant.ts";
import type { DeskClient } from "./desk-client.ts";
import { WindowMeasurer } from "./measure.ts";
import { Service } from "./serve.ts";
import { Tempo } from "./tempo.ts";

/** Works in every window of the run that it is there for, until the run ends. @throws AssayError worker-refused */
export async function work(node: Participant, client: DeskClient): Promise<void> {
  const { follower, neuron, run, subnet } = node;
  const { signal, say } = neuron;
  const tempo = new Tempo();
  for (;;) {
    const rules = await rulesNow(node);
    if (rules === null) return;
    const { window, digest: theta } = follower;
    const over = new AbortController();
    const last = subnet.blocks.reached(run.clock.lastJudgeBlock(window), signal);
    const end = (): void => over.abort();
    last.then(end, end);
    const measurer = new WindowMeasurer(node, window, rules);
    const service = new Service({ client, measurer, tempo, theta, say, signal });
    await service.until(over.signal);
    signal.throwIfAborted();
    if (service.answered > 0)
      say(
        `window ${window}: ${service.answered} evaluations for the validator at ${client.origin}`,
      );
    // Nothing is measured while theta moves.
    await follower.advance();
  }
}
