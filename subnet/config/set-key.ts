/** @file A key that a person named, the value that they wrote for it, and the line of their file that it changes. */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { fileRefusal } from "../../base/files.ts";
import { nearest } from "../../src/command/words.ts";
import { writeAtomically } from "../../src/disk/atomic-file.ts";
import { AssayError, isAssayError } from "../../src/errors.ts";
import { withValue } from "./edit.ts";
import { CONFIG_KEYS, type KeyInfo, type KeyValue, valueAt } from "./keys.ts";
import { loadConfig, loadConfigFile } from "./read.ts";

/** The key of this path, or of this name where only one table has it; undefined when there is none. */
function keyNamed(name: string): KeyInfo | undefined {
  const named = CONFIG_KEYS.filter((info) => info.key === name);
  return (
    CONFIG_KEYS.find((info) => info.path === name) ?? (named.length === 1 ? named[0] : undefined)
  );
}

/** The key that a person named. @throws AssayError bad-option with the nearest one */
export function requireKey(name: string): KeyInfo {
  const info = keyNamed(name);
  if (info !== undefined) return info;
  // Nearness counts by the key alone too: its table is seldom typed.
  const near =
    nearest(
      name,
      CONFIG_KEYS.map(({ path }) => path),
    ) ??
    nearest(
      name,
      CONFIG_KEYS.map(({ key }) => key),
    );
  const meant =
    near === undefined
      ? undefined
      : CONFIG_KEYS.find(({ path, key }) => path === near || key === near);
  throw new AssayError({
    code: "bad-option",
    detail: `unknown key "${name}"${meant === undefined ? "" : `; nearest valid key: "${meant.path}"`}`,
    next: "This prints every key with its range.",
    run: { ours: "subnet config", set: { markdown: true } },
  });
}

/** The value that a person wrote for a key. @throws AssayError bad-option with the key's range */
export function valueWritten(info: KeyInfo, written: string): KeyValue {
  const { path } = info;
  try {
    const { config } = loadConfig(null, { environment: {}, set: [`${path}=${written}`] });
    return valueAt(config, info);
  } catch (error) {
    if (!isAssayError(error, "bad-option") || error.fault.code !== "bad-option") throw error;
    // Nobody typed --set here.
    const detail = error.fault.detail.replaceAll("--set: ", "");
    throw new AssayError({ ...error.fault, detail }, { cause: error });
  }
}

/** Changes the file; returns what the key was before. */
export async function setInFile(file: string, info: KeyInfo, value: KeyValue): Promise<KeyValue> {
  // Refuses a file that is not there or does not read.
  const { config } = loadConfigFile(file, { environment: {} });
  // What came out of a pipe has no line to change.
  if (!statSync(file).isFile())
    throw new AssayError({ code: "bad-option", detail: `${file} is no regular file to write to` });
  const target = realpathSync(file);
  const text = withValue(readFileSync(target, "utf8"), file, info, value);
  try {
    await writeAtomically(target, text);
  } catch (cause) {
    const reason = fileRefusal(cause);
    if (reason === null) throw cause;
    // The new text is written beside the old one: it is the folder that refuses.
    const standing = dirname(target);
    const fault = { code: "file-refused", path: file, standing, reason } as const;
    throw new AssayError(fault, { cause });
  }
  return valueAt(config, info);
}
