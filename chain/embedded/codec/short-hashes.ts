/** @file Digests of short inputs are remembered: an epoch hashes the same hundred names and accounts ten thousand times. */
import { bytesOfKey } from "./bytes.ts";

/** Longer inputs are seldom seen again. */
const LONGEST_BYTES = 64;
/** Some two megabytes; then all is forgotten, which is cheaper than to know what was used last. */
const MOST = 8192;

/** `digest` of what is one char a byte, which remembers. The results are shared: nobody may write to them. */
export function remembering(
  digest: (bytes: Uint8Array) => Uint8Array,
): (input: string) => Uint8Array {
  const known = new Map<string, Uint8Array>();
  return (input) => {
    const found = known.get(input);
    if (found !== undefined) return found;
    const made = digest(bytesOfKey(input));
    if (input.length > LONGEST_BYTES) return made;
    if (known.size >= MOST) known.clear();
    known.set(input, made);
    return made;
  };
}
