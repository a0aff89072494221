/** @file The product's loops on a simulated chain: everybody derives the same, and a seed always gives the same. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { smallWorld } from "./small-world.ts";

const WINDOWS = 6;

/** Everything that came of a run. */
async function played(seed: number): Promise<{
  digests: (readonly string[])[];
  paid: bigint[];
  head: string;
  accepted: number[];
}> {
  const { world, validators, miners } = smallWorld(seed, WINDOWS);
  try {
    await world.runWindow(WINDOWS - 1);
    const { paidRao } = world.chain.stateAt();
    const records = validators[0]?.records() ?? [];
    return {
      digests: world.nodes.map((node) => [...world.digestsOf(node).values()]),
      paid: miners.map(({ hotkey }) => paidRao.get(hotkey) ?? 0n),
      head: validators[0]?.memory().recordHead ?? "",
      accepted: records.map((record) => record.accepted.length),
    };
  } finally {
    await world.close();
  }
}

test("two validators and four miners derive the same parameters, are paid, and the same seed gives the same run", async () => {
  const first = await played(1);
  const [reference] = first.digests;
  assert.equal(new Set(reference).size, WINDOWS + 1, "every window moved the parameters");
  for (const digests of first.digests) assert.deepEqual(digests, reference);
  assert.equal(first.accepted.length, WINDOWS);
  assert.ok(first.accepted.every((count) => count > 0));
  assert.ok(first.paid.some((rao) => rao > 0n));
  assert.deepEqual(await played(1), first);
  const other = await played(2);
  assert.notDeepEqual(other.digests[0], reference);
});
