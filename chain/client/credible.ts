/**
 * @file Whether a block that an endpoint calls final can be there at all.
 *
 * Every block of Aura takes a slot of its own, and no slot is made before its time. So a chain cannot have grown by more blocks than
 * slots have passed, whatever an endpoint says of its height.
 */
import { type Hex } from "../wallet/hex.ts";

/** A final block as its endpoint announces it. */
export type AnnouncedHead = {
  readonly number: number;
  readonly parent: Hex;
  /** Aura's slot in which it was made; null where its header names none. */
  readonly slot: number | null;
};

/** What time it is, and how long a slot of the chain lasts; null: nobody knows. */
export type SlotClock = { readonly nowMs: number; readonly slotMs: number | null };

/** The digest item of an author that tells its slot: PreRuntime, "aura", eight bytes. */
const AURA_SLOT = /^0x066175726120([0-9a-f]{16})$/i;
/** Clocks of an author and of ours differ by so much. */
const CLOCK_MS = 2000;

/** The slot that a header's digest names. */
export function slotOf(logs: readonly string[]): number | null {
  for (const log of logs) {
    const [, slot] = AURA_SLOT.exec(log) ?? [];
    if (slot !== undefined) return Number(Buffer.from(slot, "hex").readBigUInt64LE());
  }
  return null;
}

/** Whether `head` may be a final block of the chain of which `known` is one. */
export function isCredible(
  head: AnnouncedHead,
  known: AnnouncedHead | null,
  { nowMs, slotMs }: SlotClock,
): boolean {
  if (known === null || head.number <= known.number || known.slot === null) return true;
  if (head.slot === null || head.number - known.number > head.slot - known.slot) return false;
  if (slotMs === null) return true;
  const begun = Math.floor((nowMs + CLOCK_MS) / slotMs);
  // A development chain runs ahead of every clock, and so does any chain where ours is wrong: then the clock says nothing.
  return known.slot > begun || head.slot <= begun;
}
