/** @file What a validator says that it clipped updates to, against the payloads that it had. */
import { type UsualRule, usualNormsOf } from "../../src/gauntlet/norms.ts";
import { hexFloat } from "../../src/protocol/hex-float.ts";
import type { WindowRecord } from "../../src/protocol/record.ts";
import { type Difference, difference } from "./difference.ts";
import type { Payloads } from "./payloads.ts";

/** What the norms of a record are compared with. */
export type UsualParts = {
  readonly payloads: Payloads;
  /** The same log's records so far, by window. */
  readonly earlier: ReadonlyMap<number, WindowRecord>;
  /** How usual norms follow from the updates of a window, under the rules in force in the record's. */
  readonly ruleFrom: (from: number) => UsualRule;
};

/** Uids whose updates the norms are of: those that `from` applied, or all of its own that decoded; null where the validator may have lacked one. */
function uidsOf(from: WindowRecord, isOwn: boolean): readonly number[] | null {
  const had = from.miners.filter(({ payloadBytes }) => payloadBytes !== null);
  if (isOwn) return had.map(({ uid }) => uid);
  const uids = new Set(had.map(({ uid }) => uid));
  return from.accepted.every((uid) => uids.has(uid)) ? from.accepted : null;
}

/** The norms that follow from payloads; null where something is not to be had. */
function normsOf(
  from: WindowRecord,
  uids: readonly number[],
  { payloads, ruleFrom }: UsualParts,
): readonly string[] | null {
  const updates = uids.map((uid) => {
    const row = from.miners.find((one) => one.uid === uid);
    if (row === undefined || row.payloadDigest === null) return null;
    return payloads.of(from.window, row.payloadDigest, row.hotkey)?.norms ?? null;
  });
  const all = updates.filter((norms) => norms !== null);
  if (all.length === 0 || all.length < updates.length) return null;
  return usualNormsOf(all, ruleFrom(from.window)).map(hexFloat);
}

/** The first place where the usual norms of a record are not what its payloads give. */
export function checkUsual(record: WindowRecord, parts: UsualParts): Difference | null {
  const { earlier } = parts;
  const { usual, window, validator } = record;
  if (usual === undefined) return null;
  const from = usual.window === null ? record : earlier.get(usual.window);
  const uids = from === undefined ? null : uidsOf(from, usual.window === null);
  const derived = from === undefined || uids === null ? null : normsOf(from, uids, parts);
  if (derived === null) return null;
  const at = derived.findIndex((norm, tensor) => norm !== usual.norms[tensor]);
  if (at < 0 && derived.length === usual.norms.length) return null;
  const about = { part: "records" as const, window, validator, field: `usual.norms[${at}]` };
  return difference({ ...about, recorded: usual.norms[at], derived: derived[at] });
}
