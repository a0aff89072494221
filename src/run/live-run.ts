/** @file Which run of a subnet is live: the one its identity names, unless that name was swapped under a run that still goes on. */
import { isDiscarded } from "../../chain/client/patient.ts";
import { AssayError } from "../errors.ts";
import type { Hex } from "../protocol/digest.ts";
import type { RunManifest } from "../protocol/manifest.ts";
import { MAXIMUM_MANIFEST_BYTES, parseManifest } from "../protocol/manifest-file.ts";
import { parseRunText } from "../protocol/run-text.ts";
import { type WindowClock, windowClock } from "../protocol/window.ts";
import { Amendments, type KnownStanding } from "./amendments.ts";
import type { Subnet } from "./subnet.ts";

/** Names that are looked back at: an owner who changed the name more often than this between two runs misleads newcomers. */
const MOST_NAMES = 16;

/** The run that the identity names at a block (default: now). */
async function namedAt({ chain, blocks, netuid }: Subnet, block?: number): Promise<Hex | null> {
  const at = block === undefined ? undefined : await blocks.hashOf(block);
  return parseRunText(await chain.subnetIdentity(netuid, at)).runId;
}

/** A run and a block at which the identity named it. */
type Named = { readonly runId: Hex; readonly block: number };

/** The run that was named just before the identity came to name `runId`, which it does at `block`; null without one. */
async function namedBefore(subnet: Subnet, { runId, block }: Named): Promise<Named | null> {
  let [other, named] = [0, block];
  if ((await namedAt(subnet, other)) === runId) return null;
  while (named - other > 1) {
    const middle = Math.floor((other + named) / 2);
    if ((await namedAt(subnet, middle)) === runId) named = middle;
    else other = middle;
  }
  const before = await namedAt(subnet, other);
  return before === null ? null : { runId: before, block: other };
}

/** The manifest of a run, or null when nobody serves it or it is not one of this protocol. */
async function manifestOf(
  { finder }: Subnet,
  runId: Hex,
  signal: AbortSignal,
): Promise<RunManifest | null> {
  try {
    // Asked for some seconds: who cannot reach anybody at this moment must not join another run for it.
    const bytes = await finder.find(runId, { limitBytes: MAXIMUM_MANIFEST_BYTES, signal });
    return parseManifest(bytes).manifest;
  } catch (error) {
    if (error instanceof AssayError) return null;
    throw error;
  }
}

/** The run that a process was in before, and where that stood then. */
export type OwnRun = { readonly runId: Hex; readonly standing?: KnownStanding | null };

/** Whether a run has begun, has windows left, and was not ended by its owner: derived as those inside derive it. */
async function goesOn(
  subnet: Subnet,
  { runId, standing = null }: OwnRun,
  signal: AbortSignal,
): Promise<boolean> {
  const manifest = await manifestOf(subnet, runId, signal);
  if (manifest?.netuid !== subnet.netuid) return false;
  const clock = windowClock(manifest);
  const window = clock.windowOf(subnet.blocks.current.number);
  if (!clock.isInRun(window)) return false;
  const amendments = new Amendments({ runId, manifest, clock }, subnet, standing);
  return !(await amendments.at(window, signal)).over;
}

/** The live run as of a block at which the identity named `named.runId`: an older one if that still goes on now. */
async function liveUnder(
  subnet: Subnet,
  named: Named,
  signal: AbortSignal,
  names = 0,
): Promise<Hex> {
  const before = names === MOST_NAMES ? null : await namedBefore(subnet, named);
  if (before === null) return named.runId;
  const runId = await liveUnder(subnet, before, signal, names + 1);
  const isOlder = runId !== named.runId && (await goesOn(subnet, { runId }, signal));
  return isOlder ? runId : named.runId;
}

/** A subnet's run, and whether it is another one than the identity names now. */
export type LiveRun = { readonly runId: Hex; readonly swapped: boolean };

/**
 * The live run, or null while none was published. A run ends with its last window, or by the rule of
 * docs/protocol.md#18-amendments; a text that names another run without that changes nothing.
 *
 * Who comes back to a run that goes on needs nothing of the past. Everybody else looks at how the subnet was named from its first block on, and so needs a
 * node that knows it: half of a history would lead into another run than the whole.
 * @param own - the run that this process was in before, if any: it stays there, whatever the identity says now
 * @throws ChainError rpc-failed from a pruned node that no longer knows how the subnet was named
 */
export async function liveRun(
  subnet: Subnet,
  own: OwnRun | null,
  signal: AbortSignal,
): Promise<LiveRun | null> {
  const runId = await namedAt(subnet);
  if (own !== null && (await goesOn(subnet, own, signal)))
    return { runId: own.runId, swapped: own.runId !== runId };
  if (runId === null) return null;
  const named = { runId, block: subnet.blocks.current.number };
  const live = await liveUnder(subnet, named, signal);
  return { runId: live, swapped: live !== runId };
}

/** The same for who only looks: where the node has thrown away how the subnet was named, what it is named now. */
export async function seenRun(subnet: Subnet, signal: AbortSignal): Promise<LiveRun | null> {
  try {
    return await liveRun(subnet, null, signal);
  } catch (error) {
    if (!isDiscarded(error)) throw error;
    const runId = await namedAt(subnet);
    return runId === null ? null : { runId, swapped: false };
  }
}

/** A run as its manifest says. */
export type ServedRun = {
  readonly runId: Hex;
  readonly manifest: RunManifest;
  readonly clock: WindowClock;
};

/** The live run for whoever only looks; null while none is published, "unserved" when nobody hands out its manifest. */
export async function lookAtRun(
  subnet: Subnet,
  signal: AbortSignal,
): Promise<ServedRun | null | "unserved"> {
  const live = await seenRun(subnet, signal);
  if (live === null) return null;
  const limits = { limitBytes: MAXIMUM_MANIFEST_BYTES, signal };
  const bytes = await subnet.finder.tryFind(live.runId, limits);
  if (bytes === null) return "unserved";
  const { manifest, runId } = parseManifest(bytes);
  return { runId, manifest, clock: windowClock(manifest) };
}
