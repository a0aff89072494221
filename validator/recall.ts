/** @file What a validator that was away has missed: whose updates the last windows applied, and what they and the others sent. */
import { addressOf } from "../src/blobs/hashing.ts";
import { bodyOf, fingerprintOf } from "../src/gauntlet/fast-checks.ts";
import { CONFIRMED_WITHIN_WINDOWS } from "../src/protocol/acceptance.ts";
import type { Hex } from "../src/protocol/digest.ts";
import { readUpdate } from "../src/protocol/update.ts";
import type { Commit, WindowOutcome } from "../src/run/chain-record.ts";
import { keptWindows } from "./known-work.ts";
import type { Validator } from "./validator.ts";

/** The outcome of a past window as this node derived it. */
async function outcomeOf({ node }: Validator, window: number): Promise<WindowOutcome> {
  const outcome = await node.record.outcome(window);
  const derived = node.follower.digestOf(window) ?? outcome.thetaDigest;
  return outcome.thetaDigest === derived ? outcome : { ...outcome, accepted: [] };
}

/** Whether no votes named what a window came to in the three after it: then it applied nothing. */
async function isVoid({ node }: Validator, window: number, now: number): Promise<boolean> {
  if (window + CONFIRMED_WITHIN_WINDOWS >= now) return false;
  for (let after = 1; after <= CONFIRMED_WITHIN_WINDOWS; after++)
    if ((await node.record.outcome(window + after)).thetaDigest !== null) return false;
  return true;
}

/** Fetches an update of a past window and remembers it. What nobody has, or does not decode, is left out. */
async function remember(
  { node, memory }: Validator,
  { window, base, overlapWindows }: { window: number; base: Hex; overlapWindows: number },
  commit: Commit,
): Promise<void> {
  const { run, subnet, neuron } = node;
  const { uid, hotkey, digest } = commit;
  const limits = { limitBytes: run.maximumUpdateBytes, signal: neuron.signal, owner: hotkey };
  const bytes = await subnet.finder.tryFind(digest, limits);
  if (bytes === null) return;
  const reading = readUpdate(bytes, run.updateLayout, run.expectedHeader(window, hotkey, base));
  if (!reading.ok) return;
  const { update } = reading;
  const bodyDigest = await addressOf(bodyOf(bytes));
  const about = { uid, hotkey, window, bytes, bodyDigest, update };
  memory.work.add(fingerprintOf(about), overlapWindows);
}

/** One past window: what it applied, and its updates; of one that lies back far only those that were applied. */
async function recallWindow(
  validator: Validator,
  window: number,
  { now, overlapWindows }: { readonly now: number; readonly overlapWindows: number },
): Promise<void> {
  const { node, memory } = validator;
  const outcome = await outcomeOf(validator, window);
  const accepted = (await isVoid(validator, window, now)) ? [] : outcome.accepted;
  memory.work.setApplied(
    window,
    accepted.map(({ hotkey }) => hotkey),
  );
  // This window may have shown that one which was judged here was void.
  const before = window - CONFIRMED_WITHIN_WINDOWS;
  if (before >= 0 && (await isVoid(validator, before, now))) memory.work.setApplied(before, []);
  const base = node.follower.digestOf(window) ?? outcome.thetaDigest;
  // Parameters that neither this node nor a majority names: no update was made for them.
  if (base === null) return;
  const wanted = window >= now - overlapWindows ? await node.record.commits(window) : accepted;
  const missing = wanted.filter(({ hotkey }) => !memory.work.has({ hotkey, window }));
  const about = { window, base, overlapWindows };
  await Promise.all(missing.map((commit) => remember(validator, about, commit)));
}

/** Recalls the windows before `now` that this validator did not judge, the newest first. */
async function recallAll(validator: Validator, now: number, overlapWindows: number): Promise<void> {
  const oldest = Math.max(0, now - keptWindows(overlapWindows));
  for (let window = now - 1; window >= oldest; window--)
    if (isLacking(validator, window, now))
      await recallWindow(validator, window, { now, overlapWindows });
}

/** Whether this validator did not judge a window, or never saw an update that the last one applied. */
function isLacking({ memory: { work } }: Validator, window: number, now: number): boolean {
  const applied = work.appliedIn(window);
  if (applied === null) return true;
  return window === now - 1 && [...applied].some((hotkey) => !work.has({ hotkey, window }));
}

/**
 * Makes up for windows that were missed, so that this validator judges as those that were there. While the window's miners still
 * train; what is not found by then is done without.
 */
export async function recall(
  validator: Validator,
  window: number,
  overlapWindows: number,
): Promise<void> {
  const { run, subnet, neuron } = validator.node;
  const until = run.clock.evaluationSeedBlock(window);
  const over = subnet.blocks.reached(until, neuron.signal);
  const work = recallAll(validator, window, overlapWindows);
  // It goes on beside the window when it takes longer; a failure then is the next window's to meet.
  work.catch(() => undefined);
  await Promise.race([work, over]);
}
