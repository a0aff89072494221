/** @file The bytes of a block tree as they lie in a folder: some files, one behind the other, read and written by place. */
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";

/** One file of a tree. */
export type TreeFile = { readonly name: string; readonly bytes: number };

/** How a tree lies on disk: its bytes cut into files, and notes beside them that hold nothing new. */
export type TreeForm = {
  readonly files: readonly TreeFile[];
  /** Text by name of the file. */
  readonly notes: ReadonlyMap<string, string>;
};

/** Bytes of a tree in this form. */
export function formBytes({ files }: Pick<TreeForm, "files">): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Names of the files in which bytes from a place on lie. */
export function filesOf(
  files: readonly TreeFile[],
  { at, bytes }: { readonly at: number; readonly bytes: number },
): readonly string[] {
  let end = 0;
  return files.flatMap(({ name, bytes: length }) => {
    const start = end;
    end += length;
    return start < at + bytes && end > at ? [name] : [];
  });
}

/** A part of one file, and where it begins in the buffer that is read or written. */
type Part = {
  readonly file: FileHandle;
  readonly at: number;
  readonly from: number;
  readonly bytes: number;
};

/** The open files of a tree. */
export class TreeFiles {
  readonly #files: readonly TreeFile[];
  /** By number of the file; none for one that is not needed. */
  readonly #handles: ReadonlyMap<number, FileHandle>;

  private constructor(files: readonly TreeFile[], handles: ReadonlyMap<number, FileHandle>) {
    this.#files = files;
    this.#handles = handles;
  }

  /**
   * Opens them.
   * @param flags - "r", "r+" for what may be there in part, "w+" (empty, new)
   * @param stretch - what will be read: files that no byte of it lies in stay closed
   */
  static async open(
    folder: string,
    files: readonly TreeFile[],
    flags: "r" | "r+" | "w+",
    stretch: { readonly at: number; readonly bytes: number } = { at: 0, bytes: Infinity },
  ): Promise<TreeFiles> {
    const handles = new Map<number, FileHandle>();
    const isWhole = stretch.bytes === Infinity;
    try {
      let start = 0;
      for (const [index, { name, bytes }] of files.entries()) {
        const isTouched = start < stretch.at + stretch.bytes && start + bytes > stretch.at;
        if (isWhole || isTouched) handles.set(index, await open(join(folder, name), flags));
        start += bytes;
      }
    } catch (error) {
      for (const handle of handles.values()) await handle.close();
      throw error;
    }
    return new TreeFiles(files, handles);
  }

  /** Where `bytes` from place `at` of the tree lie. */
  *#parts(at: number, bytes: number): Generator<Part> {
    let start = 0;
    for (const [index, { bytes: length }] of this.#files.entries()) {
      const from = Math.max(at, start);
      const to = Math.min(at + bytes, start + length);
      const file = this.#handles.get(index);
      if (from < to && file !== undefined)
        yield { file, at: from - start, from: from - at, bytes: to - from };
      start += length;
    }
  }

  /** Fills `target` from place `at`; false where the files end too early. */
  async read(at: number, target: Uint8Array): Promise<boolean> {
    for (const part of this.#parts(at, target.length))
      for (let done = 0; done < part.bytes;) {
        const { bytesRead } = await part.file.read(
          target,
          part.from + done,
          part.bytes - done,
          part.at + done,
        );
        if (bytesRead === 0) return false;
        done += bytesRead;
      }
    return true;
  }

  /** Writes `source` at place `at`. */
  async write(at: number, source: Uint8Array): Promise<void> {
    for (const part of this.#parts(at, source.length))
      for (let done = 0; done < part.bytes;) {
        const { bytesWritten } = await part.file.write(
          source,
          part.from + done,
          part.bytes - done,
          part.at + done,
        );
        done += bytesWritten;
      }
  }

  /** Cuts or stretches each to its length. */
  async fit(): Promise<void> {
    for (const [index, { bytes }] of this.#files.entries())
      await this.#handles.get(index)?.truncate(bytes);
  }

  /** Waits until the disk has them. */
  async sync(): Promise<void> {
    for (const handle of this.#handles.values()) await handle.sync();
  }

  async close(): Promise<void> {
    for (const handle of this.#handles.values()) await handle.close();
  }
}
