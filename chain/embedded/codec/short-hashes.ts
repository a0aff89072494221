/** @file Digests of short inputs are remembered: an epoch hashes the same hundred names and accounts ten thousand times. */
import { keyOf } from "./bytes.ts";

/** Longer inputs are seldom seen again. */
const LONGEST_BYTES = 64;
/** Some two megabytes; then all is forgotten, which is cheaper than to know what was used last. */
const MOST = 8192;

/** `digest`, which remembers. The results are shared: nobody may write to them. */
export function remembering(
  digest: (bytes: Uint8Array) => Uint8Array,
): (bytes: Uint8Array) => Uint8Array {
  const known = new Map<string, Uint8Array>();
  return (bytes) => {
    if (bytes.length > LONGEST_BYTES) return digest(bytes);
    const key = keyOf(bytes);
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= MOST) known.clear();
    const made = digest(bytes);
    known.set(key, made);
    return made;
  };
}
