/** @file Values of several storage keys in one answer, as many as it may hold. */
import { type Hex } from "../codec/bytes.ts";
import { type ServedChain } from "./served-chain.ts";

const MOST_VALUES = 4096;
/** Of all values together. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

/** Keys with their values after a block. @throws TypeError when it is too much for one answer */
export function valuesOf(chain: ServedChain, keys: readonly Hex[], hash: Hex): [Hex, Hex | null][] {
  if (keys.length > MOST_VALUES) throw new TypeError(`more than ${MOST_VALUES} keys at once`);
  let left = MOST_CHARACTERS;
  return keys.map((key) => {
    const value = chain.storageAt(key, hash);
    left -= value?.length ?? 0;
    if (left < 0) throw new TypeError("the values are too large for one answer: ask for fewer");
    return [key, value];
  });
}
