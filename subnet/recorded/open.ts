/** @file Opens what a person names: a local run's folder, or a subnet on a chain. */
import { existsSync } from "node:fs";
import { AssayError } from "../../src/errors.ts";
import { joinRun } from "../../src/run/join.ts";
import type { Run } from "../../src/run/run.ts";
import type { RecordedRun } from "../audit/recorded.ts";
import { openEndpoint } from "./endpoint.ts";
import { openFolder, type OpenParts } from "./folder.ts";
import type { PlaceOptions } from "./options.ts";

/** A recorded run, joined. */
export type OpenedRun = { readonly recorded: RecordedRun; readonly run: Run };

const refuse = (detail: string): never => {
  throw new AssayError({ code: "bad-option", detail });
};

/**
 * Opens a run.
 * @throws AssayError bad-option, run-damaged, run-unsupported, run-not-published, blob-missing; ChainError
 */
export async function openRun(options: PlaceOptions, parts: OpenParts): Promise<OpenedRun> {
  const { run: named, netuid, genesis } = options;
  const isUrl = named !== undefined && /^wss?:\/\//.test(named);
  if (named !== undefined && !isUrl) {
    if (!existsSync(named)) return refuse(`there is no folder ${named}`);
    const recorded = await openFolder(named, parts);
    return { recorded, run: await joinFolder(named, recorded, parts) };
  }
  if (netuid === undefined)
    return refuse("name the folder of a local run, or a chain's endpoint with --netuid N");
  const endpoint = isUrl ? named : options.endpoint;
  return openEndpoint({ netuid, endpoint, genesis }, parts);
}

/** A run whose pieces are missing in its folder is a damaged one. */
async function joinFolder(
  folder: string,
  { subnet }: RecordedRun,
  { lifecycle }: OpenParts,
): Promise<Run> {
  try {
    return await joinRun(subnet, {
      signal: lifecycle.signal,
      news: {
        onWaiting() {
          throw new AssayError({ code: "run-not-published", netuid: subnet.netuid });
        },
        onSwapped: () => undefined,
      },
    });
  } catch (error) {
    if (!(error instanceof AssayError) || error.fault.code !== "blob-missing") throw error;
    const reason = `it lacks what the run is made of, or holds it damaged: ${error.fault.digest}`;
    throw new AssayError({ code: "run-damaged", path: folder, reason }, { cause: error });
  }
}
