/** @file A run that was recorded before the house was rebuilt, replayed by today's code: every bit is the same. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { type Engine, startEngine } from "../../../kernels/engine/engine.ts";
import { initialParameters, layoutOf, specsOf } from "../../../kernels/nn/model.ts";
import { digestOf, encodeCheckpoint } from "../../../src/checkpoint/checkpoint.ts";
import type { MinerEvidence } from "../../../src/gauntlet/evidence.ts";
import { type PairedLosses, scoreLosses } from "../../../src/gauntlet/loss-score.ts";
import { emptyScorebook, scoreWindow } from "../../../src/gauntlet/scorebook.ts";
import { isReason, type Rejection, standingOf } from "../../../src/gauntlet/verdict.ts";
import { countVotes } from "../../../src/protocol/acceptance.ts";
import { blake2b256, type Hex, updateDigest } from "../../../src/protocol/digest.ts";
import { hexFloat, parseHexFloat } from "../../../src/protocol/hex-float.ts";
import { manifestShape, RUN_FORMAT } from "../../../src/protocol/manifest.ts";
import { verifyRecords, type WindowRecord } from "../../../src/protocol/record.ts";
import { readUpdate, UPDATE_HEADER_BYTES } from "../../../src/protocol/update.ts";
import { engineOptionsOf } from "../../../src/run/run.ts";

const FOLDER = new URL("../../fixtures/recorded-run/", import.meta.url);
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, FOLDER)));
// Of the time of run/1: read as if it were of today.
const runId = blake2b256(bytesOf("manifest.json"));
const manifest = manifestShape.parse({
  ...JSON.parse(new TextDecoder().decode(bytesOf("manifest.json"))),
  format: RUN_FORMAT,
  retention: { payloadWindows: 0, recordWindows: 0 },
});
const lines = readFileSync(new URL("records.jsonl", FOLDER), "utf8").trimEnd().split("\n");
const { records } = verifyRecords(lines, "records.jsonl");
const layout = layoutOf(specsOf(manifest.model));
const updateLayout = { lengths: layout.lengths, ...manifest.codec };

/** The payloads of the accepted updates by digest; each header says how long its payload is. */
function payloads(): Map<Hex, Uint8Array> {
  const all = bytesOf("payloads.bin");
  const found = new Map<Hex, Uint8Array>();
  for (let at = 0; at < all.length;) {
    const bodyBytes = new DataView(all.buffer).getUint32(at + UPDATE_HEADER_BYTES - 4, true);
    const one = all.subarray(at, at + UPDATE_HEADER_BYTES + bodyBytes);
    found.set(updateDigest(one), one);
    at += one.length;
  }
  return found;
}

let engine: Engine;
before(async () => {
  engine = await startEngine({ ...engineOptionsOf(manifest), batch: 1, device: "cpu" });
});
after(() => engine.close());

test("theta_0 has the address that the manifest names", () => {
  const theta = initialParameters(manifest.model, 1);
  assert.equal(blake2b256(encodeCheckpoint(layout, theta)), manifest.genesisCheckpoint);
});

test("votes give the recorded accepted set, and its updates the recorded parameters, window by window", async () => {
  const known = payloads();
  await engine.setParameters(initialParameters(manifest.model, 1));
  for (const record of records) {
    const { genesis, netuid, window, thetaBefore: baseDigest } = record;
    assert.equal(digestOf(runId, layout, await engine.parameters()), baseDigest);
    // Everybody voted in every window, so nobody was silent.
    const voters = record.voters.map((voter) => ({
      ...voter,
      silence: 0,
      stake: BigInt(voter.stake),
    }));
    for (const { votes } of voters) assert.ok(votes.some((vote) => vote.window === window));
    const { accepted, digest } = countVotes({ window, voters });
    assert.deepEqual(accepted, record.accepted);
    assert.equal(digest, baseDigest);
    const updates = record.miners.flatMap(({ uid, hotkey, payloadDigest }) => {
      if (!accepted.includes(uid)) return [];
      const bytes = known.get(payloadDigest ?? "0x") ?? new Uint8Array();
      const expected = { genesis, runId, netuid, window, hotkey, baseDigest };
      const reading = readUpdate(bytes, updateLayout, expected);
      assert.ok(reading.ok);
      return [reading.update];
    });
    if (updates.length > 0) await engine.outerStep({ updates, ...manifest.outer });
    assert.equal(digestOf(runId, layout, await engine.parameters()), record.thetaAfter);
  }
  assert.equal(records.length, manifest.windows);
});

const numbers = (texts: readonly string[]): number[] =>
  texts.map((text) => parseHexFloat(text) ?? Number.NaN);
const paired = (losses: { before: readonly string[]; after: readonly string[] }): PairedLosses => ({
  before: numbers(losses.before),
  after: numbers(losses.after),
});

const isRejection = (text: string): text is Rejection =>
  isReason(text) && standingOf(text) !== "accepted";

function evidenceOf({
  uid,
  hotkey,
  losses,
  verdict,
  detail,
}: WindowRecord["miners"][number]): MinerEvidence {
  const score =
    losses === null || losses.own === null
      ? null
      : scoreLosses({ own: paired(losses.own), noise: paired(losses.noise) });
  if (score !== null) return { kind: "evaluated", uid, hotkey, score };
  const moved = /noise loss moved by (-?[\d.]+) %/.exec(detail)?.[1];
  const noise = moved === undefined ? undefined : -Number(moved) / 100;
  return {
    kind: "rejected",
    uid,
    hotkey,
    reason: isRejection(verdict) ? verdict : assert.fail(`${verdict} without losses`),
    noise,
  };
}

test("recorded losses give the recorded ratings, trust, finals and weights, bit for bit", () => {
  let book = emptyScorebook(manifest.scoring);
  for (const { window, miners, flags } of records) {
    const evidence = { window, miners: miners.map(evidenceOf) };
    const step = scoreWindow(book, evidence, manifest.scoring);
    book = step.book;
    assert.equal(step.regime.plateau, flags.includes("plateau"));
    for (const score of step.scores) {
      assert.ok(score.mode === "published");
      const recorded = miners.find(({ uid }) => uid === score.uid);
      assert.deepEqual(recorded?.rating, {
        mu: hexFloat(score.rating.mu),
        sigma: hexFloat(score.rating.sigma),
      });
      assert.equal(recorded.trust, hexFloat(score.trust));
      assert.equal(recorded.multiplier, hexFloat(score.multiplier));
      assert.equal(recorded.final, hexFloat(score.final));
      assert.equal(recorded.weight, score.weight);
    }
  }
});
