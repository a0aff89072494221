/** @file Formats of what lies on disk: a name that ends in a number, which a later release counts up. */
import type { Texts } from "./fault.ts";

/** What is there was written by a later release than this one. */
export type FormatFault = {
  readonly code: "format-newer";
  readonly path: string;
  /** The format that was met, and the newest that this release knows. */
  readonly found: string;
  readonly known: string;
};

/** Words for it. Nothing is changed in what is there. */
export const FORMAT_TEXTS: Texts<FormatFault> = {
  "format-newer": ({ path, found, known }) => ({
    cause: `${path} was written by a later release of Assay: its format is ${found}, and this release knows none after ${known}. Nothing in it was changed.`,
    next: "Update Assay, then start it again; a backup of before the update can be restored for this release.",
    commands: [{ system: ["git", "pull"] }, { system: ["npm", "ci"] }, { again: {} }],
  }),
};

const PARTS = /^(.{1,60}[/-])([1-9]\d{0,8})$/;

/** Whether `found` is a later version of the format `known`. */
export function isNewerFormat(found: unknown, known: string): found is string {
  if (typeof found !== "string") return false;
  const [, stem, version] = PARTS.exec(known) ?? [];
  const [, otherStem, otherVersion] = PARTS.exec(found) ?? [];
  return stem !== undefined && stem === otherStem && Number(otherVersion) > Number(version);
}
