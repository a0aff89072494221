/** @file Data as its owner names it -> training shard and held-out tokens: bytes that every owner of the same data gets. */
import { readDemoText } from "./demo-text.ts";
import { jsonDocuments, type NumberedDocument } from "./jsonl.ts";
import { parquetDocuments } from "./parquet.ts";
import { cutPieces, holdOut, MAX_PIECE_BYTES, PieceStore } from "./pieces.ts";
import { nameOf, type Place, placesOf } from "./places.ts";
import { type RangeFile, readAhead } from "./ranges.ts";
import { type CorpusParts, type CorpusReport, type LeftOutReason, Tally } from "./report.ts";
import { syntheticRules, syntheticTokens } from "./synthetic.ts";
import { ShardStore } from "./token-shards.ts";
import type { TokenType } from "./shard-header.ts";
import { textPieces } from "./text-files.ts";
import { openTokenizer, readTokenizerFile } from "./tokenizer.ts";
import { encodeTokens, type TokenBytes, tokenBytesFor } from "./tokens.ts";

/** Tokens as bytes (tokens.ts): `training` is what pages are cut from, `heldOut` is never trained on. */
export type Corpus = {
  readonly training: Uint8Array;
  readonly heldOut: Uint8Array;
  readonly tokenBytes: TokenBytes;
  /** Every token is below it. */
  readonly vocabulary: number;
  /** tokenizer.json of the tokens, where they are not bytes and it is known. */
  readonly tokenizerFile: Uint8Array | null;
  /** Where `training` already lies as one range of one file. */
  readonly range: { readonly name: string; readonly offset: number } | null;
  readonly report: CorpusReport;
};

/** What every choice of data says. */
type Common = {
  /** A folder, or a file where the format is no text; http(s)://..., s3://bucket/key. */
  readonly folder: string;
  /** Bytes to read at most, held-out ones included (of the demo: of training text). */
  readonly limitBytes: number;
  /** Path of the tokenizer.json that makes tokens of text; without it a token is a byte. */
  readonly tokenizer?: string;
};

/**
 * Globs of paths below the folder, with "/"; one without a slash is of names at any depth. Hidden names (a dot in
 * front) must be spelled out.
 */
type Include = { readonly include?: readonly string[] };

/** Any folder of text. */
export type FolderText = Common &
  Include & { readonly selection: "all" } & (
    | { readonly format: "text" }
    /** One JSON object a line; its `field` is a document. */
    | { readonly format: "jsonl"; readonly field: string }
    /** A row is a document: the text of the column `field`. */
    | { readonly format: "parquet"; readonly field: string }
  );

/** Tokens that somebody else made. */
export type TokenFiles = Common &
  Include & {
    readonly selection: "all";
    readonly format: "tokens";
    readonly tokenType: TokenType;
    /** The model's: every token must be below it. */
    readonly vocabulary: number;
  };

/** The demo's fixed choice of text (demo-text.ts). */
type DemoText = Common & { readonly selection: "demo" };

/** Data of known entropy (synthetic.ts), `limitBytes` of it; `folder` says of which source. */
type SyntheticData = Omit<Common, "tokenizer"> & { readonly selection: "synthetic" };

/** Which data a run learns. */
export type DataOptions = FolderText | TokenFiles | DemoText | SyntheticData;

/** How data may be written. */
export type DataFormat = FolderText["format"] | TokenFiles["format"];

/** Which files are read when nobody says. */
export const DEFAULT_INCLUDE: Readonly<Record<DataFormat, readonly string[]>> = {
  text: ["**"],
  jsonl: ["*.jsonl", "*.ndjson"],
  parquet: ["*.parquet"],
  tokens: ["*.bin", "*.npy"],
};

/** Where a reader of one file puts what it finds. */
type Sink = { readonly store: PieceStore; readonly tally: Tally; readonly path: string };
type FilePlace = Extract<Place, { readonly kind: "file" }>;

/** Keeps a piece unless it is there already. */
function keep({ store, tally, path }: Sink, piece: Uint8Array, place: string): void {
  const kept = store.add(piece);
  if (kept === 0) tally.leaveOut("duplicate", place);
  else tally.take(path, kept);
}

async function readTextFile(open: () => Promise<RangeFile>, sink: Sink): Promise<void> {
  const { store, tally, path } = sink;
  const pieces = textPieces(open);
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

/** Documents of a file, which say where they stand in it. */
async function readDocuments(
  documents: AsyncGenerator<NumberedDocument, LeftOutReason | null>,
  sink: Sink,
): Promise<void> {
  const { store, tally, path } = sink;
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

/** Every file that is asked for, until `isFull`; what is left out by its name or kind is counted. */
async function* filesOf(
  options: FolderText | TokenFiles,
  tally: Tally,
  isFull: () => boolean,
): AsyncGenerator<FilePlace> {
  const { folder, format, include = DEFAULT_INCLUDE[format] } = options;
  const choice = { folder, include, ...(tally.signal !== undefined && { signal: tally.signal }) };
  for await (const place of placesOf(choice, format !== "text")) {
    if (isFull()) return;
    tally.step(place.path);
    if (place.kind === "file") yield place;
    else tally.leaveOut(place.kind, place.path);
  }
}

async function readTexts(options: FolderText, tally: Tally): Promise<PieceStore> {
  const store = new PieceStore(options.limitBytes);
  for await (const { path, open } of filesOf(options, tally, () => store.isFull)) {
    const sink = { store, tally, path };
    const step = (): void => tally.step(path);
    const openAhead = async (): Promise<RangeFile> => readAhead(await open());
    if (options.format === "text") await readTextFile(openAhead, sink);
    else if (options.format === "jsonl")
      await readDocuments(jsonDocuments(openAhead, options.field, step), sink);
    else await readDocuments(parquetDocuments(open, options.field, step), sink);
  }
  return store;
}

/** Whether an address is all that is needed to read there: no signature, no password. */
const isWhole = (folder: string): boolean => !/[?#@]/.test(folder);

async function readShards(options: TokenFiles, tally: Tally): Promise<Corpus> {
  const { vocabulary, tokenizer } = options;
  const store = new ShardStore(options);
  for await (const { path, open } of filesOf(options, tally, () => store.isFull)) {
    const file = await open();
    try {
      tally.take(path, await store.add(file, () => tally.step(path)));
    } finally {
      await file.close();
    }
  }
  return {
    ...store.parts(),
    tokenBytes: store.tokenBytes,
    vocabulary,
    tokenizerFile: tokenizer === undefined ? null : readTokenizerFile(tokenizer),
    range: isWhole(options.folder) ? store.range : null,
    report: tally.report(store.isFull),
  };
}

function synthetic({ folder, limitBytes }: SyntheticData): Corpus {
  const { entropy, ...tokens } = syntheticTokens(syntheticRules(folder), limitBytes);
  const { training, heldOut } = tokens;
  const bytes = training.length + heldOut.length;
  const report = { folder, files: 0, bytes, limitReached: true, leftOut: [], entropy };
  return { ...tokens, tokenizerFile: null, range: null, report };
}

type Texts = {
  readonly training: readonly Uint8Array[];
  readonly heldOut: readonly Uint8Array[];
  readonly limitReached: boolean;
};

async function textsOf(options: FolderText | DemoText, tally: Tally): Promise<Texts> {
  if (options.selection === "demo") return readDemoText(options.folder, options.limitBytes, tally);
  const store = await readTexts(options, tally);
  return { ...holdOut(store.pieces), limitReached: store.isFull };
}

/** Lets others run: a piece takes the tokenizer a tenth of a second. */
const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Text as tokens: each piece by itself, in their order. */
async function tokenised(
  texts: Texts,
  path: string,
  tally: Tally,
): Promise<Omit<Corpus, "report">> {
  const file = readTokenizerFile(path);
  const tokenizer = openTokenizer(file, path);
  const { vocabulary } = tokenizer;
  const tokenBytes = tokenBytesFor(vocabulary);
  const encode = async (pieces: readonly Uint8Array[]): Promise<Uint8Array> => {
    const parts: Uint8Array[] = [];
    for (const piece of pieces) {
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(piece);
      parts.push(encodeTokens(tokenizer.encode(text), tokenBytes));
      tally.step(path);
      await pause();
    }
    return Buffer.concat(parts);
  };
  const training = await encode(texts.training);
  const heldOut = await encode(texts.heldOut);
  return { training, heldOut, tokenBytes, vocabulary, tokenizerFile: file, range: null };
}

function asBytes({ training, heldOut }: Texts): Omit<Corpus, "report"> {
  return {
    training: Buffer.concat(training),
    heldOut: Buffer.concat(heldOut),
    tokenBytes: 1,
    vocabulary: 256,
    tokenizerFile: null,
    range: null,
  };
}

/**
 * Reads the data: text (UTF-8 files, documents of JSON lines or of Parquet, in the order of their paths' bytes, each text
 * once, however long) or tokens. What is left out is counted in the report. Holds no more than about twice the limit in memory.
 * @throws AssayError data-unreadable when the folder itself cannot be read; data-malformed, data-source-failed,
 * token-outside, tokenizer-invalid; the signal's reason when it aborts
 */
export async function readCorpus(options: DataOptions, parts: CorpusParts = {}): Promise<Corpus> {
  if (options.selection === "synthetic") return synthetic(options);
  const tally = new Tally(nameOf(options.folder), parts);
  if (options.selection === "all" && options.format === "tokens") return readShards(options, tally);
  const texts = await textsOf(options, tally);
  const found =
    options.tokenizer === undefined
      ? asBytes(texts)
      : await tokenised(texts, options.tokenizer, tally);
  return { ...found, report: tally.report(texts.limitReached) };
}
