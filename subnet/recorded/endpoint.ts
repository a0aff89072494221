/** @file A subnet on a chain as a run that can be audited: payloads and records as its nodes serve them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hidden } from "../../base/hidden.ts";
import { openBlobs } from "../../src/blobs/directory.ts";
import { AssayError } from "../../src/errors.ts";
import { type AxonAddress, fetchBytes, urlOf } from "../../src/network/client.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { joinRun } from "../../src/run/join.ts";
import { reachSubnet, type SubnetPlace } from "../../src/run/reach.ts";
import type { Run } from "../../src/run/run.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import { finishedWindows } from "../audit/facts.ts";
import type { RecordedRun, RecordLog } from "../audit/recorded.ts";
import type { OpenParts } from "./folder.ts";

const LIMITS = { limitBytes: 8 << 20, timeoutMs: 5000 };
/** Records that are asked for at once. */
const AT_ONCE = 8;

/** A record as an axon serves it; null where it has none. */
async function recordLine(
  axon: AxonAddress,
  window: number,
  signal: AbortSignal,
): Promise<string | null> {
  const url = urlOf(axon, `/records/${window}`);
  const answer = await fetchBytes(url, { ...LIMITS, signal }).catch(() => null);
  return answer === null ? null : new TextDecoder().decode(answer);
}

/** The log of a node as far as it serves one. */
async function logOf(
  axon: AxonAddress,
  about: { readonly validator: Hex; readonly windows: number; readonly signal: AbortSignal },
): Promise<RecordLog | null> {
  const { validator, windows, signal } = about;
  const lines: (string | null)[] = [];
  for (let from = 0; from < windows; from += AT_ONCE) {
    signal.throwIfAborted();
    const some = Array.from({ length: Math.min(AT_ONCE, windows - from) }, (_, at) => from + at);
    lines.push(...(await Promise.all(some.map((window) => recordLine(axon, window, signal)))));
  }
  const text = lines.flatMap((line) => (line === null ? [] : [`${line}\n`])).join("");
  return text === "" ? null : { path: urlOf(axon, "/records"), validator, text };
}

/** Logs of every hotkey that holds a permit or held one, as far as it serves records. */
async function logsOf(subnet: Subnet, run: Run, signal: AbortSignal): Promise<RecordLog[]> {
  const windows = finishedWindows(run, subnet.blocks.current.number);
  const [axons, { neurons }] = await Promise.all([
    subnet.finder.axons(),
    subnet.chain.metagraph(subnet.netuid),
  ]);
  const asked = neurons.map(async ({ hotkey }) => {
    const axon = axons.get(hotkey);
    // Most neurons are miners, which serve no records: one question shows that.
    if (axon === undefined || windows === 0) return null;
    const newest = [windows - 1, windows - 2, 0].filter((window) => window >= 0);
    const served = await Promise.all(newest.map((window) => recordLine(axon, window, signal)));
    if (served.every((line) => line === null)) return null;
    return logOf(axon, { validator: hotkey, windows, signal });
  });
  return (await Promise.all(asked)).filter((log) => log !== null);
}

/** Opens the run that a subnet names. @throws AssayError run-not-published, blob-missing; ChainError */
export async function openEndpoint(
  place: SubnetPlace,
  { lifecycle, step }: OpenParts,
): Promise<{ readonly recorded: RecordedRun; readonly run: Run }> {
  const folder = await mkdtemp(join(tmpdir(), "assay-audit-"));
  lifecycle.onClose("blobs", () => rm(folder, { recursive: true, force: true }));
  step(`connecting to ${hidden(place.endpoint)}`);
  const subnet = await reachSubnet(place, { lifecycle, blobs: openBlobs(folder) });
  const { signal } = lifecycle;
  const run = await joinRun(subnet, {
    signal,
    news: {
      onWaiting() {
        throw new AssayError({ code: "run-not-published", netuid: place.netuid });
      },
      onSwapped: (runId) => step(`the subnet names another run, but ${runId} goes on`),
    },
  });
  step(`joined run ${run.runId}; reading records`);
  const logs = await logsOf(subnet, run, signal);
  const origin = `subnet ${place.netuid} at ${hidden(place.endpoint)}`;
  return { recorded: { origin, subnet, logs, blobs: [], members: [], heads: new Map() }, run };
}
