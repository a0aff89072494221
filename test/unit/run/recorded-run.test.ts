/** @file A recorded run replayed by today's code: every bit is the same. */
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { type Engine, startEngine } from "../../../kernels/engine/engine.ts";
import { initialParameters, layoutOf, specsOf } from "../../../kernels/nn/model.ts";
import { digestOf, encodeCheckpoint } from "../../../src/checkpoint/checkpoint.ts";
import { recordedEvidence } from "../../../src/gauntlet/recorded-evidence.ts";
import { emptyScorebook, type Score, scoreWindow } from "../../../src/gauntlet/scorebook.ts";
import { countVotes } from "../../../src/protocol/acceptance.ts";
import { treeAddress } from "../../../src/protocol/block-tree.ts";
import { type Hex, updateDigest } from "../../../src/protocol/digest.ts";
import { hexFloat } from "../../../src/protocol/hex-float.ts";
import { parseManifest } from "../../../src/protocol/manifest-file.ts";
import { NO_RECORD, recordDigest, verifyRecords } from "../../../src/protocol/record.ts";
import { rulesDigest } from "../../../src/protocol/rules.ts";
import { readUpdate } from "../../../src/protocol/update.ts";
import { engineOptionsOf } from "../../../src/run/run.ts";

const FOLDER = new URL("../../fixtures/recorded-run/", import.meta.url);
const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, FOLDER)));
const { manifest, runId } = parseManifest(bytesOf("manifest.json"));
const lines = readFileSync(new URL("records.jsonl", FOLDER), "utf8").trimEnd().split("\n");
const { records } = verifyRecords(lines, "records.jsonl");
const layout = layoutOf(specsOf(manifest.model));
const updateLayout = { lengths: layout.lengths, ...manifest.codec };

/** The payloads of the accepted updates by digest; the records say how long each is. */
function payloads(): Map<Hex, Uint8Array> {
  const all = bytesOf("payloads.bin");
  const found = new Map<Hex, Uint8Array>();
  let at = 0;
  for (const { accepted, miners } of records)
    for (const { payloadBytes } of miners.filter(({ uid }) => accepted.includes(uid))) {
      const one = all.subarray(at, at + (payloadBytes ?? 0));
      found.set(updateDigest(one), one);
      at += one.length;
    }
  assert.equal(at, all.length);
  return found;
}

let engine: Engine;
before(async () => {
  engine = await startEngine({ ...engineOptionsOf(manifest), batch: 1, device: "cpu" });
});
after(() => engine.close());

test("theta_0 has the bytes that the manifest names", () => {
  const theta = initialParameters(manifest.model, 1);
  assert.equal(treeAddress(encodeCheckpoint(layout, theta)), manifest.genesisCheckpoint);
});

test("votes give the recorded accepted set, and its updates the recorded parameters, window by window", async () => {
  const known = payloads();
  await engine.setParameters(initialParameters(manifest.model, 1));
  for (const record of records) {
    const { genesis, netuid, window, thetaBefore: baseDigest } = record;
    assert.equal(await digestOf(runId, layout, await engine.parameters()), baseDigest);
    const voters = record.voters.map((voter) => ({ ...voter, stake: BigInt(voter.stake) }));
    const rules = rulesDigest(manifest);
    assert.equal(record.configDigest, rules);
    const { accepted, digest } = countVotes({ window, rules, voters });
    assert.deepEqual(accepted, record.accepted);
    assert.ok(digest === baseDigest || (digest === null && accepted.length === 0));
    const updates = record.miners.flatMap(({ uid, hotkey, payloadDigest }) => {
      if (!accepted.includes(uid)) return [];
      const bytes = known.get(payloadDigest ?? "0x") ?? new Uint8Array();
      const expected = { genesis, runId, netuid, window, hotkey, baseDigest };
      const reading = readUpdate(bytes, updateLayout, expected);
      assert.ok(reading.ok);
      return [reading.update];
    });
    if (updates.length > 0) await engine.outerStep({ updates, ...manifest.outer });
    assert.equal(await digestOf(runId, layout, await engine.parameters()), record.thetaAfter);
  }
  assert.equal(records.length, manifest.windows);
  assert.ok(records.some(({ accepted }) => accepted.length > 1));
});

test("every vote on the chain anchors the log of its voter: that of this log's writer is found in each record", () => {
  let head: Hex = NO_RECORD;
  for (const record of records) {
    const anchors = record.voters.flatMap(({ votes }) => votes.map((one) => one.recordDigest));
    assert.ok(anchors.includes(head), `window ${record.window}`);
    head = recordDigest(head, record);
  }
});

/** What a row says of a score, whichever the mode. */
function rowOf(score: Score): object {
  const { uid, trust, final, weight } = score;
  const shared = { uid, trust: hexFloat(trust), final: hexFloat(final), weight };
  if (score.mode === "credit") {
    const { credit, attendance, odds, windows } = score.entry;
    const memory = { average: hexFloat(credit), attendance: hexFloat(attendance) };
    return { ...shared, credit: { ...memory, odds: hexFloat(odds), windows } };
  }
  const { rating, multiplier } = score;
  return {
    ...shared,
    rating: { mu: hexFloat(rating.mu), sigma: hexFloat(rating.sigma) },
    multiplier: hexFloat(multiplier),
  };
}

test("recorded losses give the recorded scores and weights, bit for bit", () => {
  let book = emptyScorebook(manifest.scoring);
  let compared = 0;
  for (const record of records) {
    const step = scoreWindow(book, recordedEvidence(record), manifest.scoring);
    book = step.book;
    assert.equal(step.regime.plateau, record.flags.includes("plateau"));
    for (const score of step.scores) {
      const row = record.miners.find(({ uid }) => uid === score.uid);
      assert.ok(row);
      assert.deepEqual({ ...row, ...rowOf(score) }, row);
      compared += 1;
    }
  }
  assert.ok(compared >= records.length);
});
