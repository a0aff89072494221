/** @file How a subnet's identity names its run: `assay:run=0x<run id>` inside the free text `additional` (docs/protocol.md#1-run-windows-phases). */
import { type Hex, isHex } from "./digest.ts";

const RUN_KEY = /assay:run=(0x[0-9a-f]{64})(?![0-9a-f])/;

/** The text that names a run. */
export function runKeyText(runId: Hex): string {
  return `assay:run=${runId}`;
}

/** The first run id that a subnet's `additional` text names, or null. Anyone may write anything there. */
export function runIdIn(additional: string | null): Hex | null {
  const found = RUN_KEY.exec(additional ?? "")?.[1];
  return found !== undefined && isHex(found, 32) ? found : null;
}
