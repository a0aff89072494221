/** @file Storage keys that the host itself reads or writes. */
import { keyOf } from "../codec/bytes.ts";
import { twox128 } from "../codec/hashing.ts";

const ENCODER = new TextEncoder();

/** Key of `:code`. */
export const CODE_KEY: string = keyOf(ENCODER.encode(":code"));

/** Key of a `parameter_types! { pub storage Name }` value: twox128(":Name:"). Needs `cryptoReady`. */
export function parameterKey(name: string): string {
  return keyOf(twox128(ENCODER.encode(`:${name}:`)));
}
