/** @file A full disk, told apart from every other failure of a file. */
import { systemCodeOf, type Texts } from "./fault.ts";

/** No space is left, or a limit on the size of files or on a user's share is reached. */
export type DiskFault = { readonly code: "disk-full"; readonly path: string };

/** Words for it; what starting again does is said by the command (CommandShape.restart). */
export const DISK_TEXTS: Texts<DiskFault> = {
  "disk-full": ({ path }) => ({
    cause: `There is no space left to write ${path}; what was recorded before is intact.`,
    next: "Free some disk space, then start it again.",
    commands: [{ again: {} }],
  }),
};

/** Whether a failed call failed for want of space. */
export function isDiskFull(error: unknown): boolean {
  return ["ENOSPC", "EFBIG", "EDQUOT"].includes(systemCodeOf(error));
}
