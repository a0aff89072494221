/** @file Work that nobody pays for gets its share of the time, however much of it comes; and which extrinsics are such work. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isBare } from "../../../../chain/embedded/blocks/validity.ts";
import { concat } from "../../../../chain/embedded/codec/bytes.ts";
import { compact } from "../../../../chain/embedded/codec/scale.ts";
import { Allowance } from "../../../../chain/embedded/pool/allowance.ts";
import { ChainError } from "../../../../chain/errors.ts";
import { key, openDevChain, requireCall, signerFor, subnetPatch, transfer } from "../dev-chain.ts";
import { falsePulse } from "./false-pulse.ts";

const LIMITS = { msPerSecond: 100, mostMs: 50 };

test("what is spent is at most the share of the time, what may be kept, and one piece of work", () => {
  const pieces = fc.array(fc.record({ pauseMs: fc.nat(100), workMs: fc.nat(20) }), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(pieces, (list) => {
      let now = 0;
      let spent = 0;
      const allowance = new Allowance(LIMITS, () => now);
      for (const { pauseMs, workMs } of list) {
        now += pauseMs;
        if (allowance.isSpent) continue;
        allowance.spend(() => (now += workMs));
        spent += workMs;
        assert.ok(spent <= now / 10 + LIMITS.mostMs + 20, `${spent} ms of ${now}`);
      }
    }),
  );
});

test("time that was overdrawn comes back first", () => {
  let now = 0;
  const allowance = new Allowance(LIMITS, () => now);
  assert.throws(() =>
    allowance.spend(() => {
      now += 150;
      throw new Error("what it found");
    }),
  );
  assert.ok(allowance.isSpent);
  now += 800;
  assert.ok(allowance.isSpent);
  now += 100;
  assert.ok(!allowance.isSpent);
});

test("no more than a second of work is owed, however long a piece took", () => {
  let now = 0;
  const allowance = new Allowance(LIMITS, () => now);
  allowance.take(60_000);
  now += 9_900;
  assert.ok(allowance.isSpent);
  now += 200;
  assert.ok(!allowance.isSpent);
});

test("time in which the machine did something else is not counted as work", () => {
  let [now, worked] = [0, 0];
  const allowance = new Allowance(
    LIMITS,
    () => now,
    () => worked,
  );
  allowance.spend(() => {
    now += 5000;
    worked += 40;
  });
  assert.ok(!allowance.isSpent);
  allowance.spend(() => (worked += 60));
  assert.ok(allowance.isSpent);
});

test("an extrinsic is bare whatever the width of its length", async (t) => {
  const chain = await openDevChain();
  t.after(async () => chain.close());
  const signer = signerFor(chain);
  const remark = requireCall(signer, "system", "remark");
  for (const length of [1, 100, 20_000]) {
    const call = remark(`0x${"11".repeat(length)}`);
    assert.ok(isBare(signer.bare(call)));
    assert.ok(!isBare(signer.sign(key("//Alice"), call, 0)));
  }
  // Version 5: bare, and general with its extensions.
  assert.ok(isBare(concat(compact(3), Uint8Array.of(5, 0, 0))));
  assert.ok(!isBare(concat(compact(3), Uint8Array.of(0b0100_0101, 0, 0))));
});

test("false pulses beyond the allowance are refused unread and not banned; signed calls go on", async (t) => {
  const chain = await openDevChain({
    genesisPatch: { ...subnetPatch(), drand: { beacon: "quicknet" } },
    poolLimits: { bareMs: 1 },
  });
  t.after(async () => chain.close());
  const signer = signerFor(chain);
  const write = requireCall(signer, "drand", "writePulse");
  const heard = async (round: number): Promise<string> => {
    try {
      await chain.submit(signer.bare(write(...falsePulse(round))));
      return "taken";
    } catch (error) {
      if (!(error instanceof ChainError) || error.fault.code !== "extrinsic-invalid") throw error;
      return error.fault.reason;
    }
  };
  assert.equal(await heard(1), "Invalid Transaction");
  assert.equal(await heard(1), "Transaction is temporarily banned");
  for (let round = 2; round < 10; round++) assert.equal(await heard(round), "Immediately Dropped");
  assert.equal(await heard(9), "Immediately Dropped");
  await chain.submit(transfer(signer, key("//Alice"), 0));
  await chain.seal();
  assert.equal(chain.nextNonce(key("//Alice").publicKey), 1);
});
