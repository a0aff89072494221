/** @file The chain of a modelled subnet: weights through the pallet's own call, what is refused, what epochs pay. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Ledger } from "../../../../league/model/ledger.ts";
import { hotkeyOf, NETUID, SubnetChain } from "../../../../league/model/subnet-chain.ts";
import { setWeights } from "../../../../chain/client/calls.ts";
import type { Weights } from "../../../../league/model/field.ts";
import { signerFor } from "../../../chain/embedded/dev-chain.ts";

const OPTIONS = { stakesRao: [6n * 10n ** 14n, 4n * 10n ** 14n], miners: 5, tempo: 4 };
const rows = (shift: number): readonly Weights[] =>
  OPTIONS.stakesRao.map((_, uid) => ({
    uids: [2, 3, 4, 6],
    values: [65_535, 30_000 + shift, 100 + uid, 65_535 - 7 * shift],
  }));

/** The same window with a signature of each validator. */
async function windowSigned(
  { chain, toEpoch }: { chain: SubnetChain["chain"]; toEpoch: () => Promise<readonly number[]> },
  weights: readonly Weights[],
  nonce: number,
): Promise<readonly number[]> {
  const signer = signerFor(chain);
  const extrinsics = weights.map((row, uid) => {
    const { args } = setWeights(NETUID, { ...row, versionKey: 0n });
    const call = signer.call("subtensorModule", "setMechanismWeights");
    assert.ok(call !== null);
    return signer.sign(hotkeyOf(uid).pair, call(...args), nonce);
  });
  await chain.seal(extrinsics);
  return toEpoch();
}

test("a batch under one signature gives the weights and the pay that signatures of all validators give", async () => {
  const [batched, signed] = [await SubnetChain.open(OPTIONS), await SubnetChain.open(OPTIONS)];
  try {
    for (let window = 0; window < 3; window++) {
      const paid = await batched.window(rows(window));
      const toEpoch = async (): Promise<readonly number[]> => signed.toEpoch();
      const wanted = await windowSigned({ chain: signed.chain, toEpoch }, rows(window), window);
      assert.deepEqual(paid, wanted);
      assert.ok((paid[2] ?? 0) > 0 && paid[5] === 0);
      for (const uid of [0, 1]) assert.equal(batched.weightsOf(uid), signed.weightsOf(uid));
      assert.equal(batched.chain.head().number, signed.chain.head().number);
    }
  } finally {
    await batched.close();
    await signed.close();
  }
});

test("weights that the chain does not take end the run, by validator", async () => {
  const chain = await SubnetChain.open(OPTIONS);
  try {
    const [first = { uids: [], values: [] }] = rows(0);
    // There is no uid 99.
    const bad = { uids: [2, 99], values: [1, 1] };
    await assert.rejects(chain.window([first, bad]), /did not take the weights of validator 1/);
  } finally {
    await chain.close();
  }
});

test("in its thread: windows are paid in order, absent rows leave the old weights, a failure reaches everybody", async () => {
  const ledger = new Ledger(OPTIONS);
  try {
    const paid = await Promise.all([
      ledger.paid(0, [null, null]),
      ledger.paid(1, rows(0)),
      ledger.paid(2, [rows(1)[0] ?? null, null]),
      ledger.paid(3, [null, null]),
    ]);
    assert.ok(paid[0].every((rao) => rao === 0));
    assert.ok((paid[1]?.[2] ?? 0) > 0);
    assert.equal((paid[3]?.[2] ?? 0) > 0, true);
    assert.equal(paid[3]?.[5], 0);
    const bad = ledger.paid(4, [{ uids: [99], values: [1] }, null]);
    const after = ledger.paid(5, [null, null]);
    await assert.rejects(bad, /validator 0/);
    await assert.rejects(after, /validator 0/);
    await assert.rejects(ledger.paid(6, []), /validator 0/);
  } finally {
    await ledger.close();
  }
});

test("a chain that cannot be opened is a failure, not silence", async () => {
  const ledger = new Ledger({ ...OPTIONS, stakesRao: [-1n] });
  await assert.rejects(ledger.paid(0, [null]), /the chain/);
  await ledger.close();
});
