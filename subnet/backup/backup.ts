/**
 * @file `subnet backup`: a copy of a folder of ours that a restore can go on from, made while its processes run. States first, chains
 * after them, blobs last: what is restored is then a node that was away for a moment, beside a chain that went on, with every payload
 * that the chain names.
 */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { chmod, lstat, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileReason, isDiskFull } from "../../base/files.ts";
import { makeFolder } from "../../base/folders.ts";
import { encryptionOf } from "../../chain/wallet/password.ts";
import { readIfThere, syncFolder } from "../../src/disk/atomic-file.ts";
import { AssayError } from "../../src/errors.ts";
import { type About, ABOUT_FILE, encodeAbout, encodeSums, FILES, SUMS_FILE } from "./contents.ts";
import { isKeyFile, isPlainPath, kindOf } from "./kinds.ts";
import type { BackupOptions } from "./options.ts";
import { copyDatabase, copyIfThere, copyTogether, filesOf, treeOf } from "./snapshot.ts";

const OWNER_ALONE = 0o700;
const MODES = 0o7777;

/** SHA-256 of a file in hex. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path)) if (Buffer.isBuffer(piece)) hash.update(piece);
  return hash.digest("hex");
}

/** The permissions of a file or folder. */
async function modeOf(path: string): Promise<number> {
  return (await lstat(path)).mode & MODES;
}

/** A backup that is being made: from where, to where, and what it holds so far. */
class Making {
  readonly #from: string;
  readonly #to: string;
  readonly #openKeys: boolean;
  readonly kept = new Set<string>();
  readonly leftOut = new Set<string>();

  constructor(from: string, to: string, openKeys: boolean) {
    this.#from = from;
    this.#to = to;
    this.#openKeys = openKeys;
  }

  /** Whether a file is to be left out: it is a key that whoever reads it can use. */
  async #isOpenKey(path: string): Promise<boolean> {
    if (this.#openKeys || !isKeyFile(path)) return false;
    const key = await readIfThere(join(this.#from, path));
    if (key === null || encryptionOf(key) !== "none") return false;
    this.leftOut.add(path);
    return true;
  }

  /** Names of the files of a folder that change, as they are now. */
  async #statesOf(folder: string): Promise<readonly string[]> {
    const names: string[] = [];
    for (const name of await filesOf(join(this.#from, folder))) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (kindOf(path) === "state" && !(await this.#isOpenKey(path))) names.push(name);
    }
    return names;
  }

  /** Files that change, folder by folder. */
  async states(folders: readonly string[]): Promise<void> {
    for (const folder of folders) {
      const [from, to] = [join(this.#from, folder), join(this.#to, folder)];
      for (const name of await copyTogether(from, to, () => this.#statesOf(folder)))
        this.kept.add(folder === "" ? name : `${folder}/${name}`);
    }
  }

  async databases(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const to = join(this.#to, path);
      makeFolder(dirname(to), OWNER_ALONE);
      if (await copyDatabase(join(this.#from, path), to)) this.kept.add(path);
    }
  }

  /** What never changes; what is removed meanwhile is needed by nobody. */
  async blobs(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const to = join(this.#to, path);
      makeFolder(dirname(to), OWNER_ALONE);
      if (!this.kept.has(path) && (await copyIfThere(join(this.#from, path), to)))
        this.kept.add(path);
    }
  }
}

const ofKind = (paths: readonly string[], kind: ReturnType<typeof kindOf>): readonly string[] =>
  paths.filter((path) => kindOf(path) === kind);

/** @throws AssayError bad-option: a name that no restore would take */
function requirePlain(from: string, paths: readonly string[]): void {
  const odd = paths.find((path) => !isPlainPath(path));
  if (odd !== undefined)
    throw new AssayError({ code: "bad-option", detail: `${from} holds a file named ${odd}` });
}

/** Copies everything into `to`; what a backup says of itself. @throws AssayError backup-busy, bad-option */
async function copyAll(
  from: string,
  to: string,
  openKeys: boolean,
): Promise<Omit<About, "format">> {
  const making = new Making(from, to, openKeys);
  // The bulk first, so that little time lies between what follows.
  const { files } = await treeOf(from);
  requirePlain(from, files);
  await making.blobs(ofKind(files, "blob"));
  // That took long: what is there has to be looked for again.
  await making.states(["", ...(await treeOf(from)).folders]);
  await making.databases(ofKind((await treeOf(from)).files, "database"));
  // What the states and the chain name was there when they were copied: those that came since the first look.
  const later = await treeOf(from);
  await making.blobs(ofKind(later.files, "blob"));
  const paths = [...making.kept].toSorted();
  requirePlain(from, paths);
  return {
    from,
    made: new Date().toISOString(),
    files: await Promise.all(paths.map((path) => withMode(to, path))),
    folders: (
      await Promise.all(
        later.folders.map(async (path) => {
          const mode = await modeOf(join(from, path)).catch(() => null);
          return mode === null ? [] : [{ path, mode }];
        }),
      )
    ).flat(),
    leftOut: [...making.leftOut].toSorted(),
  };
}

async function withMode(folder: string, path: string): Promise<About["files"][number]> {
  return { path, mode: await modeOf(join(folder, path)) };
}

/** Writes the list of digests and what it is. */
async function describe(draft: string, about: Omit<About, "format">): Promise<void> {
  await writeFile(join(draft, ABOUT_FILE), encodeAbout(about), { flush: true });
  const digests = new Map<string, string>();
  for (const path of [ABOUT_FILE, ...about.files.map((one) => `${FILES}/${one.path}`)])
    digests.set(path, await sha256Of(join(draft, path)));
  await writeFile(join(draft, SUMS_FILE), encodeSums(digests), { flush: true });
}

function refuse(detail: string, cause?: unknown): AssayError {
  return new AssayError({ code: "bad-option", detail }, { cause });
}

/** The folder to keep, and where. @throws AssayError bad-option */
async function placesOf({ folder, output }: BackupOptions): Promise<{ from: string; to: string }> {
  if (folder === undefined) throw refuse("subnet backup needs the folder that is to be kept");
  const [from, to] = [resolve(folder), resolve(output)];
  const found = await lstat(from).catch((cause: unknown) => {
    throw refuse(`${from} cannot be kept: ${fileReason(cause)}`, cause);
  });
  if (!found.isDirectory()) throw refuse(`${from} is no folder`);
  if (existsSync(to))
    throw refuse(`${to} is there already: a backup goes into a folder of its own`);
  if (to === from || to.startsWith(`${from}/`)) throw refuse(`${to} lies inside of what is kept`);
  return { from, to };
}

/** What was kept. */
type Kept = Omit<About, "format"> & { readonly to: string };

/** Makes a backup, whole or not at all. @throws AssayError bad-option, backup-busy, disk-full */
export async function backUp(options: BackupOptions): Promise<Kept> {
  const { from, to } = await placesOf(options);
  const draft = `${to}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    makeFolder(join(draft, FILES), OWNER_ALONE);
    await chmod(draft, OWNER_ALONE);
    const about = await copyAll(from, join(draft, FILES), options.openKeys);
    await describe(draft, about);
    await rename(draft, to);
    await syncFolder(dirname(to));
    return { ...about, to };
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    if (isDiskFull(cause)) throw new AssayError({ code: "disk-full", path: to }, { cause });
    throw cause;
  }
}

/** `subnet backup`. */
export async function runBackup(
  options: BackupOptions,
  print: (line: string) => void,
): Promise<void> {
  const { from, to, files, leftOut } = await backUp(options);
  if (options.json) {
    print(JSON.stringify({ from, to, files: files.length, leftOut }));
    return;
  }
  print(`${files.length} files of ${from} kept in ${to}; sha256sum -c ${SUMS_FILE} checks them`);
  for (const path of leftOut)
    print(`left out: ${path}, a key without a password (--open-keys takes it)`);
}
