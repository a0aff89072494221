/** @file The nonces that a node has let in: one file, which a restart reads again, so that no request is let in twice. */
import {
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { systemCodeOf } from "../../base/fault.ts";
import { isDiskFull } from "../../base/files.ts";
import { AssayError } from "../errors.ts";
import { type Hex, isHex } from "../protocol/digest.ts";
import { refuseNewer } from "../protocol/format.ts";

/** A request that was let in: who signed it, and its nonce in nanoseconds since 1970. */
export type Entry = { readonly hotkey: Hex; readonly nonce: bigint };

/** What may be remembered at once, and for how long. */
export type SeenLimits = {
  readonly total: number;
  readonly perHotkey: number;
  /** Longer than any nonce is fresh. */
  readonly keptNs: bigint;
};

const LIMITS: SeenLimits = { total: 100_000, perHotkey: 256, keptNs: 90_000_000_000n };
/** A nonce may lie so far ahead of the clock: what was let in before a loss cannot lie further. */
const AHEAD_NS = 2_000_000_000n;
/** The file is written anew when it has this many lines more than twice those that count. */
const SPARE_LINES = 1024;
const SWEEP_NS = 1_000_000_000n;
const FORMAT = "assay/nonces/1";
const FIRST_LINE = /^assay\/nonces\/1 (\d{1,20})$/;
const LINE = /^(0x[0-9a-f]{64}) (\d{1,20})$/;

const firstLine = (floor: bigint): string => `${FORMAT} ${floor}\n`;
const lineOf = ({ hotkey, nonce }: Entry): string => `${hotkey} ${nonce}\n`;

function entryOf(line: string): Entry | null {
  const [, hotkey = "", nonce = ""] = LINE.exec(line) ?? [];
  return isHex(hotkey, 32) ? { hotkey, nonce: BigInt(nonce) } : null;
}

/** What a file says. */
type Read = { readonly floor: bigint; readonly entries: readonly Entry[] };

/** Null for a file that is not one of ours, or damaged: what it forgot nobody knows. A last line that a crash cut short was never acted on. */
function parse(text: string): Read | null {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const [head = "", ...lines] = whole.split("\n").slice(0, -1);
  const floor = FIRST_LINE.exec(head)?.[1];
  const entries = lines.map(entryOf);
  if (floor === undefined) return null;
  const known = entries.filter((entry) => entry !== null);
  return known.length === entries.length ? { floor: BigInt(floor), entries: known } : null;
}

/**
 * Nonces that were let in. An entry is with the system before `enter` returns, so a killed process forgets none of them;
 * a machine that loses its power has been away for longer than a nonce is fresh.
 */
export class SeenNonces {
  readonly #path: string;
  readonly #limits: SeenLimits;
  readonly #byHotkey = new Map<Hex, Set<bigint>>();
  #count = 0;
  #lines = 0;
  /** Nonces up to here count as seen: their entries may have been dropped, or lost. */
  #floor = 0n;
  #lastSweep = 0n;
  #file: number;

  /** Opens the file at `path`, or begins one. @param nowNs nanoseconds since 1970 @throws AssayError disk-full, format-newer */
  constructor(path: string, nowNs: bigint, limits: SeenLimits = LIMITS) {
    this.#path = path;
    this.#limits = limits;
    const text = textIfThere(path);
    refuseNewer({ format: text?.split(" ", 1)[0] }, path, FORMAT);
    const read = text === null ? null : parse(text);
    this.#floor = read?.floor ?? nowNs + AHEAD_NS;
    for (const entry of read?.entries ?? []) this.#remember(entry);
    // A new file in any case: the old one may end in half a line, or be nothing that can be read.
    this.#drop(nowNs);
    this.#file = this.#rewrite();
  }

  /** Entries that are remembered. */
  get size(): number {
    return this.#count;
  }

  /**
   * Enters a request. `seen`: it was let in before. `forgotten`: it may have been, so long ago that nobody knows. `full`: no more
   * can be remembered of this hotkey, or in all. Only a `new` one is let in.
   * @throws AssayError disk-full; then it is not let in
   */
  enter(entry: Entry, nowNs: bigint): "new" | "seen" | "forgotten" | "full" {
    const { hotkey, nonce } = entry;
    if (nonce <= this.#floor) return "forgotten";
    if (this.#byHotkey.get(hotkey)?.has(nonce) === true) return "seen";
    const since = nowNs - this.#lastSweep;
    if (since > this.#limits.keptNs || (this.#isFull(hotkey) && since > SWEEP_NS))
      this.#drop(nowNs);
    if (this.#isFull(hotkey)) return "full";
    if (this.#lines > 2 * this.#count + SPARE_LINES) this.#compact();
    this.#append(lineOf(entry));
    this.#remember(entry);
    return "new";
  }

  /** Lets go of the file. */
  close(): void {
    closeSync(this.#file);
  }

  #isFull(hotkey: Hex): boolean {
    const held = this.#byHotkey.get(hotkey)?.size ?? 0;
    return held >= this.#limits.perHotkey || this.#count >= this.#limits.total;
  }

  #remember({ hotkey, nonce }: Entry): void {
    const nonces = this.#byHotkey.get(hotkey) ?? new Set();
    this.#byHotkey.set(hotkey, nonces);
    if (nonces.has(nonce)) return;
    nonces.add(nonce);
    this.#count += 1;
  }

  /** Forgets what is too old to be fresh, and whatever comes with such a nonce counts as seen from now on: a clock may go back. */
  #drop(nowNs: bigint): void {
    this.#lastSweep = nowNs;
    const oldest = nowNs - this.#limits.keptNs;
    if (oldest > this.#floor) this.#floor = oldest;
    for (const [hotkey, nonces] of this.#byHotkey) {
      for (const nonce of nonces)
        if (nonce <= this.#floor) {
          nonces.delete(nonce);
          this.#count -= 1;
        }
      if (nonces.size === 0) this.#byHotkey.delete(hotkey);
    }
  }

  #append(line: string): void {
    try {
      if (writeSync(this.#file, line) < line.length) throw new Error("written in part");
      this.#lines += 1;
    } catch (cause) {
      // It may end in half a line now: the next entry begins a new file.
      this.#lines = Infinity;
      throw this.#refused(cause);
    }
  }

  #compact(): void {
    const old = this.#file;
    this.#file = this.#rewrite();
    closeSync(old);
  }

  /** The file anew, with what counts alone. One that a power cut leaves empty counts as lost, so nothing is flushed. */
  #rewrite(): number {
    const draft = `${this.#path}.tmp`;
    let file: number | null = null;
    const lines = [...this.#byHotkey].flatMap(([hotkey, nonces]) =>
      [...nonces].map((nonce) => lineOf({ hotkey, nonce })),
    );
    try {
      file = openSync(draft, "w", 0o600);
      writeFileSync(file, firstLine(this.#floor) + lines.join(""));
      renameSync(draft, this.#path);
      this.#lines = lines.length;
      return file;
    } catch (cause) {
      if (file !== null) closeSync(file);
      rmSync(draft, { force: true });
      throw this.#refused(cause);
    }
  }

  #refused(cause: unknown): unknown {
    return isDiskFull(cause)
      ? new AssayError({ code: "disk-full", path: this.#path }, { cause })
      : cause;
  }
}

function textIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return null;
    throw error;
  }
}
