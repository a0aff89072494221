/**
 * @file Block trees in one folder (docs/protocol.md#block-trees): what is too large to be one blob. Each is a folder of its
 * own that is there whole or not at all; one that is being fetched lies beside it as a draft, and is gone on with after a break.
 */
import { randomBytes } from "node:crypto";
import { open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemCodeOf } from "../../base/fault.ts";
import { isDiskFull } from "../../base/files.ts";
import { makeFolder } from "../../base/folders.ts";
import { readIfThere, syncFolder } from "../disk/atomic-file.ts";
import { AssayError, isAssayError } from "../errors.ts";
import {
  BLOCK_BYTES,
  blockBytes,
  type BlockList,
  encodeBlockList,
  isBlock,
  treeRoot,
} from "../protocol/block-tree.ts";
import { type Hex, hexOf, isHex } from "../protocol/digest.ts";
import { digestOfBlock } from "./hashing.ts";
import { onePiece, PIECE_BYTES, type StoredBlob } from "./stored.ts";
import { filesOf, TreeFiles, type TreeForm } from "./tree-files.ts";
import {
  MANIFEST,
  parseTreeManifest,
  type TreeManifest,
  treeManifestText,
} from "./tree-manifest.ts";

/** A tree that is being fetched: what of it is here stays, also when the process ends. */
export type TreeDraft = {
  /** Blocks that are not here, or not right. */
  readonly missing: readonly number[];
  /** Keeps a block; whoever calls has compared its digest. @throws AssayError disk-full */
  add(index: number, block: Uint8Array): Promise<void>;
  /** Nothing is missing any more: the tree is there. @throws AssayError disk-full */
  finish(): Promise<void>;
  /** Leaves what is here for the next time. */
  close(): Promise<void>;
};

/** Trees by address. */
export type TreeStore = {
  /**
   * Stores bytes that come in blocks of BLOCK_BYTES (the last one may be shorter); one buffer may serve for all of them.
   * @throws AssayError disk-full
   */
  put(form: TreeForm, blocks: Iterable<Uint8Array>): Promise<Hex>;
  /** Digests of its blocks; null when it is not here, or its manifest is damaged. */
  list(address: Hex): Promise<BlockList | null>;
  /** What is sent for a tree's address (its list) and for the digest of any of its blocks (that block); null when unknown. */
  open(address: Hex): Promise<StoredBlob | null>;
  /**
   * Every block in order, hashed. @yields blocks that are valid until the next is asked for: they share one buffer
   * @throws AssayError blob-corrupt, blob-missing
   */
  blocks(address: Hex): AsyncIterable<Uint8Array>;
  /** What is here of a tree that should have this form; one that is damaged becomes a draft. */
  draft(address: Hex, list: BlockList, form: TreeForm): Promise<TreeDraft>;
  delete(address: Hex): Promise<void>;
  /** Deletes a tree of an earlier process; one that this process has stored or fetched meanwhile stays. */
  deleteStray(address: Hex): Promise<void>;
  addresses(): Promise<readonly Hex[]>;
};

const DRAFT = ".draft";

/** A full disk as its own fault. */
async function onDisk<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    if (isDiskFull(cause)) throw new AssayError({ code: "disk-full", path }, { cause });
    throw cause;
  }
}

/** A file of a draft that may be there already. */
async function touch(path: string): Promise<void> {
  await (await open(path, "a")).close();
}

/** Time of the last change of a folder; 0 when there is none. */
const changedMs = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

/** @yields the block in pieces that share one buffer */
async function* piecesOf(
  folder: string,
  files: TreeManifest["files"],
  { at, bytes }: { readonly at: number; readonly bytes: number },
): AsyncGenerator<Uint8Array> {
  const opened = await TreeFiles.open(folder, files, "r", { at, bytes });
  try {
    const buffer = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, bytes));
    for (let done = 0; done < bytes; done += buffer.length) {
      const piece = buffer.subarray(0, Math.min(buffer.length, bytes - done));
      if (!(await opened.read(at + done, piece)))
        throw new Error(`${folder} is shorter than it was`);
      yield piece;
    }
  } finally {
    await opened.close();
  }
}

/** A block that is not the tree's, by its number and the files that it lies in. */
function wrongBlock(
  wrong: { readonly address: Hex; readonly index: number; readonly digest: Uint8Array },
  { files, list }: TreeManifest,
): AssayError {
  const { address, index, digest } = wrong;
  const names = filesOf(files, { at: index * BLOCK_BYTES, bytes: blockBytes(list, index) });
  const place = `block ${index} in ${names.join(" and ")}`;
  const fault = { code: "blob-corrupt", digest: `${address} (${place})` } as const;
  return new AssayError({ ...fault, found: hexOf(digest) });
}

/** Blocks of a list that do not lie in files. */
async function missingIn(files: TreeFiles, list: BlockList): Promise<number[]> {
  const missing: number[] = [];
  const buffer = new Uint8Array(BLOCK_BYTES);
  for (let index = 0; index < list.digests.length; index++) {
    const block = buffer.subarray(0, blockBytes(list, index));
    const isWhole = await files.read(index * BLOCK_BYTES, block);
    if (!isWhole || !isBlock(list, index, await digestOfBlock(block))) missing.push(index);
  }
  return missing;
}

/** Trees in a folder. */
class DirectoryTrees implements TreeStore {
  readonly #folder: string;
  readonly #known = new Map<Hex, TreeManifest>();
  /** Where each block lies, of the trees that were there when the folder was looked through last. */
  #places: ReadonlyMap<Hex, { readonly address: Hex; readonly index: number }> = new Map();
  #lookedMs = 0;
  #looking: Promise<void> | null = null;
  /** What this process has stored or fetched. */
  readonly #made = new Set<Hex>();
  /** What gives a tree its name and takes it away is done one after the other. */
  #naming: Promise<unknown> = Promise.resolve();
  /** Drafts that this process works on. */
  readonly #drafts = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  #pathOf(address: Hex): string {
    return join(this.#folder, address.slice(2));
  }

  /** What a tree's manifest says; it is read once, since it cannot say anything else later. */
  async #manifest(address: Hex): Promise<TreeManifest | null> {
    const path = join(this.#pathOf(address), MANIFEST);
    if ((await changedMs(path)) === 0) {
      this.#known.delete(address);
      return null;
    }
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const text = await readIfThere(path);
    const manifest = text === null ? null : parseTreeManifest(text.toString("utf8"), address);
    if (manifest !== null) this.#known.set(address, manifest);
    return manifest;
  }

  async list(address: Hex): Promise<BlockList | null> {
    return (await this.#manifest(address))?.list ?? null;
  }

  async open(address: Hex): Promise<StoredBlob | null> {
    const whole = await this.list(address);
    if (whole !== null) {
      const encoded = encodeBlockList(whole);
      return { bytes: encoded.length, pieces: (range) => onePiece(encoded, range) };
    }
    // A joiner asks for many blocks at a time; the folder is looked through once for all of them.
    this.#looking ??= this.#look().finally(() => (this.#looking = null));
    await this.#looking;
    const place = this.#places.get(address);
    const manifest = place === undefined ? null : await this.#manifest(place.address);
    if (place === undefined || manifest === null) return null;
    const bytes = blockBytes(manifest.list, place.index);
    const at = place.index * BLOCK_BYTES;
    const folder = this.#pathOf(place.address);
    return {
      bytes,
      pieces: ({ start, end } = { start: 0, end: bytes }) =>
        piecesOf(folder, manifest.files, { at: at + start, bytes: end - start }),
    };
  }

  /** Looks the folder through if anything in it has changed: another process may have stored a tree. */
  async #look(): Promise<void> {
    const changed = await changedMs(this.#folder);
    if (changed === this.#lookedMs) return;
    const places = new Map<Hex, { readonly address: Hex; readonly index: number }>();
    for (const address of await this.addresses())
      for (const [index, digest] of ((await this.list(address))?.digests ?? []).entries())
        places.set(hexOf(digest), { address, index });
    this.#places = places;
    this.#lookedMs = changed;
  }

  async *blocks(address: Hex): AsyncGenerator<Uint8Array> {
    const manifest = await this.#manifest(address);
    if (manifest === null) throw new AssayError({ code: "blob-missing", digest: address });
    const { list, files } = manifest;
    const opened = await TreeFiles.open(this.#pathOf(address), files, "r").catch(
      (cause: unknown) => {
        if (systemCodeOf(cause) !== "ENOENT") throw cause;
        throw new AssayError({ code: "blob-missing", digest: address }, { cause });
      },
    );
    try {
      const buffer = new Uint8Array(BLOCK_BYTES);
      for (let index = 0; index < list.digests.length; index++) {
        const block = buffer.subarray(0, blockBytes(list, index));
        const isWhole = await opened.read(index * BLOCK_BYTES, block);
        const digest = await digestOfBlock(block);
        if (!isWhole || !isBlock(list, index, digest))
          throw wrongBlock({ address, index, digest }, manifest);
        yield block;
      }
    } finally {
      await opened.close();
    }
  }

  /** Drafts that nobody goes on with would stay for ever. */
  async #removeDrafts(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const path = join(this.#folder, name);
      if (name.endsWith(DRAFT) && !this.#drafts.has(path))
        await rm(path, { recursive: true, force: true });
    }
  }

  /** Ends a draft whose files the disk has: first what describes it, then its name. */
  async #seal(draft: string, list: BlockList, form: TreeForm): Promise<Hex> {
    const address = treeRoot(list);
    const manifest = treeManifestText(address, { files: form.files, list });
    for (const [name, text] of [...form.notes, [MANIFEST, manifest] as const])
      await writeFile(join(draft, name), text, { flush: true });
    await syncFolder(draft);
    await this.#inTurn(async () => {
      this.#made.add(address);
      await this.#name(draft, address);
    });
    await syncFolder(this.#folder);
    return address;
  }

  /** Does `act` when everybody before has done theirs. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#naming.then(act);
    this.#naming = done.catch(() => undefined);
    return done;
  }

  /** Gives a draft, whose bytes are right, the name of its tree. What has it already stays if it is right, too. */
  async #name(draft: string, address: Hex): Promise<void> {
    const path = this.#pathOf(address);
    try {
      await rename(draft, path);
    } catch (error) {
      if (!["ENOTEMPTY", "EEXIST", "EPERM"].includes(systemCodeOf(error))) throw error;
      if (await this.#isWhole(address)) await rm(draft, { recursive: true, force: true });
      else {
        await this.#remove(address);
        await rename(draft, path);
      }
    }
  }

  /** Whether a tree is here and right, byte for byte. */
  async #isWhole(address: Hex): Promise<boolean> {
    this.#known.delete(address);
    try {
      for await (const block of this.blocks(address)) void block;
      return true;
    } catch (error) {
      if (isAssayError(error)) return false;
      throw error;
    }
  }

  /** Takes a tree its name first: one that is half removed must not be found. */
  async #remove(address: Hex): Promise<void> {
    this.#known.delete(address);
    const gone = this.#newDraft("gone");
    this.#drafts.add(gone);
    try {
      await rename(this.#pathOf(address), gone);
    } catch (error) {
      if (systemCodeOf(error) !== "ENOENT") throw error;
    } finally {
      await rm(gone, { recursive: true, force: true });
      this.#drafts.delete(gone);
    }
  }

  #newDraft(kind: string): string {
    return join(this.#folder, `${kind}-${randomBytes(4).toString("hex")}${DRAFT}`);
  }

  /** Writes the files of a draft; returns the digests of their blocks. */
  async #fill(draft: string, form: TreeForm, blocks: Iterable<Uint8Array>): Promise<BlockList> {
    const files = await TreeFiles.open(draft, form.files, "w+");
    try {
      const digests: Uint8Array[] = [];
      let bytes = 0;
      for (const block of blocks) {
        digests.push(await digestOfBlock(block));
        await files.write(bytes, block);
        bytes += block.length;
      }
      await files.sync();
      return { bytes, digests };
    } finally {
      await files.close();
    }
  }

  async put(form: TreeForm, blocks: Iterable<Uint8Array>): Promise<Hex> {
    makeFolder(this.#folder);
    await this.#inTurn(() => this.#removeDrafts());
    const draft = this.#newDraft("new");
    this.#drafts.add(draft);
    try {
      return await onDisk(this.#folder, async () => {
        makeFolder(draft);
        return this.#seal(draft, await this.#fill(draft, form, blocks), form);
      });
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      throw error;
    } finally {
      this.#drafts.delete(draft);
    }
  }

  /** The folder of a draft; what lies under the tree's own name is damaged and becomes it. */
  async #draftFolder(address: Hex, form: TreeForm): Promise<string> {
    const [path, draft] = [this.#pathOf(address), `${this.#pathOf(address)}${DRAFT}`];
    makeFolder(this.#folder);
    if ((await changedMs(path)) > 0) {
      await rm(draft, { recursive: true, force: true });
      await rename(path, draft);
    }
    makeFolder(draft);
    for (const { name } of form.files) await touch(join(draft, name));
    return draft;
  }

  async draft(address: Hex, list: BlockList, form: TreeForm): Promise<TreeDraft> {
    const path = `${this.#pathOf(address)}${DRAFT}`;
    // Before anything of it is there: whoever stores another tree meanwhile removes the drafts that nobody works on.
    this.#drafts.add(path);
    try {
      return await onDisk(this.#folder, () => this.#openDraft(address, list, form));
    } catch (error) {
      this.#drafts.delete(path);
      throw error;
    }
  }

  async #openDraft(address: Hex, list: BlockList, form: TreeForm): Promise<TreeDraft> {
    const draft = await this.#draftFolder(address, form);
    const files = await TreeFiles.open(draft, form.files, "r+");
    const close = async (): Promise<void> => {
      if (this.#drafts.delete(draft)) await files.close();
    };
    const finish = async (): Promise<void> => {
      await files.sync();
      await files.close();
      try {
        await this.#seal(draft, list, form);
      } finally {
        this.#drafts.delete(draft);
      }
      await this.#inTurn(() => this.#removeDrafts());
    };
    try {
      await files.fit();
      return {
        missing: await missingIn(files, list),
        add: (index, block) => onDisk(draft, () => files.write(index * BLOCK_BYTES, block)),
        finish: () => onDisk(draft, finish),
        close,
      };
    } catch (error) {
      await files.close();
      throw error;
    }
  }

  delete(address: Hex): Promise<void> {
    return this.#inTurn(() => {
      this.#made.delete(address);
      return this.#remove(address);
    });
  }

  deleteStray(address: Hex): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#made.has(address)) await this.#remove(address);
    });
  }

  async addresses(): Promise<readonly Hex[]> {
    const names = await readdir(this.#folder).catch(() => []);
    return names.flatMap((name): Hex[] => (isHex(`0x${name}`, 32) ? [`0x${name}`] : []));
  }
}

/** The trees in `folder`, which is made when the first is stored. */
export function openTrees(folder: string): TreeStore {
  return new DirectoryTrees(folder);
}
