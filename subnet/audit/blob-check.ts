/** @file Blobs against their addresses, and what each blob is in the run. */
import { addressOf, treeAddressOf } from "../../src/blobs/hashing.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { type Difference, difference } from "./difference.ts";
import type { RunFacts } from "./facts.ts";
import type { BlobFile } from "./recorded.ts";

/** What was found under a file: the address of its bytes. */
const hashes = new WeakMap<BlobFile, Promise<Hex>>();

function hashOf(file: BlobFile): Promise<Hex> {
  const known = hashes.get(file);
  if (known !== undefined) return known;
  const hashed = file
    .read()
    .then((bytes) =>
      file.kind === "tree" && bytes.length > 0 ? treeAddressOf(bytes) : addressOf(bytes),
    );
  hashes.set(file, hashed);
  return hashed;
}

/** What a blob is: which window and uid it belongs to, for people. */
type Role = { readonly window: number | null; readonly uid: number | null; readonly name: string };

/** What a blob is looked up in. */
type Known = { readonly facts: RunFacts; readonly checkpoints: ReadonlyMap<Hex, number> };

const whole = (name: string): Role => ({ window: null, uid: null, name });

/** The payload that a commitment of some window names. */
function payloadRole(address: Hex, { windows }: RunFacts): Role | null {
  for (const { window, commits } of windows.values()) {
    const commit = commits.find(({ digest }) => digest === address);
    if (commit !== undefined) return { window, uid: commit.uid, name: "payload" };
  }
  return null;
}

function roleOf(address: Hex, { facts, checkpoints }: Known): Role {
  const { runId, manifest } = facts.run;
  const checkpoint = manifest.genesisCheckpoint === address ? 0 : checkpoints.get(address);
  if (checkpoint !== undefined) return { window: checkpoint, uid: null, name: "checkpoint" };
  if (runId === address) return whole("manifest");
  if (manifest.data.manifest === address) return whole("data manifest");
  return payloadRole(address, facts) ?? whole("blob");
}

/** What hashing found. */
export type BlobCheck = { readonly checked: number; readonly found: readonly Difference[] };

/** Hashes every blob that is here. `known` names what a damaged one was. */
export async function checkBlobs(files: readonly BlobFile[], known: Known): Promise<BlobCheck> {
  const found: Difference[] = [];
  for (const file of files) {
    const derived = await hashOf(file);
    if (derived === file.address) continue;
    const { window, uid, name } = roleOf(file.address, known);
    const field = `${name} ${file.address}`;
    const { path, address: recorded } = file;
    found.push(difference({ part: "blobs", window, uid, field, recorded, derived, path }));
  }
  return { checked: files.length, found };
}
