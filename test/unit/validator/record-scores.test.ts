/** @file A log is enough: from its losses and verdicts every recorded score is made again, bit for bit, in either mode. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { Signer } from "../../../chain/wallet/signer.ts";
import { gateUpdate } from "../../../src/gauntlet/gate.ts";
import { type PairedLosses, scoreLosses } from "../../../src/gauntlet/loss-score.ts";
import { judgeComparisons } from "../../../src/gauntlet/pairs.ts";
import { recordedEvidence } from "../../../src/gauntlet/recorded-evidence.ts";
import { emptyScorebook, type Score, scoreWindow } from "../../../src/gauntlet/scorebook.ts";
import type { Hex } from "../../../src/protocol/digest.ts";
import type { Draws } from "../../../src/protocol/draws.ts";
import { hexFloat } from "../../../src/protocol/hex-float.ts";
import { NO_RECORD, verifyRecords, type WindowRecord } from "../../../src/protocol/record.ts";
import { type IncentiveRules, rulesDigest } from "../../../src/protocol/rules.ts";
import type { Follower } from "../../../src/run/follower.ts";
import type { Run } from "../../../src/run/run.ts";
import type {
  Fate,
  Judgement,
  MeasuredComparison,
  Payload,
  Refusal,
} from "../../../validator/fate.ts";
import type { Memory } from "../../../validator/memory.ts";
import { record } from "../../../validator/record.ts";
import { score } from "../../../validator/score.ts";
import type { Validator } from "../../../validator/validator.ts";
import { luckOf, uniform } from "../gauntlet/scenes.ts";
import { CREDIT_SCORING, EXAMPLE_MANIFEST } from "../protocol/example-manifest.ts";
import { participantOf } from "../participant.ts";
import { stub } from "../stub.ts";

const ID: Hex = `0x${"0a".repeat(32)}`;
const MINERS = 6;
const WINDOWS = 30;
/** Windows whose votes accept nothing. */
const NULL: ReadonlySet<number> = new Set([4, 5, 17]);
const hotkeyOf = (uid: number): Hex => `0x${uid.toString(16).padStart(64, "0")}`;

function losses(luck: Draws, fall: number): PairedLosses {
  const before = Array.from({ length: 8 }, () => 2 + uniform(luck));
  return { before, after: before.map((loss) => loss - fall - 0.02 * (uniform(luck) - 0.5)) };
}

/** Everything that can become of an update: uid 4 does harm now and then, uid 5 comes, copies, sends what overflows. */
function fateOf(luck: Draws, uid: number, isCredit: boolean): Fate | null {
  const commit = { uid, hotkey: hotkeyOf(uid), digest: hotkeyOf(100 + uid), block: 5 };
  const nothing = { commit, payload: null, refusal: null, gate: null, own: null };
  const chance = uniform(luck);
  if (chance < 0.05) return null;
  const refused = (reason: Refusal["reason"]): Fate => ({
    ...nothing,
    refusal: { reason, detail: "" },
  });
  if (uid === 5 && chance < 0.4) return refused(chance < 0.2 ? "payload-missing" : "copied");
  const payload = stub<Payload>({ bytes: 100 });
  const noise = losses(luck, uid === 4 ? 0.02 * (uniform(luck) - 0.5) : 0.02);
  if (uid === 5 && chance > 0.9) {
    const after = noise.after.map(() => Number.NaN);
    const gate = { factor: 1, noise: { ...noise, after }, fall: null };
    return { ...nothing, payload, gate, refusal: { reason: "not-finite", detail: "" } };
  }
  const { reason, fall } = gateUpdate(noise);
  const gate = { factor: 1, noise, fall };
  const own = losses(luck, 0.04);
  if (reason === "accepted") return { ...nothing, payload, gate, own };
  const refusal = { reason, detail: "" };
  return { ...nothing, payload, gate, refusal, own: isCredit ? own : null };
}

/** Uids 0 and 1 resemble each other: each tried on the other's pages, with what that proves, as the validator does it. */
function compared(luck: Draws, window: number, fates: readonly Fate[]) {
  const [a, b] = [0, 1].map((uid) =>
    fates.find((one) => one.commit.uid === uid && one.refusal === null && one.own !== null),
  );
  if (a === undefined || b === undefined) return { fates, comparisons: [] };
  const on = (one: Fate, of: Fate): MeasuredComparison => ({
    uid: one.commit.uid,
    other: { uid: of.commit.uid, hotkey: of.commit.hotkey, window },
    overlap: 0.75,
    losses: losses(luck, uniform(luck) < 0.5 ? 0.06 : 0.02),
  });
  const comparisons = [on(a, b), on(b, a)];
  const marginOf = (uid: number, own: PairedLosses | null): number | null => {
    const noise = fates.find((one) => one.commit.uid === uid)?.gate?.noise;
    return own === null || noise === undefined
      ? null
      : (scoreLosses({ own, noise })?.margin ?? null);
  };
  const found = judgeComparisons(
    window,
    new Map(fates.map(({ commit, own }) => [commit.uid, marginOf(commit.uid, own)])),
    comparisons.map(({ losses: on_, ...one }) => ({ ...one, margin: marginOf(one.uid, on_) })),
  );
  const judged = fates.map((fate): Fate => {
    const { uid } = fate.commit;
    if (found.copied.has(uid)) return { ...fate, refusal: { reason: "copied", detail: "" } };
    return { ...fate, group: found.groups.find((group) => group.includes(uid)) };
  });
  return { fates: judged, comparisons };
}

/** The log of a run under these rules, and the scores that its validator had at the time. */
async function played(rules: IncentiveRules) {
  const lines: string[] = [];
  let head = NO_RECORD;
  const memory = stub<Memory>({
    book: emptyScorebook(rules.scoring),
    get recordHead() {
      return head;
    },
    save: async ({ line, digest }) => {
      lines.push(line);
      head = digest;
    },
  });
  const manifest = { ...EXAMPLE_MANIFEST, ...rules };
  const node = participantOf({
    run: stub<Run>({ genesis: ID, runId: ID, manifest }),
    follower: stub<Follower>({ digest: ID }),
    signer: stub<Signer>({ publicKey: ID }),
  });
  const digest = rulesDigest(rules);
  const luck = luckOf("a whole log");
  const scores: (readonly Score[])[] = [];
  const hotkeys = Array.from({ length: MINERS }, (_, uid) => hotkeyOf(uid));
  for (let window = 0; window < WINDOWS; window += 1) {
    const drawn = hotkeys
      .map((_, uid) => fateOf(luck, uid, rules.scoring.mode === "credit"))
      .filter((fate) => fate !== null);
    const keys = stub<Judgement["keys"]>({ hashes: { window: ID, evaluation: ID } });
    const { fates, comparisons } = compared(luck, window, drawn);
    const usual = { window: null, norms: [1] };
    const judgement: Judgement = { window, hotkeys, rules, keys, usual, fates, comparisons };
    const live = fates.filter(({ refusal }) => refusal === null).map(({ commit }) => commit);
    const accepted = NULL.has(window) ? [] : live;
    const acceptedUids = accepted.map(({ uid }) => uid);
    const votes = [
      { window, rulesDigest: digest, recordDigest: ID, acceptedUids, thetaDigest: ID },
    ];
    const voters = [{ uid: 9, stake: 1n, permit: true, silence: 0, votes }];
    const outcome = { window, rules: digest, thetaDigest: ID, accepted, voters, hotkeys };
    const scored = score({ memory, weigh: null }, judgement, outcome);
    scores.push(scored.scores);
    const validator = stub<Validator>({ node, memory });
    await record(validator, { judgement, scored, outcome, thetaBefore: ID });
  }
  return { records: verifyRecords(lines).records, scores };
}

/** What of a score is in a row. */
function rowOf(one: Score): Partial<WindowRecord["miners"][number]> {
  const shared = { trust: hexFloat(one.trust), final: hexFloat(one.final), weight: one.weight };
  if (one.mode === "published") {
    const { mu, sigma } = one.rating;
    return { ...shared, rating: { mu: hexFloat(mu), sigma: hexFloat(sigma) } };
  }
  const { credit, attendance, odds, windows } = one.entry;
  return {
    ...shared,
    credit: {
      average: hexFloat(credit),
      attendance: hexFloat(attendance),
      odds: hexFloat(odds),
      windows,
    },
  };
}

const { evaluation, scoring } = EXAMPLE_MANIFEST;
for (const rules of [
  { evaluation, scoring: CREDIT_SCORING },
  { evaluation, scoring },
])
  test(`mode ${rules.scoring.mode ?? "published"}: the log gives every score again`, async () => {
    const { records, scores } = await played(rules);
    let book = emptyScorebook(rules.scoring);
    const verdicts = new Set<string>();
    for (const [window, one] of records.entries()) {
      const step = scoreWindow(book, recordedEvidence(one), rules.scoring);
      book = step.book;
      assert.deepEqual(step.scores, scores[window]);
      if (book.format === "assay/credit-book/1") assert.equal(one.scale, hexFloat(book.scale));
      assert.equal(step.regime.plateau, one.flags.includes("plateau"));
      for (const found of step.scores) {
        const row = one.miners.find(({ uid }) => uid === found.uid);
        assert.deepEqual({ ...row, ...rowOf(found) }, row);
        verdicts.add(row?.verdict ?? "");
      }
    }
    for (const expected of [
      "accepted",
      "loss-not-lowered",
      "not-finite",
      "copied",
      "shared",
      "no-commitment",
    ])
      assert.ok(verdicts.has(expected), `${expected} never happened`);
  });

test("verdicts on similar updates follow from the log alone: a changed verdict is made right again", async () => {
  const { records } = await played({ evaluation, scoring: CREDIT_SCORING });
  const proven = records.filter(({ miners }) =>
    miners.some((row) => row.verdict === "copied" && row.losses !== null),
  );
  assert.ok(proven.length > 0);
  for (const one of proven) {
    const miners = one.miners.map((row) =>
      row.verdict === "copied" && row.losses !== null ? { ...row, verdict: "accepted" } : row,
    );
    assert.deepEqual(recordedEvidence({ ...one, miners }), recordedEvidence(one));
    const { comparisons: _, ...without } = one;
    assert.notDeepEqual(recordedEvidence(without), recordedEvidence(one));
  }
});

test("losses that failed the gate are in the log, and a verdict without its losses is refused", async () => {
  const { records } = await played({ evaluation, scoring });
  const failed = records.flatMap(({ miners }) =>
    miners.filter(({ verdict }) => verdict === "loss-not-lowered"),
  );
  assert.ok(failed.length > 0);
  assert.ok(failed.every(({ losses: kept }) => kept?.noise.before.length === 8));
  const [first] = records;
  assert.ok(first);
  const miners = first.miners.map((row) => ({ ...row, verdict: "accepted", losses: null }));
  assert.throws(() => recordedEvidence({ ...first, miners }), /without losses/);
});
