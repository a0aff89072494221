/** @file Wires a validator: opens and joins the node, restores its memory, runs the loop, closes everything. */
import type { ValidatorOptions } from "./options.ts";
import { explainReason, isReason } from "../src/gauntlet/verdict.ts";
import type { Told } from "../src/command/command.ts";
import { modeOfBook } from "../src/gauntlet/scorebook.ts";
import { Lifecycle, runUntilStopped } from "../src/command/lifecycle.ts";
import { type RoleContent, serveNeuron } from "../src/neuron/axon.ts";
import { type Connected, connectNeuron } from "../src/neuron/neuron.ts";
import { awaitNextRun, joinAsParticipant } from "../src/neuron/participant.ts";
import { Reminder } from "../src/neuron/reminder.ts";
import { openScorer } from "../src/run/scorer-file.ts";
import type { Room } from "./desk/room.ts";
import { validate } from "./loop.ts";
import { HiddenWeights } from "./hidden-weights.ts";
import { type Memory, memoryOf } from "./memory.ts";
import { Permit } from "./permit.ts";
import { Unseen } from "./unseen.ts";

/** A window before the first: what is told at the start is not told again in window 0. */
const BEFORE_THE_RUN = -1;

/** What the axon adds for a validator: its records, the reasons in them, the held-out loss. */
function contentOf(current: () => Memory | null, unseen: Unseen): RoleContent {
  return {
    heldOut: () => current()?.heldOut ?? null,
    losses: (from) => current()?.losses.filter(({ window }) => window >= from) ?? [],
    awaited: () => ({ ...current()?.awaited.status, ...unseen.status }),
    record: (window) => current()?.served(window)?.line ?? null,
    verdict(window, uid) {
      const memory = current();
      const miner = memory?.served(window)?.record.miners.find((one) => one.uid === uid);
      if (memory === null || miner === undefined) return null;
      const { verdict } = miner;
      const explanation = isReason(verdict) ? explainReason(verdict, modeOfBook(memory.book)) : "";
      return {
        window,
        uid,
        verdict,
        explanation,
        detail: miner.detail,
        final: miner.final,
        weight: miner.weight,
      };
    },
  };
}

/** What workers join, where they may. The queue is loaded for them alone. */
async function roomFor(
  connected: Connected,
  options: ValidatorOptions,
  lifecycle: Lifecycle,
): Promise<Room | null> {
  if (!options.workers) return null;
  const room = await import("./desk/room.ts");
  return room.Room.open(connected, { ...options, redisUrl: process.env["REDIS_URL"] }, lifecycle);
}

/** Runs a validator until it is told to stop; everything it opened is closed again. */
export async function startValidator(
  options: ValidatorOptions,
  told: Told & { readonly print: (line: string) => void },
): Promise<void> {
  const lifecycle = new Lifecycle();
  lifecycle.stopOnSignals();
  let memory: Memory | null = null;
  await runUntilStopped(lifecycle, async () => {
    const connected = await connectNeuron("validator", options, { ...told, lifecycle });
    const unseen = new Unseen(connected);
    const content = contentOf(() => memory, unseen);
    const served = await serveNeuron(connected, content, lifecycle);
    const permit = new Permit(connected);
    const weigh = await openScorer(options.scorer);
    if (options.scorer !== undefined)
      connected.neuron.say(`weights by the rule in ${options.scorer}; audits need that file`);
    await permit.look(BEFORE_THE_RUN);
    await unseen.look(BEFORE_THE_RUN);
    const hidden = await HiddenWeights.open(connected);
    hidden.follow().catch((error: unknown) => lifecycle.fail(error));
    const room = await roomFor(connected, options, lifecycle);
    // One run after the other, until the process is stopped.
    for (;;) {
      const node = await joinAsParticipant(connected, lifecycle);
      const recalled = await memoryOf(node);
      await hidden.joined(node.run, recalled);
      unseen.joined();
      memory = recalled;
      served.joined(node);
      const weightNews = new Reminder(node.neuron.say);
      const desk = await room?.deskFor(node, lifecycle);
      await validate({ node, memory, weigh, permit, hidden, unseen, weightNews, desk });
      // Nothing is left to be copied, but for weights that are still to be revealed.
      if (!(await hidden.look())) memory.release(Number.POSITIVE_INFINITY);
      await awaitNextRun(node);
      await node.engine.close();
    }
  });
}
