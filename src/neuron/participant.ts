/** @file A neuron inside a run: what the loops of both roles work with. */
import { inLine } from "../../base/fault.ts";
import type { EngineOptions } from "../../kernels/engine/calls.ts";
import { type Engine, startEngine } from "../../kernels/engine/engine.ts";
import type { Checkpoint } from "../api/types.ts";
import type { Lifecycle } from "../command/lifecycle.ts";
import { Progress } from "../command/progress.ts";
import type { Hex } from "../protocol/digest.ts";
import { CONFIRMED_WITHIN_WINDOWS } from "../protocol/acceptance.ts";
import { type IncentiveRules, rulesDigest } from "../protocol/rules.ts";
import { Amendments } from "../run/amendments.ts";
import { ChainRecord } from "../run/chain-record.ts";
import { type Dissent, Follower } from "../run/follower.ts";
import type { DiskNews } from "../run/theta.ts";
import { joinRun } from "../run/join.ts";
import { liveRun } from "../run/live-run.ts";
import { engineOptionsOf, type Run } from "../run/run.ts";
import { Checkpoints } from "./checkpoints.ts";
import type { Connected } from "./neuron.ts";

/** A neuron (who), its subnet (where), the run (what is agreed), the chain's record of it, and the parameters now. */
export type Participant = Connected & {
  readonly run: Run;
  readonly record: ChainRecord;
  readonly amendments: Amendments;
  readonly engine: Engine;
  readonly follower: Follower;
  readonly checkpoints: Pick<Checkpoints, "list">;
};

const MAX_REASON_CHARACTERS = 160;

/** A native library's complaint, on one line and short enough to read. */
function shortened(reason: string): string {
  const line = inLine(reason);
  return line.length <= MAX_REASON_CHARACTERS ? line : `${line.slice(0, MAX_REASON_CHARACTERS)}…`;
}

/** The device that was taken, and the refused ones with the reason. */
function deviceText({ device }: Engine): string {
  const refused = device.refused.map((one) => `${one.device} refused: ${shortened(one.reason)}`);
  return refused.length === 0 ? device.chosen : `${device.chosen} (${refused.join("; ")})`;
}

/** What a node tells people while a checkpoint finds no room. */
function diskText(news: DiskNews): string {
  return news.what === "room"
    ? "there is room on the disk again; going on"
    : `waiting: ${news.error.explanation.cause} Going on as soon as there is some`;
}

/** What a node tells people when a majority names other parameters than it derives. It goes on in any case. */
function dissentText({ window, named, derived, what }: Dissent): string {
  const named18 = named.slice(0, 18);
  const texts: Readonly<Record<Dissent["what"], string>> = {
    begins: `most of the others' counting stake names other parameters (${named18}) than this node has (${derived.slice(0, 18)}); deriving them again from the chain's record`,
    stands:
      "the chain's record gives the same parameters again, so those votes are wrong and do not count; going on",
    mended: "this node's parameters were wrong and are mended; going on",
    unchecked:
      "the parameters could not be derived again, because nobody serves all of the updates now; going on with those of this node",
  };
  return `window ${window}: ${texts[what]}`;
}

/**
 * Joins the subnet's run, starts the engine and catches up with the window that is running now.
 * @param more what an engine for the run is told beside device and threads
 */
export async function joinAsParticipant(
  connected: Connected,
  lifecycle: Lifecycle,
  more: (run: Run) => Partial<EngineOptions> = () => ({}),
): Promise<Participant> {
  const { neuron, subnet } = connected;
  const { options, signal, state, say } = neuron;
  const run = await joinRun(subnet, {
    signal,
    own: state.runOn(subnet.chain.genesisHash),
    news: {
      onWaiting: () =>
        say(`waiting: the owner of subnet ${subnet.netuid} has published no run yet`),
      onSwapped: (runId) =>
        say(
          `the subnet's identity names another run, but ${runId.slice(0, 10)} is not over: staying`,
        ),
      onUnserved: () => say("waiting: nobody hands out the run yet, its owner's node is not there"),
    },
  });
  await subnet.blobs.enter?.(run.runId);
  const hotkeys = await subnet.chain.hotkeys(subnet.netuid);
  run.pagesPerUid(hotkeys.length); // a run with too little text is refused now rather than in its first window
  const engine = await startEngine({
    ...engineOptionsOf(run.manifest),
    threads: options.threads,
    device: options.device,
    ...more(run),
  });
  lifecycle.onClose("engine", () => engine.close());
  say(`joined run ${run.runId.slice(0, 10)} on ${deviceText(engine)}`);
  const participant = await takePart(connected, run, engine);
  lifecycle.onClose("checkpoint", () => participant.follower.written());
  neuron.tally.stands({ runId: run.runId, window: participant.follower.window, hotkeys });
  return participant;
}

/** Catches up with the window of `run` that is running now. */
export async function takePart(
  connected: Connected,
  run: Run,
  engine: Engine,
): Promise<Participant> {
  const { neuron, subnet } = connected;
  const { signal, state, log, say } = neuron;
  const amendments = new Amendments(run, subnet, state.standingOf(run));
  const rules = amendments.reader(signal);
  const record = new ChainRecord({ netuid: subnet.netuid, clock: run.clock, rules }, subnet);
  const own = state.checkpointOf(run);
  // From now on a restart stays in this run, whatever the identity says by then.
  await state.saveRun(run, own);
  const checkpoints = new Checkpoints({ run, blobs: subnet.blobs, record, state, log });
  const keep = async (checkpoint: Checkpoint, digest: Hex): Promise<void> => {
    await checkpoints.add(checkpoint, digest);
    await state.saveRun(run, checkpoint);
    checkpoints.sweep(checkpoint.window);
  };
  // For people as everything that a node does: a line every ten seconds.
  const progress = new Progress({ write: (text) => say(text.trim()) });
  const follower: Follower = new Follower({
    run,
    engine,
    subnet,
    record,
    keep,
    log,
    signal,
    self: neuron.signer.publicKey,
    onOutcome: (outcome) => neuron.tally.ended(outcome),
    onMissing: (window, { uid, digest }) =>
      say(
        `window ${window}: nobody serves the accepted update of uid ${uid} (${digest.slice(0, 18)}); asking until somebody does`,
      ),
    onDissent: (dissent) => say(dissentText(dissent)),
    onDisk: (news) => say(diskText(news)),
    onFar: progress.at,
  });
  await follower.start(own, ...checkpoints.list);
  await checkpoints.adopted(follower);
  checkpoints.sweep(follower.window);
  return { neuron, subnet, run, record, amendments, engine, follower, checkpoints };
}

/** Windows that were over before this node could take part in them (it, or its chain, was cut off) are replayed. */
async function skipMissed({ neuron, follower }: Participant): Promise<void> {
  const first = follower.window;
  await follower.catchUp();
  const last = follower.window - 1;
  if (last < first) return;
  const which = last === first ? `window ${first} was` : `windows ${first} to ${last} were`;
  neuron.say(`${which} over before this node could take part; replayed`);
}

/** Windows that who begins at a checkpoint looks back at before it, beside those of overlaps: of what was sent, and of whether that was confirmed. */
const LOOK_BACK_WINDOWS = 8 + CONFIRMED_WITHIN_WINDOWS;

/**
 * Keeps where the run stood from some windows before the oldest own checkpoint up to now: a restart counts the votes of every window since by its own
 * rules, and need not ask for what a pruned chain no longer knows.
 */
async function saveStanding(participant: Participant): Promise<void> {
  const { neuron, run, amendments, follower, checkpoints } = participant;
  const { rules } = await amendments.at(follower.window, neuron.signal);
  const oldest = checkpoints.list.at(-1)?.window ?? follower.checkpoint?.window ?? 0;
  const lookBack = rules.scoring.overlapWindows + LOOK_BACK_WINDOWS;
  const known = amendments.knownFrom(Math.max(0, oldest - lookBack));
  await neuron.state.saveStanding(run, known);
}

/**
 * The rules of the window that the follower stands in, or null once the run is over; a change is told to people. Windows
 * that were missed are replayed first.
 */
export async function rulesNow(participant: Participant): Promise<IncentiveRules | null> {
  const { neuron, run, amendments, follower } = participant;
  await skipMissed(participant);
  const { window } = follower;
  if (!run.clock.isInRun(window)) return null;
  const standing = await amendments.at(window, neuron.signal);
  const { rules, over } = standing;
  await saveStanding(participant);
  if (over) {
    neuron.say(`window ${window}: the owner has ended this run; another one follows it`);
    return null;
  }
  if (amendments.isChange(window))
    neuron.say(`window ${window}: new rules in force, ${rulesDigest(rules).slice(0, 18)}`);
  return rules;
}

/** Waits until the subnet has another live run than the one that is over; this node serves meanwhile. */
export async function awaitNextRun({ neuron, subnet, run }: Participant): Promise<void> {
  neuron.say("the run is over; serving it until the next one begins");
  for (;;) {
    const { blocks } = subnet;
    await blocks.reached(blocks.current.number + run.clock.blocksPerWindow, neuron.signal);
    const own = { runId: run.runId, standing: neuron.state.standingOf(run) };
    const live = await liveRun(subnet, own, neuron.signal);
    if (live !== null && live.runId !== run.runId) return;
  }
}
