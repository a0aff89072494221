/** @file A report as a file: whether it could be written is known before the work for it begins. */
import { access, constants, lstat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileReason, isDiskFull } from "../../base/files.ts";
import { writeAtomically } from "../../src/disk/atomic-file.ts";
import { AssayError } from "../../src/errors.ts";
import { pageOf, type Report } from "./page.ts";

function refused(path: string, error: unknown): AssayError {
  const detail = `--report ${path}: no file can be written there: ${fileReason(error)}`;
  return new AssayError({ code: "bad-option", detail }, { cause: error });
}

/** Requires that a report can be written at `path`. @throws AssayError bad-option */
export async function requirePlace(path: string): Promise<void> {
  try {
    await access(dirname(resolve(path)), constants.W_OK);
    const found = await lstat(path).catch(() => null);
    if (found?.isDirectory() === true) throw new Error("it is a folder");
  } catch (error) {
    throw refused(path, error);
  }
}

/** Writes a report, whole or not at all. @throws AssayError bad-option, disk-full */
export async function writeReport(path: string, report: Report): Promise<void> {
  try {
    await writeAtomically(path, pageOf(report));
  } catch (error) {
    if (error instanceof AssayError || isDiskFull(error)) throw error;
    throw refused(path, error);
  }
}
