/** @file Votes on chain, and which updates a window accepts. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { countVotes, type Voter } from "../../../src/protocol/acceptance.ts";
import { hexOf, type Hex } from "../../../src/protocol/digest.ts";
import { emissionAt, MAXIMUM_ISSUANCE_RAO, splitEmission } from "../../../src/protocol/economy.ts";
import { decodeVote, encodeVote, type Vote } from "../../../src/protocol/vote.ts";
import vectors from "../../fixtures/protocol.json" with { type: "json" };

const A: Hex = `0x${"aa".repeat(32)}`;
const B: Hex = `0x${"bb".repeat(32)}`;

function vote(window: number, acceptedUids: number[], thetaDigest = A): Vote {
  return { window, acceptedUids, thetaDigest };
}

function voter(uid: number, stake: bigint, ...votes: Vote[]): Voter {
  return { uid, stake, permit: true, votes };
}

function accepted(...voters: Voter[]): readonly number[] {
  return countVotes({ window: 10, voters }).accepted;
}

test("a vote's bytes equal the vector", () => {
  const fields = encodeVote({ window: 41, acceptedUids: [0, 2, 5], neurons: 7, thetaDigest: A });
  assert.deepEqual(fields.map(hexOf), [`0x${vectors.vote.window}`, `0x${vectors.vote.bitmap}`, A]);
  assert.deepEqual(decodeVote(fields, 7), vote(41, vectors.vote.accepted));
  assert.equal(
    encodeVote({ window: 1, acceptedUids: [], neurons: 9, thetaDigest: A })[1].length,
    2,
  );
});

test("votes survive the round trip", () => {
  const input = fc.integer({ min: 1, max: 300 }).chain((neurons) =>
    fc.record({
      neurons: fc.constant(neurons),
      window: fc.nat(),
      uids: fc.uniqueArray(fc.nat(neurons - 1)),
    }),
  );
  fc.assert(
    fc.property(input, ({ neurons, window, uids }) => {
      const acceptedUids = uids.toSorted((a, b) => a - b);
      const fields = encodeVote({ window, acceptedUids: uids, neurons, thetaDigest: B });
      assert.deepEqual(decodeVote(fields, neurons), vote(window, acceptedUids, B));
    }),
  );
});

test("anything else on chain is not a vote, and never crashes", () => {
  const [window, bitmap, digest] = encodeVote({ ...vote(41, [1]), neurons: 7 });
  assert.equal(decodeVote([digest], 7), null);
  assert.equal(decodeVote([], 7), null);
  assert.equal(decodeVote([window, bitmap, digest, digest], 7), null);
  assert.equal(decodeVote([window, bitmap, digest], 9), null, "a bitmap of another length");
  assert.equal(decodeVote([window, Uint8Array.of(0x80), digest], 7), null, "a bit past the end");
  assert.equal(decodeVote([new Uint8Array(8).fill(255), bitmap, digest], 7), null, "window 2^64-1");
  assert.throws(() => encodeVote({ ...vote(1, [7]), neurons: 7 }), RangeError);
  const fields = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 });
  fc.assert(
    fc.property(fields, fc.nat(64), (random, neurons) => {
      const read = decodeVote(random, neurons);
      if (read !== null) assert.deepEqual([...encodeVote({ ...read, neurons })], random);
    }),
  );
});

test("more than half of the stake accepts; exactly half does not", () => {
  assert.deepEqual(accepted(voter(0, 60n, vote(10, [3, 5])), voter(1, 40n, vote(10, [5]))), [3, 5]);
  assert.deepEqual(accepted(voter(0, 50n, vote(10, [3])), voter(1, 50n, vote(10, []))), []);
  assert.deepEqual(accepted(voter(0, 51n, vote(10, [3])), voter(1, 50n, vote(10, []))), [3]);
  assert.deepEqual(accepted(voter(0, 1n, vote(10, [9, 1, 4]))), [1, 4, 9]);
});

test("stake is exact beyond 2^53", () => {
  const half = 2n ** 60n;
  assert.deepEqual(accepted(voter(0, half + 1n, vote(10, [3])), voter(1, half, vote(10, []))), [3]);
  assert.deepEqual(accepted(voter(0, half, vote(10, [3])), voter(1, half, vote(10, []))), []);
});

test("nobody votes: null window without a digest", () => {
  const outcome = countVotes({ window: 10, voters: [voter(0, 60n, vote(9, [1]))] });
  assert.deepEqual(outcome, {
    digest: null,
    accepted: [],
    totalStake: 60n,
    digestStake: 0n,
    dissenters: [],
  });
  assert.deepEqual(countVotes({ window: 10, voters: [] }).accepted, []);
});

test("a silent validator counts for two more windows, then no longer", () => {
  const small = voter(1, 40n, vote(10, [3]));
  assert.deepEqual(accepted(voter(0, 60n, vote(9, [3])), small), []);
  assert.deepEqual(accepted(voter(0, 60n, vote(8, [3])), small), []);
  assert.deepEqual(accepted(voter(0, 60n, vote(7, [3])), small), [3]);
  assert.deepEqual(accepted(voter(0, 60n, vote(11, [3])), small), [3], "a vote of the future");
});

test("no permit or no stake: no voice and no weight in the total", () => {
  const small = voter(1, 40n, vote(10, [3]));
  assert.deepEqual(accepted({ ...voter(0, 60n, vote(10, [])), permit: false }, small), [3]);
  assert.deepEqual(accepted(voter(0, 0n, vote(10, [])), small), [3]);
});

test("votes for the lighter digest are dropped, their stake stays in the total", () => {
  const voters = [
    voter(0, 40n, vote(10, [1])),
    voter(1, 35n, vote(10, [1, 2], B)),
    voter(2, 30n, vote(10, [1])),
  ];
  const outcome = countVotes({ window: 10, voters });
  assert.deepEqual(outcome, {
    digest: A,
    accepted: [1],
    totalStake: 105n,
    digestStake: 70n,
    dissenters: [1],
  });
  assert.deepEqual(
    accepted(
      voter(0, 40n, vote(10, [1])),
      voter(1, 35n, vote(10, [1], B)),
      voter(2, 10n, vote(8, [])),
    ),
    [],
  );
});

test("a tie of digests is nobody's window", () => {
  const outcome = countVotes({
    window: 10,
    voters: [voter(0, 50n, vote(10, [1])), voter(1, 50n, vote(10, [1], B))],
  });
  assert.equal(outcome.digest, null);
  assert.deepEqual(outcome.accepted, []);
});

test("a uid named twice in one vote counts once", () => {
  assert.deepEqual(accepted(voter(0, 30n, vote(10, [1, 1])), voter(1, 40n, vote(10, []))), []);
});

test("order of voters does not matter, and acceptance is monotone in stake", () => {
  const anyVoter = fc.record({
    uid: fc.nat(20),
    stake: fc.bigInt({ min: 0n, max: 100n }),
    permit: fc.boolean(),
    votes: fc.array(
      fc.record({
        window: fc.integer({ min: 6, max: 10 }),
        acceptedUids: fc.uniqueArray(fc.nat(5)),
        thetaDigest: fc.constantFrom(A, B),
      }),
      { maxLength: 2 },
    ),
  });
  fc.assert(
    fc.property(fc.array(anyVoter, { maxLength: 6 }), (voters) => {
      const outcome = countVotes({ window: 10, voters });
      assert.deepEqual(countVotes({ window: 10, voters: voters.toReversed() }), outcome);
      if (outcome.accepted.length > 0) assert.ok(2n * outcome.digestStake > outcome.totalStake);
    }),
  );
});

test("emission and its split equal the vectors, and nothing is lost", () => {
  for (const { issued, emission, owner, miners, validators } of vectors.emission) {
    const rao = emissionAt(BigInt(issued));
    assert.equal(rao, BigInt(emission), issued);
    const split = { owner: BigInt(owner), miners: BigInt(miners), validators: BigInt(validators) };
    assert.deepEqual(splitEmission(rao), split);
  }
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 22_000_000_000_000_000n }), (issued) => {
      const rao = emissionAt(issued);
      const { owner, miners, validators } = splitEmission(rao);
      assert.equal(owner + miners + validators, rao);
      assert.ok(validators - miners <= 1n && validators >= miners);
      assert.ok(emissionAt(issued + 1n) <= rao);
      assert.ok(issued > MAXIMUM_ISSUANCE_RAO || issued + rao <= MAXIMUM_ISSUANCE_RAO);
    }),
  );
});
