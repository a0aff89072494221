/** @file The record of a window: what a validator saw, judged and did, as one line of a log whose lines hash-chain. */
import * as z from "zod";
import { AssayError } from "../errors.ts";
import { CONFIRMED_WITHIN_WINDOWS, countVotes } from "./acceptance.ts";
import { concatBytes } from "./bytes.ts";
import { canonicalJson } from "./canonical-json.ts";
import { blake2b256, bytesOf, type Hex } from "./digest.ts";
import { refuseNewer } from "./format.ts";
import { parseHexFloat } from "./hex-float.ts";
import { digestSchema } from "./manifest.ts";

/** `previous` of the first record of a log. */
export const NO_RECORD: Hex = `0x${"00".repeat(32)}`;

const FORMAT = "assay/record/2";
const LABEL = new TextEncoder().encode(FORMAT);

const uint = (max: number): z.ZodInt => z.int().min(0).max(max);
const uid = uint(65535);
const block = uint(2 ** 32 - 1);
const hexFloatSchema = z.string().refine((text) => parseHexFloat(text) !== null, {
  error: "expected a canonical hex float",
});
const lossesSchema = z
  .strictObject({
    before: z.array(hexFloatSchema).readonly(),
    after: z.array(hexFloatSchema).readonly(),
  })
  .readonly();

const voteSchema = z
  .strictObject({
    window: uint(Number.MAX_SAFE_INTEGER),
    /** rulesDigest of the rules that it was cast by. */
    rulesDigest: digestSchema,
    /** recordDigest of the voter's newest record at that time; NO_RECORD without one. */
    recordDigest: digestSchema,
    acceptedUids: z.array(uid).readonly(),
    thetaDigest: digestSchema,
  })
  .readonly();

const minerSchema = z
  .strictObject({
    uid,
    hotkey: digestSchema,
    /** Block of the commitment that counted; null without one. */
    commitBlock: block.nullable(),
    /** The committed digest, whether or not its payload was ever seen. */
    payloadDigest: digestSchema.nullable(),
    payloadBytes: block.nullable(),
    /** A code of src/gauntlet/verdict.ts, and what exactly was found. */
    verdict: z.string().regex(/^[a-z]+(?:-[a-z]+)*$/),
    detail: z.string().max(500),
    /**
     * Mean loss per sequence in nats, before and after the update: everything that was measured of it, whatever the verdict;
     * null if nothing was. `own` is null for an update that was not tried on its own pages; an `after` that is "nan" throughout was not finite.
     */
    losses: z
      .strictObject({ own: lossesSchema.nullable(), noise: lossesSchema })
      .readonly()
      .nullable(),
    /** Null while the hotkey was never rated. */
    rating: z.strictObject({ mu: hexFloatSchema, sigma: hexFloatSchema }).readonly().nullable(),
    /** Mode `credit` alone: what is remembered of the hotkey after this window; left out while it is not scored. */
    credit: z
      .strictObject({
        average: hexFloatSchema,
        attendance: hexFloatSchema,
        odds: hexFloatSchema,
        windows: uint(Number.MAX_SAFE_INTEGER),
      })
      .readonly()
      .optional(),
    trust: hexFloatSchema,
    multiplier: hexFloatSchema,
    final: hexFloatSchema,
    /** u16 set on chain; 0 = none. */
    weight: uint(65535),
  })
  .readonly();

/** An update that resembles another's, tried on the own pages of that other. */
const comparisonSchema = z
  .strictObject({
    uid,
    /** Whose pages, and of which window: this one, or an earlier one whose work it resembles. */
    other: z
      .strictObject({ uid, hotkey: digestSchema, window: uint(Number.MAX_SAFE_INTEGER) })
      .readonly(),
    /** Share of the coordinates that both chose. */
    overlap: hexFloatSchema,
    losses: lossesSchema,
  })
  .readonly();

const voterSchema = z
  .strictObject({
    uid,
    stake: z.string().regex(/^(?:0|[1-9]\d{0,38})$/),
    permit: z.boolean(),
    /** Windows of silence. */
    silence: uint(65535),
    votes: z.array(voteSchema).readonly(),
  })
  .readonly();

/** Schema of one line of the log. Doubles are hex floats, stakes decimal strings, the rest plain JSON. */
export const windowRecordSchema = z
  .strictObject({
    format: z.literal(FORMAT),
    genesis: digestSchema,
    runId: digestSchema,
    netuid: uid,
    window: uint(Number.MAX_SAFE_INTEGER),
    /** Hotkey of the validator that wrote the record. */
    validator: digestSchema,
    /** rulesDigest of the rules in force in this window. */
    configDigest: digestSchema,
    /** Hash of the window (seed block) and of the first block after the deadline. */
    hashes: z.strictObject({ window: digestSchema, evaluation: digestSchema }).readonly(),
    /** N at the seed block. */
    neurons: uid,
    miners: z.array(minerSchema).readonly(),
    /**
     * Norm of each tensor that updates were clipped to before they were judged: lower medians of the updates that `window` applied,
     * or of this window's own where that is null.
     */
    usual: z
      .strictObject({
        window: uint(Number.MAX_SAFE_INTEGER).nullable(),
        norms: z.array(hexFloatSchema).readonly(),
      })
      .readonly()
      .optional(),
    /** Comparisons of similar updates, in the order in which they were made; left out where there were none. */
    comparisons: z.array(comparisonSchema).readonly().optional(),
    /** Mode `credit` alone: moving average of the windows' sums of falls after this window. */
    scale: hexFloatSchema.optional(),
    voters: z.array(voterSchema).readonly(),
    /** A_w. */
    accepted: z.array(uid).readonly(),
    thetaBefore: digestSchema,
    thetaAfter: digestSchema,
    flags: z.array(z.enum(["null-window", "plateau", "outage", "dissent", "void"])).readonly(),
    /** recordDigest of the line before; NO_RECORD in the first. */
    previous: digestSchema,
  })
  .readonly();

/** One window as recorded by one validator. */
export type WindowRecord = z.infer<typeof windowRecordSchema>;

/** A record before it is chained to the one before it. */
export type WindowRecordBody = Omit<WindowRecord, "previous">;

/** The line of a record: canonical JSON without a line end. */
export function encodeRecord(record: WindowRecord): string {
  return canonicalJson(record);
}

/** Digest of a record: binds its content and, through `previous`, every record before it. */
export function recordDigest(previous: Hex, record: WindowRecordBody): Hex {
  return lineDigest(previous, encodeRecord({ ...record, previous }));
}

/** As recordDigest, of a line that is canonical: of 256 miners it has a megabyte, which is not written twice. */
function lineDigest(previous: Hex, line: string): Hex {
  return blake2b256(concatBytes([LABEL, bytesOf(previous), new TextEncoder().encode(line)]));
}

/** Chain a record: its line to append, and the digest that the next one takes as `previous`. */
export function chainRecord(
  previous: Hex,
  body: WindowRecordBody,
): { readonly record: WindowRecord; readonly line: string; readonly digest: Hex } {
  const record: WindowRecord = { ...body, previous };
  const line = encodeRecord(record);
  return { record, line, digest: lineDigest(previous, line) };
}

/** A log whose chain holds: its records, and the digest of the last (NO_RECORD if empty). */
export type VerifiedLog = { readonly records: readonly WindowRecord[]; readonly head: Hex };

/** Verifies a log line by line, in bounded memory. */
export class LogVerifier {
  readonly #path: string;
  #lines = 0;
  #head: Hex;
  /** The last few: what a window may go back to. */
  #before: readonly WindowRecord[] = [];

  /**
   * @param path only names the log in errors
   * @param anchor digest of the record before the first line; NO_RECORD where the log begins
   */
  constructor(path = "record", anchor: Hex = NO_RECORD) {
    this.#path = path;
    this.#head = anchor;
  }

  /** recordDigest of the last line, or the anchor. */
  get head(): Hex {
    return this.#head;
  }

  /**
   * The record of the next line: canonical form, schema, chain, ascending windows of one run by one validator, theta carried
   * from window to window, and A_w as the recorded votes give it.
   * @throws AssayError record-corrupt naming the line, format-newer
   */
  take(line: string): WindowRecord {
    const fail = (reason: string): AssayError =>
      new AssayError({
        code: "record-corrupt",
        path: this.#path,
        reason: `line ${this.#lines + 1}: ${reason}`,
      });
    const record = parseLine(line, this.#path, fail);
    const conflict =
      chainConflict(record, this.#head) ??
      sequenceConflict(this.#before.at(-1), record) ??
      voteConflict(record) ??
      movementConflict(this.#before, record);
    if (conflict !== null) throw fail(conflict);
    this.#before = [...this.#before, record].slice(-CONFIRMED_WITHIN_WINDOWS);
    this.#head = lineDigest(this.#head, line);
    this.#lines += 1;
    return record;
  }
}

/** Verify a whole log that begins with its first record. @throws AssayError record-corrupt naming the first bad line. */
export function verifyRecords(lines: Iterable<string>, path = "record"): VerifiedLog {
  const verifier = new LogVerifier(path);
  const records = Array.from(lines, (line) => verifier.take(line));
  return { records, head: verifier.head };
}

/** The record of a line that was verified before; null for a line that is none. */
export function readRecord(line: string): WindowRecord | null {
  try {
    const value: unknown = JSON.parse(line);
    return windowRecordSchema.parse(value);
  } catch {
    return null;
  }
}

function parseLine(line: string, path: string, fail: (reason: string) => AssayError): WindowRecord {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw fail("not JSON");
  }
  refuseNewer(value, path, FORMAT);
  const parsed = windowRecordSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw fail(`${issue?.path.join(".") ?? "root"}: ${issue?.message ?? "invalid"}`);
  }
  if (encodeRecord(parsed.data) !== line) throw fail("not in canonical form");
  return parsed.data;
}

function chainConflict(record: WindowRecord, head: Hex): string | null {
  if (record.previous === head) return null;
  return `it continues ${record.previous}, but the line before it hashes to ${head}`;
}

function sequenceConflict(before: WindowRecord | undefined, record: WindowRecord): string | null {
  if (before === undefined) return null;
  const moved = (["genesis", "runId", "netuid", "validator"] as const).find(
    (field) => before[field] !== record[field],
  );
  if (moved !== undefined) return `its ${moved} differs from the line before`;
  if (record.window <= before.window) return `window ${record.window} follows ${before.window}`;
  const adjacent = record.window === before.window + 1;
  return adjacent && record.thetaBefore !== before.thetaAfter
    ? "it begins with other parameters than the window before ended with"
    : null;
}

function voteConflict(record: WindowRecord): string | null {
  const voters = record.voters.map(({ stake, ...voter }) => ({
    ...voter,
    stake: BigInt(stake),
  }));
  // Who is voted for without having committed is no member of A_w.
  const committed = new Set(
    record.miners.filter((miner) => miner.payloadDigest !== null).map(({ uid: one }) => one),
  );
  const counted = countVotes({ window: record.window, rules: record.configDigest, voters });
  // Parameters are derived: votes for others than the writer's count for nothing.
  const agreed = counted.digest === record.thetaBefore ? counted.accepted : [];
  const accepted = agreed.filter((one) => committed.has(one));
  if (accepted.join() !== record.accepted.join()) {
    return `the votes accept [${accepted.join()}], the record says [${record.accepted.join()}]`;
  }
  return null;
}

/** A null window moves parameters only back to where they were three windows before, when that window turned out void. */
function movementConflict(
  before: readonly WindowRecord[],
  { window, accepted, flags, thetaBefore, thetaAfter }: WindowRecord,
): string | null {
  if (accepted.length > 0 || thetaBefore === thetaAfter) return null;
  const back = before.find((one) => one.window === window - CONFIRMED_WITHIN_WINDOWS);
  const isBack = flags.includes("void") && (back?.thetaBefore ?? thetaAfter) === thetaAfter;
  return isBack ? null : "parameters moved in a null window";
}
