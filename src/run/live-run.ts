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

/**
 * How far back names are looked for: `whole` history, which a stranger needs, or as much of it as the node has `kept`. That is enough for whoever
 * was in the run before, and for whoever only looks.
 */
type Reach = "whole" | "kept";

/** A run and a block at which the identity named it. */
type Named = { readonly runId: Hex; readonly block: number };

/** The run that was named just before the identity came to name `runId`, which it does at `block`; null without one. */
async function namedBefore(
  subnet: Subnet,
  { runId, block }: Named,
  reach: Reach,
): Promise<Named | null> {
  const named = async (at: number): Promise<Hex | null | "discarded"> => {
    try {
      return await namedAt(subnet, at);
    } catch (error) {
      if (reach === "kept" && isDiscarded(error)) return "discarded";
      throw error;
    }
  };
  let [other, newest] = [0, block];
  if ((await named(other)) === runId) return null;
  while (newest - other > 1) {
    const middle = Math.floor((other + newest) / 2);
    if ((await named(middle)) === runId) newest = middle;
    else other = middle;
  }
  const before = await named(other);
  return before === null || before === "discarded" ? null : { runId: before, block: other };
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
  how: { readonly reach: Reach; readonly signal: AbortSignal },
  names = 0,
): Promise<Hex> {
  const before = names === MOST_NAMES ? null : await namedBefore(subnet, named, how.reach);
  if (before === null) return named.runId;
  const runId = await liveUnder(subnet, before, how, names + 1);
  const isOlder = runId !== named.runId && (await goesOn(subnet, { runId }, how.signal));
  return isOlder ? runId : named.runId;
}

/** A subnet's run, and whether it is another one than the identity names now. */
export type LiveRun = { readonly runId: Hex; readonly swapped: boolean };

/**
 * The live run, or null while none was published. A run ends with its last window, or by the rule of
 * docs/protocol.md#18-amendments; a text that names another run without that changes nothing.
 * @param own - the run that this process was in before, if any: it stays there, whatever the identity says now
 * @param reach - without one of its own, how far back it looks
 */
export async function liveRun(
  subnet: Subnet,
  own: OwnRun | null,
  signal: AbortSignal,
  reach: Reach = own === null ? "whole" : "kept",
): Promise<LiveRun | null> {
  const runId = await namedAt(subnet);
  // What it was named before was asked when this process came into it.
  if (own !== null && own.runId === runId) return { runId, swapped: false };
  if (own !== null && (await goesOn(subnet, own, signal)))
    return { runId: own.runId, swapped: true };
  if (runId === null) return null;
  const named = { runId, block: subnet.blocks.current.number };
  const live = await liveUnder(subnet, named, { reach, signal });
  return { runId: live, swapped: live !== runId };
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
  const live = await liveRun(subnet, null, signal, "kept");
  if (live === null) return null;
  const limits = { limitBytes: MAXIMUM_MANIFEST_BYTES, signal };
  const bytes = await subnet.finder.tryFind(live.runId, limits);
  if (bytes === null) return "unserved";
  const { manifest, runId } = parseManifest(bytes);
  return { runId, manifest, clock: windowClock(manifest) };
}
