/** @file Reading JSON-RPC parameters. A wrong one is a TypeError, which the server answers as -32602. */
import { type Hex, fromHex, isHex } from "../codec/bytes.ts";
import { type JsonObject, type JsonValue, isJsonObject } from "../codec/exact-json.ts";

const HASH_BYTES = 32;

function lowercase(hex: Hex): Hex {
  return `0x${hex.slice(2).toLowerCase()}`;
}

/** The positional parameters of one request. */
export class RpcParams {
  readonly #values: readonly JsonValue[];

  constructor(values: readonly JsonValue[]) {
    this.#values = values;
  }

  /** Parameter `index` as it is; null when left out. */
  value(index: number): JsonValue {
    return this.#values[index] ?? null;
  }

  /** Hex text. */
  hex(index: number): Hex {
    const value = this.value(index);
    if (!isHex(value)) throw new TypeError(`parameter ${index} is not hex with 0x`);
    return lowercase(value);
  }

  /** Bytes of a hex text. */
  bytes(index: number): Uint8Array {
    return fromHex(this.hex(index));
  }

  /** Bytes of a hex text, with or without 0x: nodes take both where they take bytes, and clients send both. */
  bareBytes(index: number): Uint8Array {
    const value = this.value(index);
    const text = typeof value === "string" && !value.startsWith("0x") ? `0x${value}` : value;
    if (!isHex(text)) throw new TypeError(`parameter ${index} is not hex`);
    return fromHex(text);
  }

  /** A block hash, or undefined when null or left out. */
  optionalHash(index: number): Hex | undefined {
    const value = this.value(index);
    if (value === null) return undefined;
    if (!isHex(value, HASH_BYTES)) throw new TypeError(`parameter ${index} is not a block hash`);
    return lowercase(value);
  }

  /** A block hash. */
  hash(index: number): Hex {
    const hash = this.optionalHash(index);
    if (hash === undefined) throw new TypeError(`parameter ${index} is not a block hash`);
    return hash;
  }

  text(index: number): string {
    const value = this.value(index);
    if (typeof value !== "string") throw new TypeError(`parameter ${index} is not text`);
    return value;
  }

  /** A whole number >= 0. */
  count(index: number): number {
    return countOf(this.value(index), `parameter ${index}`);
  }

  /** A list of hex texts. */
  hexList(index: number): Hex[] {
    const value = this.value(index);
    if (!Array.isArray(value)) throw new TypeError(`parameter ${index} is not a list`);
    return value.map((item: unknown) => {
      if (!isHex(item)) throw new TypeError(`parameter ${index} holds something that is not hex`);
      return lowercase(item);
    });
  }

  /** An object; empty when null or left out. */
  object(index: number): JsonObject {
    const value = this.value(index);
    if (value === null) return {};
    if (!isJsonObject(value)) throw new TypeError(`parameter ${index} is not an object`);
    return value;
  }
}

/** A whole number >= 0, also as hex text. */
export function countOf(value: JsonValue | undefined, name: string): number {
  const number =
    typeof value === "string" && /^0x[0-9a-fA-F]+$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 0) {
    throw new TypeError(`${name} is not a whole number`);
  }
  return number;
}
