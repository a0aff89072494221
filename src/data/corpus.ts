/** @file Text on this machine -> training shard and held-out text: bytes that every owner of the same folder gets. */
import { join, matchesGlob, posix } from "node:path";
import { readDemoText } from "./demo-text.ts";
import { jsonDocuments } from "./jsonl.ts";
import { cutPieces, holdOut, MAX_PIECE_BYTES, PieceStore } from "./pieces.ts";
import { type CorpusParts, type CorpusReport, Tally } from "./report.ts";
import { textPieces } from "./text-files.ts";
import { walkFolder } from "./walk.ts";

/** Byte-level text: `training` is what pages are cut from, `heldOut` is never trained on. */
export type Corpus = {
  readonly training: Uint8Array;
  readonly heldOut: Uint8Array;
  readonly report: CorpusReport;
};

/** Any folder of text. */
export type FolderText = {
  readonly selection: "all";
  readonly folder: string;
  /** Bytes of text to read at most, held-out text included. */
  readonly limitBytes: number;
  /**
   * Globs of paths below the folder, with "/"; one without a slash is of names at any depth. Hidden names (a dot in
   * front) must be spelled out. Default: every file; in jsonl those that end in .jsonl or .ndjson.
   */
  readonly include?: readonly string[];
} & (
  | { readonly format: "text" }
  /** One JSON object a line; its `field` is a document. */
  | { readonly format: "jsonl"; readonly field: string }
);

/** The demo's fixed choice of text (demo-text.ts); `limitBytes` of training text. */
type DemoText = {
  readonly selection: "demo";
  readonly folder: string;
  readonly limitBytes: number;
};

/** Which text a run learns. */
export type DataOptions = FolderText | DemoText;

const DEFAULT_INCLUDE = { text: ["**"], jsonl: ["*.jsonl", "*.ndjson"] } as const;

/** Which paths are asked for, and whether one of them can be hidden. */
function matcherOf(include: readonly string[]): {
  readonly matches: (path: string) => boolean;
  readonly hidden: boolean;
} {
  const globs = include.map((glob) =>
    glob.includes("/") ? posix.normalize(glob) : posix.join("**", glob),
  );
  return {
    matches: (path) => globs.some((glob) => matchesGlob(path, glob)),
    hidden: globs.some((glob) => /(^|\/)\./.test(glob)),
  };
}

/** Where a reader of one file puts what it finds. */
type Sink = { readonly store: PieceStore; readonly tally: Tally; readonly path: string };

/** Keeps a piece unless it is there already. */
function keep({ store, tally, path }: Sink, piece: Uint8Array, place: string): void {
  const kept = store.add(piece);
  if (kept === 0) tally.leaveOut("duplicate", place);
  else tally.take(path, kept);
}

async function readTextFile(file: string, sink: Sink): Promise<void> {
  const { store, tally, path } = sink;
  const pieces = textPieces(file);
  for (let next = await pieces.next(); ; next = await pieces.next()) {
    if (next.done === true) {
      if (next.value !== null) tally.leaveOut(next.value, path);
      return;
    }
    keep(sink, next.value, path);
    tally.step(path);
    if (store.isFull) {
      await pieces.return(null); // closes the file
      return;
    }
  }
}

async function readJsonFile(file: string, field: string, sink: Sink): Promise<void> {
  const { store, tally, path } = sink;
  const documents = jsonDocuments(file, field, () => tally.step(path));
  for (let next = await documents.next(); ; next = await documents.next()) {
    if (next.done === true) {
      if (next.value !== null) tally.leaveOut(next.value, path);
      return;
    }
    const place = `${path}:${next.value.line}`;
    if ("refusal" in next.value) tally.leaveOut(next.value.refusal, place);
    else
      for (const piece of cutPieces(next.value.text, MAX_PIECE_BYTES))
        if (!store.isFull) keep(sink, piece, place);
    if (store.isFull) {
      await documents.return(null);
      return;
    }
  }
}

async function readFolder(options: FolderText, tally: Tally): Promise<PieceStore> {
  const { folder } = options;
  const store = new PieceStore(options.limitBytes);
  const { matches, hidden } = matcherOf(options.include ?? DEFAULT_INCLUDE[options.format]);
  for await (const { path, kind } of walkFolder(folder, { hidden })) {
    if (store.isFull) break;
    tally.step(path);
    const sink = { store, tally, path };
    if (kind !== "file") tally.leaveOut(kind, path);
    else if (!matches(path)) tally.leaveOut("other-name", path);
    else if (options.format === "text") await readTextFile(join(folder, path), sink);
    else await readJsonFile(join(folder, path), options.field, sink);
  }
  return store;
}

/**
 * Reads the text below a folder: UTF-8 files (or documents of JSON lines) in the order of their paths' bytes, each text
 * once, however long. What is left out is counted in the report. Holds no more than about twice the limit in memory.
 * @throws AssayError data-unreadable when the folder itself cannot be read; the signal's reason when it aborts
 */
export async function readCorpus(options: DataOptions, parts: CorpusParts = {}): Promise<Corpus> {
  const tally = new Tally(options.folder, parts);
  if (options.selection === "demo") {
    const found = await readDemoText(options.folder, options.limitBytes, tally);
    return {
      training: Buffer.concat(found.training),
      heldOut: Buffer.concat(found.heldOut),
      report: tally.report(found.limitReached),
    };
  }
  const store = await readFolder(options, tally);
  const { training, heldOut } = holdOut(store.pieces);
  return {
    training: Buffer.concat(training),
    heldOut: Buffer.concat(heldOut),
    report: tally.report(store.isFull),
  };
}
