/** @file Synthetic data: a model that counts comes to the entropy that is told, and the bytes are the same everywhere. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { type Corpus, readCorpus } from "../../../src/data/corpus.ts";
import { describeReport } from "../../../src/data/report.ts";
import { SyntheticSource, syntheticRules } from "../../../src/data/synthetic.ts";
import { isAssayError } from "../../../src/errors.ts";
import { blake2b256 } from "../../../src/protocol/digest.ts";

const sources = fc
  .record({
    seed: fc.nat(1000),
    symbols: fc.integer({ min: 2, max: 40 }),
    branches: fc.integer({ min: 2, max: 7 }),
  })
  .map((rules) => new SyntheticSource(rules));

test("every symbol is followed by probabilities that sum to one, and is as frequent as any other", () => {
  fc.assert(
    fc.property(sources, (source) => {
      const { symbols, branches } = source.rules;
      const into = new Float64Array(symbols);
      const reached = new Set<number>([0]);
      for (const from of reached) for (const to of source.row(from).keys()) reached.add(to);
      for (let from = 0; from < symbols; from++) {
        let sum = 0;
        for (const [to, weight] of source.row(from)) {
          sum += weight;
          into[to] = (into[to] ?? 0) + weight;
        }
        assert.equal(sum, 2 ** (branches - 1));
      }
      // Columns that sum to one as well: the uniform distribution stays as it is.
      assert.ok(into.every((sum) => sum === 2 ** (branches - 1)));
      assert.equal(reached.size, symbols, "irreducible");
      assert.ok(source.entropy() <= Math.log(Math.min(symbols, 2 ** (branches - 1))) + 1e-12);
    }),
    { numRuns: 60 },
  );
});

test("the source draws with the probabilities that it tells", () => {
  fc.assert(
    fc.property(sources, (source) => {
      const { symbols, branches } = source.rules;
      const count = 30_000;
      const drawn = source.draw("test", count);
      const seen = new Map<string, number>();
      for (let at = 1; at < count; at++) {
        const pair = `${drawn[at - 1]} ${drawn[at]}`;
        seen.set(pair, (seen.get(pair) ?? 0) + 1);
      }
      let known = 0;
      let chi = 0;
      let cells = 0;
      const froms = new Float64Array(symbols);
      for (const symbol of drawn.subarray(0, -1)) froms[symbol] = (froms[symbol] ?? 0) + 1;
      for (let from = 0; from < symbols; from++)
        for (const [to, weight] of source.row(from)) {
          const times = seen.get(`${from} ${to}`) ?? 0;
          const expected = ((froms[from] ?? 0) * weight) / 2 ** (branches - 1);
          known += times;
          if (expected < 5) continue;
          chi += (times - expected) ** 2 / expected;
          cells += 1;
        }
      assert.equal(known, count - 1, "nothing else is drawn");
      // Six standard deviations of chi squared with at most `cells` degrees of freedom.
      assert.ok(chi < cells + 6 * Math.sqrt(2 * cells) + 10, `${chi} of ${cells}`);
    }),
    { numRuns: 15 },
  );
});

/** Mean loss, in nats, of a model that counts pairs in one half and predicts the other. */
function countModelLoss(symbols: Int32Array, kinds: number): number {
  const half = symbols.length >> 1;
  const pairs = new Float64Array(kinds * kinds);
  const totals = new Float64Array(kinds);
  for (let at = 1; at < half; at++) {
    const [from = 0, to = 0] = [symbols[at - 1], symbols[at]];
    pairs[from * kinds + to] = (pairs[from * kinds + to] ?? 0) + 1;
    totals[from] = (totals[from] ?? 0) + 1;
  }
  const prior = 0.01;
  let sum = 0;
  for (let at = half + 1; at < symbols.length; at++) {
    const [from = 0, to = 0] = [symbols[at - 1], symbols[at]];
    const count = pairs[from * kinds + to] ?? 0;
    sum -= Math.log((count + prior) / ((totals[from] ?? 0) + prior * kinds));
  }
  return sum / (symbols.length - half - 1);
}

test("the loss of a model that counts falls to the entropy and not below, as it sees more", () => {
  fc.assert(
    fc.property(sources, (source) => {
      const floor = source.entropy();
      const gaps = [2000, 20_000, 200_000].map(
        (count) =>
          countModelLoss(source.draw(`loss ${count}`, count), source.rules.symbols) - floor,
      );
      const last = gaps.at(-1) ?? 1;
      // Luck of 100,000 symbols: their log probabilities have a standard deviation below 2.
      assert.ok(Math.abs(last) < 0.03, `${last} above ${floor}`);
      assert.ok(last < Math.max(gaps[0] ?? 0, 0.03));
    }),
    { numRuns: 8 },
  );
});

test("entropy in closed form where it can be told by hand", () => {
  // Two symbols, two branches of 1/2: both permutations are the exchange, or one is the identity.
  for (let seed = 0; seed < 20; seed++) {
    const source = new SyntheticSource({ seed, symbols: 2, branches: 2 });
    const expected = source.row(0).size === 1 ? 0 : Math.log(2);
    assert.ok(Math.abs(source.entropy() - expected) < 1e-12);
  }
  // Without two branches that meet: 1/2, 1/4, 1/8, 1/8, so 1.75 bits.
  const wide = new SyntheticSource({ seed: 1, symbols: 60_000, branches: 4 });
  assert.ok(Math.abs(wide.entropy() / Math.LN2 - 1.75) < 1e-3);
});

const read = (folder: string): Promise<Corpus> =>
  readCorpus({ selection: "synthetic", folder, limitBytes: 64_000 });

test("as data: printable bytes of few symbols, tokens of many, the same on every machine", async () => {
  const bytes = await read("synthetic:seed=7");
  assert.equal(bytes.tokenBytes, 1);
  assert.deepEqual([bytes.training.length, bytes.heldOut.length], [62_000, 2000]);
  assert.match(Buffer.from(bytes.training).toString(), /^[ -_]+$/);
  assert.match(describeReport(bytes.report), /entropy 1\.\d{4} nats a token/);
  const many = await read("synthetic:seed=7,symbols=500,branches=3");
  assert.equal(many.tokenBytes, 2);
  assert.equal(many.vocabulary, 500);
  assert.deepEqual(
    [bytes, many].map(({ training }) => blake2b256(training)),
    [
      "0xb7bdc6b2150fc39ef91c10d040e649a701a0f1372f2a636ba8f5acef58ee729e",
      "0xb0c2697ccef395f801bab199adb94ed8fd85d67a832c250b2cb6e89e601da340",
    ],
  );
});

test("what is no source is refused in words", () => {
  const wrong = [
    "seed",
    "seed=x",
    "symbols=1",
    "branches=17",
    "states=3",
    "seed=-1",
    "symbols=70000",
  ];
  for (const one of wrong)
    assert.throws(
      () => syntheticRules(`synthetic:${one}`),
      (error) => isAssayError(error, "bad-option") && /synthetic:seed=1/.test(error.message),
      one,
    );
  assert.deepEqual(syntheticRules("synthetic:"), { seed: 1, symbols: 64, branches: 4 });
});
