/** @file The logs of a folder: which files there are, their lines merged by time, and what is added to them. */
import { createReadStream, type Stats } from "node:fs";
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { type Line, lineOf } from "./line.ts";

/** A log and the older pieces that were put aside, the oldest first. */
export type LogFile = { readonly node: string; readonly paths: readonly string[] };

const NAME = /^(.+?)\.log(?:\.json)?(?:\.(\d+))?$/;
/** Read in one go while following. */
const MOST_BYTES = 1 << 22;
/** A line that is longer is no line of ours. */
const MOST_LINE = 1 << 20;

/** The logs in a folder, by node. @throws Error of the system */
export async function logFilesIn(folder: string): Promise<readonly LogFile[]> {
  const byNode = new Map<string, { readonly path: string; readonly age: number }[]>();
  for (const name of (await readdir(folder)).toSorted()) {
    const [, node, age] = NAME.exec(name) ?? [];
    if (node === undefined) continue;
    const pieces = byNode.get(node) ?? [];
    pieces.push({ path: join(folder, name), age: Number(age ?? 0) });
    byNode.set(node, pieces);
  }
  return [...byNode].map(([node, pieces]) => ({
    node,
    paths: pieces.toSorted((a, b) => b.age - a.age).map(({ path }) => path),
  }));
}

/** How many bytes of each file there were at a moment. */
type Ends = ReadonlyMap<string, number>;

/** Text between line ends of a file up to a byte. Not by node:readline, which also splits where a message may not be split. */
async function* piecesOf(path: string, end: number): AsyncGenerator<string> {
  let rest = "";
  const input = createReadStream(path, { end: end - 1, encoding: "utf8" });
  for await (const part of input) {
    const pieces = `${rest}${String(part)}`.split("\n");
    rest = (pieces.pop() ?? "").slice(0, MOST_LINE);
    yield* pieces;
  }
  yield rest;
}

/** Lines of one log up to its end at that moment, oldest first. */
async function* linesOf({ node, paths }: LogFile, ends: Ends): AsyncGenerator<Line> {
  let time = 0;
  for (const path of paths) {
    // Nobody knows when what stands before the first line with a time was printed: when the file was begun, at the earliest.
    const began = await stat(path).then(
      (found) => found.birthtimeMs,
      () => 0,
    );
    time = Math.max(time, Math.floor(began));
    const end = ends.get(path) ?? Infinity;
    if (end === 0) continue;
    for await (const written of piecesOf(path, end)) {
      const line = lineOf(written, node, time);
      if (line === null) continue;
      ({ time } = line);
      yield line;
    }
  }
}

/** A log that is being merged: its next line, or null at its end. */
type Source = { readonly lines: AsyncGenerator<Line>; line: Line | null };

/** The one whose line is earlier; of two at once the first. */
function earlier(one: Source | null, other: Source): Source | null {
  if (other.line === null) return one;
  return one !== null && one.line !== null && one.line.time <= other.line.time ? one : other;
}

/** Lines of all logs by time; of each no more than one is held. */
export async function* merged(files: readonly LogFile[], ends: Ends): AsyncGenerator<Line> {
  const sources = await Promise.all(
    files.map(async (file): Promise<Source> => {
      const lines = linesOf(file, ends);
      const first = await lines.next();
      return { lines, line: first.done === true ? null : first.value };
    }),
  );
  for (;;) {
    const next = sources.reduce(earlier, null);
    if (next === null || next.line === null) return;
    yield next.line;
    const following = await next.lines.next();
    next.line = following.done === true ? null : following.value;
  }
}

/** Another file has another one: a number is given again once its file is gone, its time is not. */
type Identity = { readonly ino: number; readonly mtimeMs: number };

/** How far a log was read. */
type Reading = {
  at: number;
  ino: number;
  /** Its `.1` when it was looked at last; null: there was none. */
  aside: Identity | null;
  /** What stands behind the last line end, and bytes of a character that is not whole yet. */
  rest: string;
  decoder: StringDecoder;
};

const reading = (at: number, ino: number, aside: Identity | null): Reading => ({
  at,
  ino,
  aside,
  rest: "",
  decoder: new StringDecoder("utf8"),
});

const statOf = (path: string): Promise<Stats | null> => stat(path).catch(() => null);

/** The file that a log is written to; just after it was moved aside it is not there. */
const writtenOf = (paths: LogFile["paths"]): string => (paths.at(-1) ?? "").replace(/\.\d+$/, "");

/** The pieces of a log that were put aside, the newest first. */
async function asideOf(path: string): Promise<readonly (Stats & { readonly path: string })[]> {
  const found: (Stats & { readonly path: string })[] = [];
  for (;;) {
    const piece = `${path}.${found.length + 1}`;
    const one = await statOf(piece);
    if (one === null) return found;
    found.push(Object.assign(one, { path: piece }));
  }
}

/** Reads on to `end`, or as far as one go reaches, and gives the lines that became whole. */
async function readOn(file: FileHandle, state: Reading, end: number): Promise<readonly string[]> {
  const buffer = Buffer.alloc(Math.min(MOST_BYTES, end - state.at));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, state.at);
  state.at += bytesRead;
  const lines = `${state.rest}${state.decoder.write(buffer.subarray(0, bytesRead))}`.split("\n");
  state.rest = (lines.pop() ?? "").slice(0, MOST_LINE);
  return bytesRead === 0 ? [] : lines;
}

/** The lines of a piece from where it was read; nothing more is added to it. */
async function restOf(path: string, state: Reading): Promise<readonly string[]> {
  const file = await open(path).catch(() => null);
  if (file === null) return [];
  const lines: string[] = [];
  try {
    const { size } = await file.stat();
    while (state.at < size) lines.push(...(await readOn(file, state, size)));
  } finally {
    await file.close();
  }
  return [...lines, state.rest];
}

/** Whether a `.1` came since the last look and holds what was read then. */
const isCopy = (aside: Stats | null, known: Reading): aside is Stats =>
  aside !== null &&
  aside.size >= known.at &&
  (aside.ino !== known.aside?.ino || aside.mtimeMs !== known.aside.mtimeMs);

/** Whether the same file was emptied since; it may have grown again. One that was copied and not emptied yet is as long as its copy. */
async function wasCut(path: string, known: Reading, size: number): Promise<boolean> {
  if (size < known.at) return true;
  const aside = await statOf(`${path}.1`);
  return isCopy(aside, known) && size < aside.size;
}

/** What was added to a log before another was begun in its place: it was moved aside, or copied and cut. */
async function leftBehind(path: string, known: Reading, isCut: boolean): Promise<string[]> {
  const pieces = await asideOf(path);
  const moved = isCut ? -1 : pieces.findIndex(({ ino }) => ino === known.ino);
  const [newest] = pieces;
  const first = moved < 0 && isCopy(newest ?? null, known) ? 0 : moved;
  const lines: string[] = [];
  // More than one may have been filled since the last look.
  for (let at = first; at >= 0; at--) {
    const piece = pieces[at];
    if (piece === undefined) continue;
    const state = at === first ? known : reading(0, piece.ino, null);
    lines.push(...(await restOf(piece.path, state)));
  }
  return lines;
}

/** What is added to the logs of a folder after it was opened. */
export class Tail {
  readonly #folder: string;
  readonly #read = new Map<string, Reading>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Begins at the present ends. */
  static async from(folder: string): Promise<Tail> {
    const tail = new Tail(folder);
    for (const { paths } of await logFilesIn(folder)) {
      const path = writtenOf(paths);
      const aside = await statOf(`${path}.1`);
      const found = await statOf(path);
      if (found !== null) tail.#read.set(path, reading(found.size, found.ino, aside));
    }
    return tail;
  }

  /** Where the files ended when it was opened. */
  get ends(): Ends {
    return new Map([...this.#read].map(([path, { at }]) => [path, at]));
  }

  /** Lines since the last look, by time. */
  async look(): Promise<readonly Line[]> {
    const found: Line[] = [];
    for (const { node, paths } of await logFilesIn(this.#folder))
      for (const written of await this.#added(writtenOf(paths))) {
        const line = lineOf(written, node, Date.now());
        if (line !== null) found.push(line);
      }
    return found.toSorted((a, b) => a.time - b.time);
  }

  async #added(path: string): Promise<readonly string[]> {
    const file = await open(path).catch(() => null);
    // Between a log that was moved aside and the next one.
    if (file === null) return [];
    try {
      const { size, ino } = await file.stat();
      const known = this.#read.get(path);
      const isCut = known?.ino === ino && (await wasCut(path, known, size));
      const isSame = known?.ino === ino && !isCut;
      const left = known === undefined || isSame ? [] : await leftBehind(path, known, isCut);
      const state = isSame ? known : reading(0, ino, null);
      state.aside = await statOf(`${path}.1`);
      this.#read.set(path, state);
      return size === state.at ? left : [...left, ...(await readOn(file, state, size))];
    } finally {
      await file.close();
    }
  }
}
