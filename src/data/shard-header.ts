/** @file What a shard of tokens says about itself: the header of .npy, that of llm.c's and modded-nanogpt's .bin, or none. */
import { AssayError } from "../errors.ts";
import type { TokenBytes } from "./tokens.ts";

/** Bytes at a shard's beginning that hold any header read here. */
export const HEADER_BYTES = 1 << 12;

/** Unsigned and little-endian, of 16 or 32 bits; auto: as the file's header says. */
export type TokenType = "auto" | "u16" | "u32";

/** Where the tokens of a shard lie and how wide they are. */
export type ShardShape = {
  /** Offset of the first token. */
  readonly offset: number;
  readonly tokens: number;
  readonly tokenBytes: TokenBytes & (2 | 4);
};

const NPY_MAGIC = Buffer.from("\x93NUMPY", "latin1");
const NPY_TYPES: Readonly<Record<string, 2 | 4>> = { "<u2": 2, "<u4": 4 };
/** A header of 256 int32: magic, version, number of tokens, zeros (llm.c, dev/data/data_common.py). */
const BIN_HEADER_BYTES = 1024;
const BIN_KINDS: readonly {
  readonly magic: number;
  readonly version: number;
  readonly bytes: 2 | 4;
}[] = [
  { magic: 20_240_520, version: 1, bytes: 2 },
  { magic: 20_240_801, version: 7, bytes: 4 },
];
const TYPES = { u16: 2, u32: 4 } as const;

type Shard = { readonly name: string; readonly size: number; readonly head: Uint8Array };

/** A wrong shard. `set`: what `--set` mends it, if anything does. */
function malformed(path: string, reason: string, set?: string): AssayError {
  return new AssayError({
    code: "data-malformed",
    path,
    reason,
    ...(set !== undefined && {
      next: "Say what it is.",
      run: { again: { set } },
    }),
  });
}

const countText = (tokens: number, bytes: number): string => `${tokens} tokens of ${bytes} bytes`;

/** The header must account for every byte: a shard that was cut short is not read as a shorter one. */
function requireSize({ name, size }: Shard, { offset, tokens, tokenBytes }: ShardShape): void {
  const expected = offset + tokens * tokenBytes;
  if (size === expected) return;
  const what = size < expected ? "cut short" : "longer than its header says";
  throw malformed(
    name,
    `it is ${what}: the header promises ${countText(tokens, tokenBytes)}, so ${expected} bytes, but it has ${size}`,
  );
}

/** The literal of Python in an .npy header, field by field (NEP 1). */
function npyShape(shard: Shard): ShardShape {
  const { name } = shard;
  const { text, end } = npyLiteral(shard);
  const type = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1] ?? "none";
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(text)?.[1] ?? "none";
  const tokenBytes = NPY_TYPES[type];
  if (tokenBytes === undefined)
    throw malformed(
      name,
      `its numbers are "${type}", but tokens are "<u2" or "<u4" (little-endian)`,
    );
  const only = /^\s*(\d{1,15})\s*,?\s*$/.exec(shape)?.[1];
  if (only === undefined)
    throw malformed(name, `its shape is (${shape}), but tokens stand in one dimension`);
  return { offset: end, tokens: Number(only), tokenBytes };
}

/** The header's text, and where the numbers begin. */
function npyLiteral({ name, head }: Shard): { readonly text: string; readonly end: number } {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const major = head[6] ?? 0;
  const isLong = major >= 2;
  if (major < 1 || major > 3 || head.length < 12)
    throw malformed(name, `it is .npy of version ${major}, which is not known`);
  const length = isLong ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = isLong ? 12 : 10;
  if (start + length > head.length) throw malformed(name, "its .npy header is cut short");
  const end = start + length;
  return { text: Buffer.from(head.subarray(start, end)).toString("latin1"), end };
}

function binShape(shard: Shard): ShardShape | null {
  const { name, head } = shard;
  if (head.length < BIN_HEADER_BYTES) return null;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const kind = BIN_KINDS.find(({ magic }) => magic === view.getInt32(0, true));
  if (kind === undefined) return null;
  const version = view.getInt32(4, true);
  if (version !== kind.version)
    throw malformed(
      name,
      `its header has magic ${kind.magic} of version ${version}, but only version ${kind.version} is known`,
    );
  return { offset: BIN_HEADER_BYTES, tokens: view.getInt32(8, true), tokenBytes: kind.bytes };
}

function plainShape({ name, size }: Shard, type: TokenType): ShardShape {
  if (type === "auto")
    throw malformed(
      name,
      "it has no header that is known (.npy, or magic 20240520 or 20240801), so nothing says how wide its tokens are",
      "data.tokenType=u16",
    );
  const tokenBytes = TYPES[type];
  if (size % tokenBytes !== 0)
    throw malformed(
      name,
      `its ${size} bytes are no whole number of ${type} tokens of ${tokenBytes} bytes`,
    );
  return { offset: 0, tokens: size / tokenBytes, tokenBytes };
}

/**
 * The shape of a shard of tokens.
 * @param shard `head` is its first bytes, HEADER_BYTES of them or all
 * @throws AssayError data-malformed
 */
export function shardShape(shard: Shard, type: TokenType): ShardShape {
  const isNpy = NPY_MAGIC.equals(shard.head.subarray(0, NPY_MAGIC.length));
  if (!isNpy && shard.name.endsWith(".npy"))
    throw malformed(shard.name, "it is called .npy but does not begin like one (\\x93NUMPY)");
  const told = isNpy ? npyShape(shard) : binShape(shard);
  if (told === null) return plainShape(shard, type);
  if (type !== "auto" && TYPES[type] !== told.tokenBytes)
    throw malformed(
      shard.name,
      `its header says tokens of ${told.tokenBytes} bytes, but data.tokenType is ${type}`,
      "data.tokenType=auto",
    );
  requireSize(shard, told);
  return told;
}
