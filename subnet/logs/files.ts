/** @file The logs of a folder: which files there are, their lines merged by time, and what is added to them. */
import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
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

/** What is added to the logs of a folder after it was opened. */
export class Tail {
  readonly #folder: string;
  /** By path: how far it was read, and what stands behind the last line end. */
  readonly #read = new Map<string, { at: number; ino: number; rest: string }>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Begins at the present ends. */
  static async from(folder: string): Promise<Tail> {
    const tail = new Tail(folder);
    for (const { paths } of await logFilesIn(folder)) {
      const path = paths.at(-1) ?? "";
      const { size, ino } = await stat(path);
      tail.#read.set(path, { at: size, ino, rest: "" });
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
      found.push(...(await this.#added(node, paths.at(-1) ?? "")));
    return found.toSorted((a, b) => a.time - b.time);
  }

  async #added(node: string, path: string): Promise<readonly Line[]> {
    const found = await stat(path).catch(() => null);
    if (found === null) return [];
    const { size, ino } = found;
    const known = this.#read.get(path);
    // Another file, or a shorter one, was begun anew.
    const isSame = known !== undefined && known.ino === ino && size >= known.at;
    const state = isSame ? known : { at: 0, ino, rest: "" };
    this.#read.set(path, state);
    if (size === state.at) return [];
    const file = await open(path);
    try {
      const buffer = Buffer.alloc(Math.min(MOST_BYTES, size - state.at));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, state.at);
      state.at += bytesRead;
      const lines = `${state.rest}${buffer.toString("utf8", 0, bytesRead)}`.split("\n");
      state.rest = (lines.pop() ?? "").slice(0, MOST_LINE);
      return lines.flatMap((written) => {
        const line = lineOf(written, node, Date.now());
        return line === null ? [] : [line];
      });
    } finally {
      await file.close();
    }
  }
}
