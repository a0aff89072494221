/** @file Shards of tokens that somebody else made: read up to a limit, checked against the vocabulary, a part held out. */
import { AssayError } from "../errors.ts";
import type { RangeFile } from "./ranges.ts";
import { HEADER_BYTES, type ShardShape, shardShape, type TokenType } from "./shard-header.ts";
import { decodeTokens, firstOutside, type TokenBytes } from "./tokens.ts";

const CHUNK_BYTES = 1 << 22;
/** Of each shard, the last tokens are held out: 1 in 32, so that what is trained on stays one range of the file. */
const HELD_OUT_PART = 32;
/** At least so many bytes, but never more than a quarter for their sake. */
const LEAST_HELD_OUT_BYTES = 1 << 12;

/** What reading shards needs to know. */
export type ShardRules = {
  readonly tokenType: TokenType;
  /** Every token must be below it. */
  readonly vocabulary: number;
  /** Bytes of tokens to read at most, of all shards. */
  readonly limitBytes: number;
};

/** Tokens of shards, one after the other. */
export class ShardStore {
  readonly #rules: ShardRules;
  readonly #training: Uint8Array[] = [];
  readonly #heldOut: Uint8Array[] = [];
  #bytes = 0;
  #first: { readonly name: string; readonly shape: ShardShape } | null = null;
  #shards = 0;

  constructor(rules: ShardRules) {
    this.#rules = rules;
  }

  /** Whether not even one more token fits. */
  get isFull(): boolean {
    return this.#rules.limitBytes - this.#bytes < 4;
  }

  /** Bytes of a token; that of the first shard. */
  get tokenBytes(): TokenBytes {
    return this.#first?.shape.tokenBytes ?? 2;
  }

  /** Where the training tokens lie if they are one range of one shard. */
  get range(): { readonly name: string; readonly offset: number } | null {
    if (this.#shards !== 1 || this.#first === null) return null;
    return { name: this.#first.name, offset: this.#first.shape.offset };
  }

  parts(): { readonly training: Uint8Array; readonly heldOut: Uint8Array } {
    return { training: Buffer.concat(this.#training), heldOut: Buffer.concat(this.#heldOut) };
  }

  /**
   * Reads a shard, up to the limit; returns the bytes taken.
   * @throws AssayError data-malformed, token-outside, data-unreadable, data-source-failed; the signal's reason by `step`
   */
  async add(file: RangeFile, step: () => void): Promise<number> {
    const { tokenType, limitBytes } = this.#rules;
    const head = await file.read(0, Math.min(HEADER_BYTES, file.size));
    const shape = shardShape({ name: file.name, size: file.size, head }, tokenType);
    this.#requireSameWidth(file.name, shape);
    const room = Math.floor((limitBytes - this.#bytes) / shape.tokenBytes);
    const tokens = Math.min(shape.tokens, room);
    const held = heldOutTokensOf(tokens, shape.tokenBytes);
    const end = shape.offset + tokens * shape.tokenBytes;
    const cut = end - held * shape.tokenBytes;
    await this.#take(file, { shape, step }, [shape.offset, cut, this.#training]);
    await this.#take(file, { shape, step }, [cut, end, this.#heldOut]);
    this.#bytes += end - shape.offset;
    this.#shards += tokens > 0 ? 1 : 0;
    return end - shape.offset;
  }

  #requireSameWidth(name: string, shape: ShardShape): void {
    this.#first ??= { name, shape };
    const { tokenBytes } = this.#first.shape;
    if (tokenBytes !== shape.tokenBytes)
      throw new AssayError({
        code: "data-malformed",
        path: name,
        reason: `its tokens have ${shape.tokenBytes} bytes, but those of ${this.#first.name} have ${tokenBytes}: one run has one width`,
      });
  }

  async #take(
    file: RangeFile,
    { shape, step }: { readonly shape: ShardShape; readonly step: () => void },
    [start, end, into]: readonly [number, number, Uint8Array[]],
  ): Promise<void> {
    for (let at = start; at < end; at += CHUNK_BYTES) {
      step();
      const bytes = await file.read(at, Math.min(at + CHUNK_BYTES, end));
      const tokens = decodeTokens(bytes, shape.tokenBytes);
      const wrong = firstOutside(tokens, this.#rules.vocabulary);
      if (wrong !== -1)
        throw new AssayError({
          code: "token-outside",
          path: file.name,
          place: (at - shape.offset) / shape.tokenBytes + wrong,
          token: (tokens[wrong] ?? 0) >>> 0,
          vocabulary: this.#rules.vocabulary,
        });
      into.push(bytes);
    }
  }
}

/** How many of a shard's last tokens are held out. */
function heldOutTokensOf(tokens: number, tokenBytes: number): number {
  const least = Math.min(Math.ceil(LEAST_HELD_OUT_BYTES / tokenBytes), Math.floor(tokens / 4));
  return Math.max(Math.floor(tokens / HELD_OUT_PART), least);
}
