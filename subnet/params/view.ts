/** @file What the commands about parameters read: the owner's file, the live run, and a chain that is closed at the end. */
import type { NextCommand } from "../../base/fault.ts";
import { Lifecycle, runUntilStopped } from "../../src/command/lifecycle.ts";
import { AssayError } from "../../src/errors.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import type { PlaceOptions } from "../owner/options.ts";
import { type OwnerPlace, placeOf } from "../owner/place.ts";
import { reachPlace } from "../owner/reach.ts";
import { readRunNow, type RunNow } from "../owner/run-now.ts";

/** A subnet with its file, as long as its chain is open. */
export type View = {
  readonly place: OwnerPlace;
  readonly subnet: Subnet;
  readonly signal: AbortSignal;
  /** The live run now. @throws AssayError run-not-published, blob-missing */
  readonly run: () => Promise<RunNow>;
};

async function requireRun(subnet: Subnet, signal: AbortSignal): Promise<RunNow> {
  const found = await readRunNow(subnet, signal);
  if (found.kind === "none")
    throw new AssayError({ code: "run-not-published", netuid: subnet.netuid });
  if (found.kind === "unserved")
    throw new AssayError({ code: "blob-missing", digest: found.runId });
  return found;
}

/** Opens the subnet of the options for `body`, and closes it; Ctrl-C ends the waiting. `line`: for a body that sends. */
export async function withView(
  options: PlaceOptions,
  body: (view: View) => Promise<void>,
  line?: (command: NextCommand) => string,
): Promise<void> {
  const place = placeOf(options);
  const lifecycle = new Lifecycle();
  lifecycle.stopOnSignals();
  await runUntilStopped(lifecycle, async () => {
    const reach = { folder: options.folder, keep: false, ...(line && { line }) };
    const { subnet } = await reachPlace(place, reach, lifecycle);
    const { signal } = lifecycle;
    await body({ place, subnet, signal, run: () => requireRun(subnet, signal) });
  });
}
