/** @file Where a subnet's run stands at the newest final block: its window, the rules in force, what is pending. */
import type { ChainClient, Head } from "../../chain/client/client.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import { MAXIMUM_MANIFEST_BYTES, parseManifest } from "../../src/protocol/manifest-file.ts";
import { rulesDigest } from "../../src/protocol/rules.ts";
import { type Amendment, parseRunText, type RunText } from "../../src/protocol/run-text.ts";
import { firstStanding, nextStanding, type Standing } from "../../src/protocol/standing.ts";
import { windowClock, type WindowClock } from "../../src/protocol/window.ts";
import { Amendments } from "../../src/run/amendments.ts";
import { liveRun } from "../../src/run/live-run.ts";
import type { Subnet } from "../../src/run/subnet.ts";

/** The whole identity of a subnet. */
type Identity = NonNullable<Awaited<ReturnType<ChainClient["identity"]>>>;

/** An amendment that will come into force if nobody writes anything else, and its first window. */
type Pending = { readonly amendment: Amendment; readonly from: number };

/** What the chain says about a subnet's runs, whether or not the run itself can be read. */
export type Named = {
  readonly head: Head;
  readonly identity: Identity | null;
  readonly text: RunText;
};

/** A run that can be read, at a moment. */
export type RunNow = Named & {
  readonly runId: Hex;
  readonly manifest: RunManifest;
  readonly clock: WindowClock;
  /** Whether the identity names another run although this one goes on. */
  readonly swapped: boolean;
  /** Negative before the run, and possibly past its last window. */
  readonly window: number;
  /** The standing in the current window, or in the one it begins or ended with. */
  readonly now: Standing;
  /** The newest window whose rules nothing can change any more, and its standing. */
  readonly decided: { readonly window: number; readonly standing: Standing };
  readonly pending: Pending | null;
  /** rulesDigest of the rules in force in a window. */
  readonly rulesAt: (window: number) => Promise<Hex>;
};

/** No run was published; the run that is named is served by nobody; or a run. */
export type Found =
  | ({ readonly kind: "none" } & Named)
  | ({ readonly kind: "unserved"; readonly runId: Hex } & Named)
  | ({ readonly kind: "run" } & RunNow);

/** First window, from 1 on, whose rules a text written after block `block` can still decide. */
export function firstWindowSeeing(clock: WindowClock, block: number): number {
  const seedOffset = clock.startBlock(0) - clock.seedBlock(0);
  // The state at seedBlock(w - 1) decides window w: the first w - 1 whose seed block is past `block`.
  return Math.max(1, clock.windowOf(block + seedOffset) + 2);
}

/** Where a run stands, in words: "window 3 of 60", "begins at block 208". */
export function whereText({
  window,
  manifest,
  clock,
}: Pick<RunNow, "window" | "manifest" | "clock">): string {
  const { windows, startBlock } = manifest;
  if (window < 0) return `begins at block ${startBlock}`;
  if (!clock.isInRun(window)) return `over after ${windows} windows`;
  return windows === 0 ? `window ${window}` : `window ${window} of ${windows}`;
}

/** The amendment in a text that will come into force after `decided`, if the text stays. */
function pendingIn(
  text: RunText,
  run: { readonly runId: Hex; readonly manifest: RunManifest },
  decided: RunNow["decided"],
): Pending | null {
  const { amendment } = text;
  if (amendment === null || decided.standing.over) return null;
  const from = Math.max(decided.window + 1, amendment.from);
  const then = nextStanding(decided.standing, run, { window: from, text });
  const changes = rulesDigest(then.rules) !== rulesDigest(decided.standing.rules);
  return changes ? { amendment, from } : null;
}

/** The run's manifest, or null when nobody serves it or it is not one of this protocol. */
async function manifestOf(
  { finder }: Pick<Subnet, "finder">,
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

/** What the identity says at the newest final block. */
async function readNamed({ chain, blocks, netuid }: Subnet): Promise<Named> {
  const head = blocks.current;
  const identity = await chain.identity(netuid, head.hash);
  return { head, identity, text: parseRunText(identity?.additional ?? null) };
}

/** A run of which the manifest is known, at the moment of `named`. */
export async function standingOf(
  subnet: Pick<Subnet, "chain" | "blocks">,
  run: { readonly runId: Hex; readonly manifest: RunManifest; readonly swapped: boolean },
  moment: Named & { readonly signal: AbortSignal },
): Promise<RunNow> {
  const { signal, ...named } = moment;
  const clock = windowClock(run.manifest);
  const amendments = new Amendments({ ...run, clock }, subnet);
  const window = clock.windowOf(named.head.number);
  // One before the first that can still be decided.
  const last = firstWindowSeeing(clock, named.head.number) - 1;
  // The first window needs no chain: waiting for its state would wait for a run that is yet to begin.
  const at = async (one: number): Promise<Standing> =>
    one <= 0 ? firstStanding(run.manifest) : amendments.at(one, signal);
  const decided = { window: last, standing: await at(last) };
  const pending = pendingIn(named.text, run, decided);
  return {
    ...named,
    ...run,
    clock,
    window,
    now: await at(Math.min(window, last)),
    decided,
    pending,
    rulesAt: async (one) => rulesDigest((await at(one)).rules),
  };
}

/** Where the subnet's run stands now. @throws ChainError */
export async function readRunNow(subnet: Subnet, signal: AbortSignal): Promise<Found> {
  const live = await liveRun(subnet, null, signal);
  const named = await readNamed(subnet);
  if (live === null) return { kind: "none", ...named };
  const { runId, swapped } = live;
  const manifest = await manifestOf(subnet, runId, signal);
  if (manifest === null || manifest.netuid !== subnet.netuid)
    return { kind: "unserved", runId, ...named };
  const run = await standingOf(subnet, { runId, manifest, swapped }, { ...named, signal });
  return { kind: "run", ...run };
}
