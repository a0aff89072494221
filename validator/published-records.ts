/** @file Records in the store that others read: those that strangers may have, so that an audit needs this process no more. */
import type { Validator } from "./validator.ts";

/** Windows that are looked back at: weights that are hidden come out some epochs later. */
const LOOK_BACK = 64;

/** Puts the records up to `newest` there that are served by now, each once, and takes those away that nobody has to keep. */
export function publishRecords({ node, memory }: Validator, newest: number): void {
  const { records } = node.subnet.blobs;
  if (records === undefined) return;
  for (let window = Math.max(0, newest - LOOK_BACK); window <= newest; window++) {
    const served = memory.served(window);
    if (served !== null) records.put(window, served.line);
  }
  const { recordWindows } = node.run.manifest.retention;
  if (recordWindows === 0) return;
  records
    .removeBefore(newest - recordWindows)
    .catch((error: unknown) => node.neuron.log.warn({ error }, "old records were not removed"));
}
