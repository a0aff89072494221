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

/** What time it is, how long a slot of the chain lasts (null: nobody knows), and by how many slots our clock is known to be behind. */
export type SlotClock = {
  readonly nowMs: number;
  readonly slotMs: number | null;
  readonly behindSlots?: number;
};

/** The digest item of an author that tells its slot: PreRuntime, "aura", eight bytes. */
const AURA_SLOT = /^0x066175726120([0-9a-f]{16})$/i;
/** Clocks of an author and of ours differ by so much: machines without a time server drift by tens of seconds. */
const CLOCK_MS = 30_000;

/** The slot that a header's digest names. */
export function slotOf(logs: readonly string[]): number | null {
  for (const log of logs) {
    const [, slot] = AURA_SLOT.exec(log) ?? [];
    if (slot !== undefined) return Number(Buffer.from(slot, "hex").readBigUInt64LE());
  }
  return null;
}

/** Whether `head` may be a final block of the chain of which `known` is one; without a clock, whether slots have room for it. */
export function isCredible(
  head: AnnouncedHead,
  known: AnnouncedHead | null,
  clock: SlotClock | null,
): boolean {
  if (known === null || head.number <= known.number || known.slot === null) return true;
  if (head.slot === null || head.number - known.number > head.slot - known.slot) return false;
  if (clock === null || clock.slotMs === null) return true;
  const begun = Math.floor((clock.nowMs + CLOCK_MS) / clock.slotMs);
  // A development chain runs ahead of every clock, and so does any chain where ours is wrong: then the clock says nothing.
  return known.slot > begun || head.slot <= begun + (clock.behindSlots ?? 0);
}

/** Our clock, and by how much it is behind that of the chain: as far as the endpoint in use has shown a head of the future. */
export class ChainClock {
  readonly #nowMs: () => number;
  #slotMs: number | null = null;
  #behindSlots = 0;

  constructor(nowMs: () => number = () => Date.now()) {
    this.#nowMs = nowMs;
  }

  get now(): SlotClock {
    return { nowMs: this.#nowMs(), slotMs: this.#slotMs, behindSlots: this.#behindSlots };
  }

  /** A slot lasts so long. */
  learn(slotMs: number): void {
    this.#slotMs = slotMs;
  }

  /** A head that is taken as it is: its slot has begun, whatever our clock says. */
  prove({ slot }: AnnouncedHead): void {
    if (slot === null || this.#slotMs === null) return;
    const begun = Math.floor(this.#nowMs() / this.#slotMs);
    this.#behindSlots = Math.max(this.#behindSlots, slot - begun);
  }
}
