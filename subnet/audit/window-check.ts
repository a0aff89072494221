/** @file One record against the chain: everything in it that follows from public facts without its losses. */
import { canonicalJson, type Json } from "../../src/protocol/canonical-json.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { WindowRecord } from "../../src/protocol/record.ts";
import { rulesDigest } from "../../src/protocol/rules.ts";
import type { Run } from "../../src/run/run.ts";
import { type Difference, difference } from "./difference.ts";
import type { WindowFacts } from "./facts.ts";

/** A field, what the record says, and what follows. */
type Claim = readonly [field: string, recorded: Json | undefined, derived: Json | undefined];
type Row = WindowRecord["miners"][number];

/** What a payload is, as its bytes say. */
export type PayloadFacts = {
  readonly bytes: number;
  /** Why it is no update of this window, or null. */
  readonly fault: string | null;
  /** Norm of each tensor; null for what is no update. */
  readonly norms: readonly number[] | null;
};

/** What a record is compared with. `payload`: null where nobody has it. */
export type CheckParts = {
  readonly run: Run;
  readonly validator: Hex;
  readonly facts: WindowFacts;
  readonly payload: (digest: Hex, hotkey: Hex) => PayloadFacts | null;
};

const same = (a: Json, b: Json): boolean => canonicalJson(a) === canonicalJson(b);

/** The first claim that does not hold. */
export function firstOf(
  claims: readonly Claim[],
  about: Pick<Difference, "part" | "window" | "validator" | "uid">,
): Difference | null {
  const wrong = claims.find(([, recorded, derived]) => !same(recorded ?? null, derived ?? null));
  if (wrong === undefined) return null;
  const [field, recorded, derived] = wrong;
  return difference({ ...about, field, recorded, derived });
}

function headClaims(record: WindowRecord, { run, validator, facts }: CheckParts): readonly Claim[] {
  const { outcome, hashes, hotkeys } = facts;
  const voters = outcome.voters.map((voter) => ({ ...voter, stake: String(voter.stake) }));
  const accepted = outcome.accepted.map(({ uid }) => uid);
  const dissents = outcome.voters.some(({ votes }) =>
    votes.some((vote) => vote.thetaDigest !== facts.thetaBefore),
  );
  const isVoid = accepted.length === 0 && facts.thetaBefore !== facts.thetaAfter;
  const flag = (name: WindowRecord["flags"][number], isSo: boolean): Claim => [
    `flags.${name}`,
    record.flags.includes(name),
    isSo,
  ];
  return [
    ["genesis", record.genesis, run.genesis],
    ["runId", record.runId, run.runId],
    ["netuid", record.netuid, run.manifest.netuid],
    ["validator", record.validator, validator],
    ["hashes.window", record.hashes.window, hashes.window],
    ["hashes.evaluation", record.hashes.evaluation, hashes.evaluation],
    ["neurons", record.neurons, hotkeys.length],
    ["configDigest", record.configDigest, rulesDigest(facts.rules)],
    ["voters", record.voters, voters],
    ["accepted", record.accepted, accepted],
    ["thetaBefore", record.thetaBefore, facts.thetaBefore],
    ["thetaAfter", record.thetaAfter, facts.thetaAfter],
    flag("null-window", accepted.length === 0),
    flag("dissent", dissents),
    flag("void", isVoid),
  ];
}

/** Verdicts that the bytes of a payload alone decide. */
const STRUCTURAL: ReadonlySet<string> = new Set([
  "malformed",
  "wrong-run",
  "wrong-window",
  "wrong-hotkey",
  "stale-base",
]);

/** What the payload of a row makes of its verdict; nothing where the validator never had it, or nobody has it now. */
function payloadClaims(row: Row, { payload }: CheckParts): readonly Claim[] {
  if (row.payloadDigest === null) return [["verdict", row.verdict, "no-commitment"]];
  if (row.verdict === "payload-missing") return [["payloadBytes", row.payloadBytes, null]];
  const found = payload(row.payloadDigest, row.hotkey);
  if (found === null) return [];
  if (found.fault !== null)
    return [
      ["verdict", row.verdict, found.fault],
      ["payloadBytes", row.payloadBytes, null],
    ];
  return [
    ["payloadBytes", row.payloadBytes, found.bytes],
    ["verdict", STRUCTURAL.has(row.verdict) ? row.verdict : "", ""],
  ];
}

function rowClaims(row: Row, parts: CheckParts): readonly Claim[] {
  const { facts } = parts;
  const commit = facts.commits.find(({ uid }) => uid === row.uid);
  return [
    ["hotkey", row.hotkey, facts.hotkeys[row.uid]],
    ["commitBlock", row.commitBlock, commit?.block],
    ["payloadDigest", row.payloadDigest, commit?.digest],
    ...payloadClaims(row, parts),
  ];
}

/** The first place in which a record is not what the chain and the payloads give. */
export function checkWindow(record: WindowRecord, parts: CheckParts): Difference | null {
  const about = { part: "records" as const, window: record.window, validator: parts.validator };
  const head = firstOf(headClaims(record, parts), { ...about, uid: null });
  if (head !== null) return head;
  for (const row of record.miners) {
    const found = firstOf(rowClaims(row, parts), { ...about, uid: row.uid });
    if (found !== null) return found;
  }
  const rows = new Set(record.miners.map(({ uid }) => uid));
  const lacking = parts.facts.commits.find(({ uid }) => !rows.has(uid));
  if (lacking === undefined) return null;
  const { uid, digest } = lacking;
  return difference({ ...about, uid, field: "miners", recorded: "no row", derived: digest });
}
