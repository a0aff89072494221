/** @file What became of the files below a data folder: how much was taken, what was left out, and why. */

/** Why something below the folder is not in the corpus, in the words that people read after a count. */
const REASONS = {
  hidden: "hidden",
  link: "symbolic links",
  special: "neither files nor folders",
  unreadable: "unreadable",
  "other-name": "with other names than asked for",
  empty: "empty",
  binary: "binary",
  "not-utf8": "not UTF-8",
  duplicate: "the same as an earlier one",
  "too-long": "longer than 256 KiB",
  "long-line": "with a line above 1000 bytes",
  "not-json": "lines that are no JSON object",
  "no-field": "lines or rows without that field as text",
  "line-too-long": "lines above 16 MiB",
} as const;

/** Why something is not in the corpus. */
export type LeftOutReason = keyof typeof REASONS;

/** How often one reason applied. `example`: the first path (JSONL: path:line), relative to the folder. */
type LeftOut = {
  readonly reason: LeftOutReason;
  readonly count: number;
  readonly example: string;
};

/** What reading a folder gave. Plain data, so that it can be printed as JSON. */
export type CorpusReport = {
  readonly folder: string;
  /** Files that text was taken from. */
  readonly files: number;
  /** Bytes of text taken, held-out text included. */
  readonly bytes: number;
  /** Whether reading ended at the limit; what lies behind it was not looked at. */
  readonly limitReached: boolean;
  /** Of synthetic data, in nats a token: no model has a lower mean loss on enough of it. */
  readonly entropy?: number;
  /** By count, largest first. */
  readonly leftOut: readonly LeftOut[];
};

/** How far reading is, for people who wait. */
type CorpusProgress = {
  readonly files: number;
  readonly bytes: number;
  /** The file that is being read, relative to the folder. */
  readonly path: string;
};

/** What a reader of a folder may be given beside its options. */
export type CorpusParts = {
  /** Called about once a second while reading takes longer than that. */
  readonly progress?: (soFar: CorpusProgress) => void;
  readonly signal?: AbortSignal;
};

const PROGRESS_EVERY_MS = 1000;

/** Counts while a folder is read. */
export class Tally {
  readonly #folder: string;
  readonly #parts: CorpusParts;
  readonly #leftOut = new Map<LeftOutReason, { count: number; example: string }>();
  #toldAt = performance.now();
  #files = 0;
  #bytes = 0;
  #lastPath: string | null = null;

  constructor(folder: string, parts: CorpusParts) {
    this.#folder = folder;
    this.#parts = parts;
  }

  /** `bytes` of text were taken from `path`; call it once or more for a file, without another file between. */
  take(path: string, bytes: number): void {
    if (path !== this.#lastPath) this.#files += 1;
    this.#lastPath = path;
    this.#bytes += bytes;
  }

  get signal(): AbortSignal | undefined {
    return this.#parts.signal;
  }

  leaveOut(reason: LeftOutReason, path: string): void {
    const known = this.#leftOut.get(reason);
    if (known === undefined) this.#leftOut.set(reason, { count: 1, example: path });
    else known.count += 1;
  }

  /** To be called often: tells how far it is when a second went by. @throws the signal's reason when it aborted */
  step(path: string): void {
    this.#parts.signal?.throwIfAborted();
    const now = performance.now();
    if (now - this.#toldAt < PROGRESS_EVERY_MS) return;
    this.#toldAt = now;
    this.#parts.progress?.({ files: this.#files, bytes: this.#bytes, path });
  }

  report(limitReached: boolean): CorpusReport {
    const leftOut = [...this.#leftOut].map(([reason, entry]) => ({ reason, ...entry }));
    leftOut.sort((a, b) => b.count - a.count);
    return {
      folder: this.#folder,
      files: this.#files,
      bytes: this.#bytes,
      limitReached,
      leftOut,
    };
  }
}

/** A path in quotes, so that a name made of control characters cannot act on a terminal. */
function quoted(path: string): string {
  return JSON.stringify(path).replaceAll(/[\p{Cc}\p{Cf}]/gu, "?");
}

/**
 * The report in one sentence without a full stop, for errors and for people: what was taken, then every reason with
 * its count and an example.
 */
export function describeReport(report: CorpusReport): string {
  const { files, bytes, leftOut, limitReached, entropy } = report;
  if (entropy !== undefined)
    return `made ${bytes} bytes of entropy ${entropy.toFixed(4)} nats a token, below which no loss can fall for long`;
  if (files === 0 && leftOut.length === 0) return "the folder holds no files";
  const taken = `${bytes} bytes from ${files} file${files === 1 ? "" : "s"}`;
  const out = leftOut.map(
    ({ reason, count, example }) => `${count} ${REASONS[reason]} (such as ${quoted(example)})`,
  );
  return [
    `took ${taken}${limitReached ? ", the limit" : ""}`,
    ...(out.length === 0 ? [] : [`left out ${out.join(", ")}`]),
  ].join("; ");
}
