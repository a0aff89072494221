/** @file Single flipped bytes in what a run left behind: each must be found, and its place named. */
import type { Hex } from "../../src/protocol/digest.ts";
import { compare, type Derived } from "../../subnet/audit/audit.ts";
import type { Difference } from "../../subnet/audit/difference.ts";
import type { BlobFile, RecordedRun, RecordLog } from "../../subnet/audit/recorded.ts";

/** What bytes are flipped in. */
export type Kind = "records" | "payloads" | "checkpoints" | "other blobs";
const KINDS: readonly Kind[] = ["records", "payloads", "checkpoints", "other blobs"];

/** One byte changed in one file. */
export type Flip = {
  readonly kind: Kind;
  readonly path: string;
  readonly offset: number;
  readonly mask: number;
};

/** A flip, and the first difference that the audit then names; null: it was not found. */
export type Flipped = { readonly flip: Flip; readonly found: Difference | null };

/** Numbers below n, the same for the same seed (mulberry32). */
function drawing(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}

type Target = { readonly path: string; readonly bytes: () => Promise<Uint8Array> };

/** The files of each kind; kinds without a file are left out. */
function targetsOf(recorded: RecordedRun, derived: Derived): ReadonlyMap<Kind, readonly Target[]> {
  const payloads = new Set<Hex>();
  for (const { commits } of derived.facts.windows.values())
    for (const { digest } of commits) payloads.add(digest);
  const kindOf = ({ address }: BlobFile): Kind => {
    if (payloads.has(address)) return "payloads";
    return derived.checkpoints.has(address) ? "checkpoints" : "other blobs";
  };
  const blobs = Map.groupBy(recorded.blobs, kindOf);
  const logs = recorded.logs.map(({ path, text }) => ({
    path,
    bytes: () => Promise.resolve(new Uint8Array(Buffer.from(text))),
  }));
  const all = KINDS.map((kind): [Kind, readonly Target[]] => [
    kind,
    kind === "records"
      ? logs
      : (blobs.get(kind) ?? []).map((file) => ({ path: file.path, bytes: () => file.read() })),
  ]);
  return new Map(all.filter(([, targets]) => targets.length > 0));
}

/** The run with one file replaced; everything else is the same object, so that what was checked stays checked. */
function withFile(recorded: RecordedRun, path: string, bytes: Uint8Array): RecordedRun {
  const log = (one: RecordLog): RecordLog =>
    one.path === path ? { ...one, text: Buffer.from(bytes).toString("utf8") } : one;
  const blob = (one: BlobFile): BlobFile =>
    one.path === path ? { ...one, read: () => Promise.resolve(bytes) } : one;
  return { ...recorded, logs: recorded.logs.map(log), blobs: recorded.blobs.map(blob) };
}

/** Whether a difference names where the byte was flipped: the file, or the validator whose log it is. */
export function names(found: Difference | null, flip: Flip, recorded: RecordedRun): boolean {
  if (found === null) return false;
  if (found.path === flip.path) return true;
  const log = recorded.logs.find(({ path }) => path === flip.path);
  return log !== undefined && found.validator === log.validator && found.window !== null;
}

/** Flips bytes one after the other, kind by kind in turn. */
export async function* flips(
  recorded: RecordedRun,
  derived: Derived,
  { seed, count }: { readonly seed: number; readonly count: number },
): AsyncGenerator<Flipped> {
  const below = drawing(seed);
  const targets = [...targetsOf(recorded, derived)];
  for (let index = 0; index < count; index++) {
    const [kind, files] = targets[index % targets.length] ?? ["records", []];
    const target = files[below(files.length)];
    if (target === undefined) continue;
    const bytes = await target.bytes();
    const flip = { kind, path: target.path, offset: below(bytes.length), mask: 1 + below(255) };
    bytes[flip.offset] = (bytes[flip.offset] ?? 0) ^ flip.mask;
    const { differences } = await compare(withFile(recorded, flip.path, bytes), derived);
    yield { flip, found: differences[0] ?? null };
  }
}
