/** @file Which run of a subnet is live: the one its identity names, unless that name was swapped under a run that still goes on. */
import type { Hex } from "../protocol/digest.ts";
import type { RunManifest } from "../protocol/manifest.ts";
import { MAXIMUM_MANIFEST_BYTES, parseManifest } from "../protocol/manifest-file.ts";
import { parseRunText, type RunText } from "../protocol/run-text.ts";
import { windowClock } from "../protocol/window.ts";
import type { Subnet } from "./subnet.ts";

/** What the identity says at a block (default: now). */
async function textAt({ chain, blocks, netuid }: Subnet, block?: number): Promise<RunText> {
  const at = block === undefined ? undefined : await blocks.hashOf(block);
  return parseRunText(await chain.subnetIdentity(netuid, at));
}

/** The run that the identity named just before it came to name `runId`; null when there was none. */
async function namedBefore(subnet: Subnet, runId: Hex): Promise<Hex | null> {
  let [other, named] = [0, subnet.blocks.current.number];
  if ((await textAt(subnet, other)).runId === runId) return null;
  while (named - other > 1) {
    const middle = Math.floor((other + named) / 2);
    if ((await textAt(subnet, middle)).runId === runId) named = middle;
    else other = middle;
  }
  return (await textAt(subnet, other)).runId;
}

/** The manifest of a run, or null when nobody serves it or it is not one of this protocol. */
async function manifestOf(
  { finder }: Subnet,
  runId: Hex,
  signal: AbortSignal,
): Promise<RunManifest | null> {
  const bytes = await finder.tryFind(runId, { limitBytes: MAXIMUM_MANIFEST_BYTES, signal });
  try {
    return bytes === null ? null : parseManifest(bytes).manifest;
  } catch {
    return null;
  }
}

/** Whether a run still goes on now, although the identity says `text`. */
function goesOn(manifest: RunManifest, runId: Hex, text: RunText, block: number): boolean {
  const clock = windowClock(manifest);
  const window = clock.windowOf(block);
  if (manifest.windows !== 0 && window >= manifest.windows) return false;
  return text.after?.runId !== runId || window < text.after.window;
}

/** A subnet's run, and whether it is another one than the identity names now. */
export type LiveRun = { readonly runId: Hex; readonly swapped: boolean };

/**
 * The live run, or null while none was published. A run ends with its last window or in the window at which the text that
 * names its successor says so (`after=`); a text that names another run without that changes nothing.
 * @param own - the run that this process was in before, if any
 */
export async function liveRun(
  subnet: Subnet,
  own: Hex | null,
  signal: AbortSignal,
): Promise<LiveRun | null> {
  const text = await textAt(subnet);
  if (text.runId === null) return null;
  const earlier = own ?? (await namedBefore(subnet, text.runId));
  if (earlier === null || earlier === text.runId) return { runId: text.runId, swapped: false };
  const manifest = await manifestOf(subnet, earlier, signal);
  const swapped =
    manifest?.netuid === subnet.netuid &&
    goesOn(manifest, earlier, text, subnet.blocks.current.number);
  return { runId: swapped ? earlier : text.runId, swapped };
}
