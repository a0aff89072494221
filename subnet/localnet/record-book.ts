/** @file The validators' records as they come: verdicts of the newest window, who was missing since when, what updates weighed. */
import { type AxonAddress, fetchJson, urlOf } from "../../src/network/client.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { recordDigest, type WindowRecord, windowRecordSchema } from "../../src/protocol/record.ts";
import type { Member } from "./members.ts";

const LIMITS = { limitBytes: 8 << 20, timeoutMs: 3000 };
/** A validator that came late has no records of the windows before; so many of them are looked for. */
const WINDOWS_BACK = 64;
/** The newest windows may not be recorded yet. */
const FRESH_WINDOWS = 3;
const MISSING: ReadonlySet<string> = new Set(["no-commitment", "payload-missing"]);

/** The newest windows in a row in which a miner had no update that could be judged. */
export type Absence = { readonly since: number; readonly until: number; readonly verdict: string };

/** Collects records. */
export class RecordBook {
  readonly #members: readonly Pick<Member, "name" | "kind" | "hotkey">[];
  /** The next window to ask each validator for. */
  readonly #next = new Map<string, number>();
  readonly #absences = new Map<string, Absence>();
  readonly #seen = new Set<number>();
  #bytes = 0;
  #updates = 0;
  #windowsWithUpdates = 0;
  #newest: WindowRecord | null = null;
  #firstAsked: number | null = null;
  /** recordDigest of the newest record of each validator, by hotkey: no later line binds it. */
  readonly heads: Record<Hex, Hex> = {};
  /** Windows in which an honest miner had no update that could be judged, by name. */
  readonly missed: Record<string, number> = {};

  constructor(members: readonly Pick<Member, "name" | "kind" | "hotkey">[]) {
    this.#members = members;
  }

  /** Windows before the first that a record was asked for: a run that goes on after many windows looks back at some of them alone. */
  get windowsUnseen(): number {
    return this.#firstAsked ?? 0;
  }

  /** The newest record. */
  get newest(): WindowRecord | null {
    return this.#newest;
  }

  /** Mean bytes of an update that was accepted, header included; 0 before there is one. */
  get bytesPerUpdate(): number {
    return this.#bytes / Math.max(1, this.#updates);
  }

  /** Windows that some validator has recorded. */
  get windowsRecorded(): number {
    return this.#seen.size;
  }

  /** Windows in which at least one update was accepted. */
  get windowsWithUpdates(): number {
    return this.#windowsWithUpdates;
  }

  /** Since when a member's updates are missing, or null. */
  absenceOf(name: string): Absence | null {
    return this.#absences.get(name) ?? null;
  }

  /**
   * Reads what `validator` has recorded since the last time; it stands in `window` now.
   * @returns the parameters before each window that it recorded
   */
  async read(
    validator: string,
    axon: AxonAddress,
    window: number,
  ): Promise<{ window: number; digest: Hex }[]> {
    const digests: { window: number; digest: Hex }[] = [];
    let next = Math.max(this.#next.get(validator) ?? 0, window - WINDOWS_BACK, 0);
    this.#firstAsked ??= next;
    for (; next <= window; next++) {
      const url = urlOf(axon, `/records/${next}`);
      const record = await fetchJson(url, windowRecordSchema, LIMITS).catch(() => null);
      if (record === null && next > window - FRESH_WINDOWS) break;
      if (record === null) continue;
      this.heads[record.validator] = recordDigest(record.previous, record);
      this.#note(record);
      digests.push({ window: record.window, digest: record.thetaBefore });
    }
    this.#next.set(validator, next);
    return digests;
  }

  #note(record: WindowRecord): void {
    if (this.#seen.has(record.window)) return;
    this.#seen.add(record.window);
    if (record.window > (this.#newest?.window ?? -1)) this.#newest = record;
    if (record.accepted.length > 0) this.#windowsWithUpdates++;
    for (const { uid, payloadBytes } of record.miners)
      if (record.accepted.includes(uid) && payloadBytes !== null) {
        this.#bytes += payloadBytes;
        this.#updates++;
      }
    for (const { name, kind, hotkey } of this.#members)
      if (kind === "honest") this.#noteHonest(name, hotkey.publicKey, record);
  }

  #noteHonest(name: string, hotkey: Hex, { window, miners }: WindowRecord): void {
    const verdict = miners.find((one) => one.hotkey === hotkey)?.verdict ?? "no-commitment";
    if (!MISSING.has(verdict)) {
      this.#absences.delete(name);
      return;
    }
    this.missed[name] = (this.missed[name] ?? 0) + 1;
    const since = this.#absences.get(name)?.since ?? window;
    this.#absences.set(name, { since, until: window, verdict });
  }
}
