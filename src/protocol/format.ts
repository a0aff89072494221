/** @file The format that a file names in itself: a later release's is told apart from damage. */
import { isNewerFormat } from "../../base/formats.ts";
import { AssayError } from "../errors.ts";

/**
 * Refuses what a later release wrote, by the `format` of a parsed file, before anything else of it is read.
 * @param known the newest formats that this release writes there
 * @throws AssayError format-newer
 */
export function refuseNewer(value: unknown, path: string, ...known: readonly string[]): void {
  if (typeof value !== "object" || value === null || !("format" in value)) return;
  const { format } = value;
  for (const one of known)
    if (isNewerFormat(format, one))
      throw new AssayError({ code: "format-newer", path, found: format, known: one });
}
