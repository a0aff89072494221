/** @file The folder of an authority's keys: `authority.json` for everybody, `keystore/` and `node-key` for its node alone. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileReason, readWholeFile } from "../../base/files.ts";
import { inLine, systemCodeOf } from "../../base/fault.ts";
import {
  type Authority,
  type AuthorityKeys,
  authoritySchema,
} from "../../chain/native/authority-keys.ts";
import { readIfThere } from "../../src/disk/atomic-file.ts";
import { AssayError } from "../../src/errors.ts";

/** What others have to know. */
const PUBLIC_FILE = "authority.json";
/** Secrets of blocks and votes, after `--keystore-path`. */
const KEYSTORE = "keystore";
/** The node's identity, after `--node-key-file`. */
const NODE_KEY_FILE = "node-key";
const MAXIMUM_PUBLIC_BYTES = 4096;
const OWNER_ALONE = { folder: 0o700, file: 0o600 } as const;

/** Places in an authority's folder. */
export function placesIn(folder: string): {
  readonly publicFile: string;
  readonly keystore: string;
  readonly nodeKeyFile: string;
} {
  return {
    publicFile: join(folder, PUBLIC_FILE),
    keystore: join(folder, KEYSTORE),
    nodeKeyFile: join(folder, NODE_KEY_FILE),
  };
}

function parsedAuthority(text: string): Authority {
  const found = authoritySchema.safeParse(JSON.parse(text));
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  throw new Error(`${issue?.path.join(".") || "it"} ${issue?.message ?? "is wrong"}`);
}

/** Reads what an authority publishes. @throws AssayError bad-option */
export async function readAuthority(path: string): Promise<Authority> {
  try {
    return parsedAuthority((await readWholeFile(path, MAXIMUM_PUBLIC_BYTES)).toString("utf8"));
  } catch (cause) {
    const detail = `${path} names no authority: ${inLine(fileReason(cause))}`;
    const next = "Make keys, and name the authority.json that is written.";
    const run = { ours: "subnet chain keys" } as const;
    throw new AssayError({ code: "bad-option", detail, next, run }, { cause });
  }
}

/** A new file that nobody but its owner reads. */
async function writeSecret(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: OWNER_ALONE.file, flag: "wx", flush: true });
}

/** The identity of a node that is no authority: made once, kept in its folder. */
export async function keepNodeKey(path: string, nodeKey: () => string): Promise<void> {
  if ((await readIfThere(path)) === null) await writeSecret(path, nodeKey());
}

/**
 * Writes new keys, the public file last: where it is, all of them are. A folder that has it stays as it is.
 * @throws AssayError bad-option: the folder cannot be written, or holds part of other keys
 */
export async function writeAuthority(
  folder: string,
  made: () => AuthorityKeys,
): Promise<{ readonly authority: Authority; readonly isNew: boolean }> {
  const { publicFile, keystore, nodeKeyFile } = placesIn(folder);
  if ((await readIfThere(publicFile)) !== null)
    return { authority: await readAuthority(publicFile), isNew: false };
  const { authority, keystore: files, nodeKey } = made();
  try {
    await mkdir(keystore, { recursive: true, mode: OWNER_ALONE.folder });
    for (const { name, content } of files) await writeSecret(join(keystore, name), content);
    await writeSecret(nodeKeyFile, nodeKey);
    await writeFile(publicFile, `${JSON.stringify(authority, null, 2)}\n`, { flush: true });
  } catch (cause) {
    const isPartial = systemCodeOf(cause) === "EEXIST";
    const reason = isPartial ? "part of other keys lies there" : inLine(fileReason(cause));
    const detail = `The folder ${folder} cannot take an authority's keys: ${reason}`;
    const next = "Name an empty folder that this user may write.";
    throw new AssayError({ code: "bad-option", detail, next }, { cause });
  }
  return { authority, isNew: true };
}
