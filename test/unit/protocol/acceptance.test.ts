/** @file Votes on chain, and which updates a window accepts. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { countingSixteenths, countVotes, type Voter } from "../../../src/protocol/acceptance.ts";
import { hexOf, type Hex } from "../../../src/protocol/digest.ts";
import {
  emissionAt,
  epochPools,
  MAXIMUM_ISSUANCE_RAO,
  splitEmission,
} from "../../../src/protocol/economy.ts";
import { decodeVote, encodeVote, type Vote } from "../../../src/protocol/vote.ts";
import vectors from "../../fixtures/protocol.json" with { type: "json" };

const A: Hex = `0x${"aa".repeat(32)}`;
const B: Hex = `0x${"bb".repeat(32)}`;
const RULES: Hex = `0x${"cc".repeat(32)}`;
const HEAD: Hex = `0x${"dd".repeat(32)}`;
const ABOUT = { rulesDigest: RULES, recordDigest: HEAD };

function vote(window: number, acceptedUids: number[], thetaDigest = A): Vote {
  return { window, ...ABOUT, acceptedUids, thetaDigest };
}

function voter(uid: number, stake: bigint, ...votes: Vote[]): Voter {
  return { uid, stake, permit: true, silence: 0, votes };
}

function silent(uid: number, stake: bigint, silence: number): Voter {
  return { uid, stake, permit: true, silence, votes: [] };
}

function accepted(...voters: Voter[]): readonly number[] {
  return countVotes({ window: 10, rules: RULES, voters }).accepted;
}

test("a vote's bytes equal the vector", () => {
  const { about, bitmap, accepted: uids, rulesDigest, recordDigest } = vectors.vote;
  const fields = encodeVote({ ...vote(41, [0, 2, 5]), neurons: 7 });
  assert.deepEqual([`0x${rulesDigest}`, `0x${recordDigest}`], [RULES, HEAD]);
  assert.deepEqual(fields.map(hexOf), [`0x${about}`, `0x${bitmap}`, A]);
  assert.deepEqual(decodeVote(fields, 7), vote(41, uids));
  assert.equal(encodeVote({ ...vote(1, []), neurons: 9 })[1].length, 2);
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
      const fields = encodeVote({ ...vote(window, uids, B), neurons });
      assert.deepEqual(decodeVote(fields, neurons), vote(window, acceptedUids, B));
    }),
  );
});

test("anything else on chain is not a vote, and never crashes", () => {
  const [window, bitmap, digest] = encodeVote({ ...vote(41, [1]), neurons: 7 });
  assert.equal(decodeVote([digest], 7), null);
  assert.equal(decodeVote([], 7), null);
  assert.equal(decodeVote([window, bitmap, digest, digest], 7), null);
  assert.equal(decodeVote([window.subarray(0, 8), bitmap, digest], 7), null, "of protocol 1");
  assert.equal(decodeVote([window, bitmap, digest], 9), null, "a bitmap of another length");
  assert.equal(decodeVote([window, Uint8Array.of(0x80), digest], 7), null, "a bit past the end");
  assert.equal(
    decodeVote([new Uint8Array(72).fill(255), bitmap, digest], 7),
    null,
    "window 2^64-1",
  );
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
  assert.deepEqual(countVotes({ window: 10, rules: RULES, voters: [silent(0, 60n, 1)] }), {
    digest: null,
    accepted: [],
    totalSixteenths: 960n,
    digestSixteenths: 0n,
    dissenters: [],
  });
  assert.deepEqual(countVotes({ window: 10, rules: RULES, voters: [] }).accepted, []);
});

test("silence costs nothing for three windows, then a sixteenth a window, down to a quarter", () => {
  const sixteenths = Array.from({ length: 20 }, (_, silence) =>
    countingSixteenths({ stake: 1n, silence }),
  );
  assert.deepEqual(
    sixteenths,
    [16, 16, 16, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 4, 4, 4, 4].map(BigInt),
  );
});

/** The windows of silence after which the rest of a hundred carries a window alone; null: it never does. */
function carriesAfter(gone: bigint): number | null {
  for (let silence = 1; silence < 100; silence++)
    if (accepted(silent(0, gone, silence), voter(1, 100n - gone, vote(10, [3]))).includes(3))
      return silence;
  return null;
}

test("60 % gone for good: the rest goes on after 9 windows; 75 %: after 14; below 20 % never", () => {
  assert.equal(carriesAfter(60n), 9);
  assert.equal(carriesAfter(75n), 14);
  assert.equal(carriesAfter(79n), 15);
  assert.equal(carriesAfter(80n), null, "exactly half");
  assert.equal(carriesAfter(81n), null);
  assert.equal(carriesAfter(49n), 1);
});

test("no permit or no stake: no voice and no weight in the total", () => {
  const small = voter(1, 40n, vote(10, [3]));
  assert.deepEqual(accepted({ ...voter(0, 60n, vote(10, [])), permit: false }, small), [3]);
  assert.deepEqual(accepted(voter(0, 0n, vote(10, [])), small), [3]);
});

test("votes for another digest are dropped, their stake stays in the total", () => {
  const voters = [
    voter(0, 40n, vote(10, [1])),
    voter(1, 35n, vote(10, [1, 2], B)),
    voter(2, 30n, vote(10, [1])),
  ];
  assert.deepEqual(countVotes({ window: 10, rules: RULES, voters }), {
    digest: A,
    accepted: [1],
    totalSixteenths: 1680n,
    digestSixteenths: 1120n,
    dissenters: [1],
  });
});

test("votes by other rules than those in force count for nothing, their stake stays in the total", () => {
  const other = { ...vote(10, [1, 2]), rulesDigest: A };
  const most = [voter(0, 40n, other), voter(1, 35n, vote(10, [1])), voter(2, 30n, vote(10, [1]))];
  assert.deepEqual(countVotes({ window: 10, rules: RULES, voters: most }), {
    digest: A,
    accepted: [1],
    totalSixteenths: 1680n,
    digestSixteenths: 1040n,
    dissenters: [],
  });
  assert.deepEqual(accepted(voter(0, 60n, other), voter(1, 40n, vote(10, [1]))), []);
  const { digest } = countVotes({ window: 10, rules: A, voters: most });
  assert.equal(digest, null, "40 of 105 know these rules");
});

test("which record a vote anchors does not change what it accepts", () => {
  const one = voter(0, 60n, { ...vote(10, [3]), recordDigest: A });
  assert.deepEqual(accepted(one, voter(1, 40n, vote(10, []))), [3]);
});

function named(...voters: Voter[]): Hex | null {
  return countVotes({ window: 10, rules: RULES, voters }).digest;
}

test("the heaviest digest is none without more than half of all counting stake", () => {
  assert.equal(named(voter(0, 40n, vote(10, [1])), silent(1, 60n, 1)), null);
  assert.equal(named(voter(0, 1n, vote(10, [], B)), silent(1, 999_999n, 30)), null);
  assert.equal(named(voter(0, 50n, vote(10, [1])), voter(1, 50n, vote(10, [1], B))), null);
  assert.equal(named(voter(0, 51n, vote(10, [1])), voter(1, 49n, vote(10, [1], B))), A);
});

test("a uid named twice in one vote counts once", () => {
  assert.deepEqual(accepted(voter(0, 30n, vote(10, [1, 1])), voter(1, 40n, vote(10, []))), []);
});

test("order of voters does not matter, and what is accepted has a majority behind its digest", () => {
  const anyVoter = fc.record({
    uid: fc.nat(20),
    stake: fc.bigInt({ min: 0n, max: 100n }),
    permit: fc.boolean(),
    silence: fc.nat(20),
    votes: fc.array(
      fc.record({
        window: fc.integer({ min: 6, max: 10 }),
        rulesDigest: fc.constantFrom(RULES, RULES, A),
        recordDigest: fc.constant(HEAD),
        acceptedUids: fc.uniqueArray(fc.nat(5)),
        thetaDigest: fc.constantFrom(A, B),
      }),
      { maxLength: 2 },
    ),
  });
  fc.assert(
    fc.property(fc.array(anyVoter, { maxLength: 6 }), (voters) => {
      const outcome = countVotes({ window: 10, rules: RULES, voters });
      assert.deepEqual(
        countVotes({ window: 10, rules: RULES, voters: voters.toReversed() }),
        outcome,
      );
      if (outcome.accepted.length > 0)
        assert.ok(2n * outcome.digestSixteenths > outcome.totalSixteenths);
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

test("an epoch gives what is pending and carried, or burns all of it, the owner's cut too", () => {
  // One epoch of ten blocks, as the pallet's tests have it.
  const pending = { owner: 1_799_954_220n, miners: 4_100_022_890n, validators: 4_100_022_890n };
  assert.deepEqual(epochPools(pending, 5n, true), {
    ...pending,
    miners: 4_100_022_895n,
    burned: 0n,
  });
  const nothing = { owner: 0n, miners: 0n, validators: 0n };
  assert.deepEqual(epochPools(pending, 0n, false), { ...nothing, burned: 10_000_000_000n });
  const amount = fc.bigInt({ min: 0n, max: 21_000_000_000_000_000n });
  const pendingSums = fc.record({ owner: amount, miners: amount, validators: amount });
  fc.assert(
    fc.property(pendingSums, amount, fc.boolean(), (sums, carried, has) => {
      const pools = epochPools(sums, carried, has);
      const all = pools.owner + pools.miners + pools.validators + pools.burned;
      assert.equal(all, sums.owner + sums.miners + sums.validators + carried);
      assert.ok(pools.burned === 0n || !has);
    }),
  );
});
