/** @file What the system says when it refuses a file, in words; a full disk is told apart from everything else. */
import { reasonOf, systemCodeOf, type Texts } from "./fault.ts";

/** No space is left, or a limit on the size of files or on a user's share is reached. */
export type DiskFault = { readonly code: "disk-full"; readonly path: string };

/** Words for it; what starting again does is added by the command that failed. */
export const DISK_TEXTS: Texts<DiskFault> = {
  "disk-full": ({ path }) => ({
    cause: `There is no space left to write ${path}; what was recorded before is intact.`,
    next: "Free some disk space, then start it again.",
    commands: [{ again: {} }],
  }),
};

const REFUSALS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EEXIST: "a file stands where a folder should be",
  EISDIR: "it is a folder, not a file",
  ELOOP: "its links lead in a circle",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "the path is too long",
  ENOENT: "there is no such file or folder",
  ENOTDIR: "a part of the path is a file, not a folder",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
};

/** Whether a failed call failed for want of space. */
export function isDiskFull(error: unknown): boolean {
  return ["ENOSPC", "EFBIG", "EDQUOT"].includes(systemCodeOf(error));
}

/** Why the system refused a path, in words; null when the error is of another kind. */
export function fileRefusal(error: unknown): string | null {
  return REFUSALS[systemCodeOf(error)] ?? null;
}

/** Why a file is of no use, whatever was thrown. */
export function fileReason(error: unknown): string {
  return fileRefusal(error) ?? reasonOf(error);
}
