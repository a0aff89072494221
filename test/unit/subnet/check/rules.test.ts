/** @file Every rule of `subnet check` can be tripped, what it advises lifts it, and what passes yields a manifest. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { encodeManifest, parseManifest } from "../../../../src/protocol/manifest-file.ts";
import { CONFIG_KEYS } from "../../../../subnet/config/keys.ts";
import { repairOf, setText } from "../../../../subnet/check/repair.ts";
import type { Finding, Level } from "../../../../subnet/check/rule.ts";
import { judge, RULES } from "../../../../subnet/check/rules.ts";
import { changed, configWith, type Machine, subjectWith } from "./subjects.ts";

/** A rule, the least change that trips it, how badly, and whether it knows a way out. */
type Case = {
  readonly rule: string;
  readonly level: Exclude<Level, "ok">;
  readonly set: readonly string[];
  readonly machine?: Machine;
  readonly works?: false;
};

const CASES: readonly Case[] = [
  { rule: "finality", level: "warning", set: ["phases.finalityLag=3"] },
  {
    rule: "measured finality",
    level: "refused",
    set: [],
    machine: { finality: { blocks: 20, blockMs: 250, lag: 2 } },
  },
  {
    rule: "measured finality",
    level: "refused",
    set: ["phases.finalityLag=2"],
    machine: { finality: { blocks: 20, blockMs: 250, lag: 2 } },
  },
  {
    rule: "measured finality",
    level: "refused",
    set: ["phases.finalityLag=5", "phases.commit=8", "phases.deadlineOffset=9", "phases.judge=4"],
    machine: { finality: { blocks: 20, blockMs: 250, lag: 4 } },
  },
  { rule: "second try", level: "warning", set: ["phases.deadlineOffset=4"] },
  { rule: "second try", level: "warning", set: ["phases.commit=1"] },
  { rule: "step time", level: "refused", set: [], machine: { stepMs: 200 } },
  { rule: "step time", level: "warning", set: [], machine: { stepMs: 80 } },
  {
    rule: "step time",
    level: "refused",
    set: ["phases.commit=4", "phases.deadlineOffset=5"],
    machine: { stepMs: 200 },
  },
  {
    rule: "upload",
    level: "refused",
    set: ["model.preset=10m", "codec.k=4096"],
    machine: { uplinkMbps: 10 },
  },
  { rule: "upload", level: "warning", set: ["model.preset=10m"] },
  { rule: "download", level: "warning", set: ["model.preset=1m"], machine: { neurons: 200 } },
  { rule: "gate time", level: "refused", set: [], machine: { lossesPerSecond: 100 } },
  { rule: "gate time", level: "warning", set: [], machine: { lossesPerSecond: 800 } },
  { rule: "score time", level: "refused", set: [], machine: { lossesPerSecond: 400 } },
  { rule: "score time", level: "warning", set: [], machine: { lossesPerSecond: 700 } },
  { rule: "data", level: "refused", set: [], machine: { dataFault: "it is gone" }, works: false },
  { rule: "pages", level: "refused", set: [], machine: { trainingBytes: 50_000 } },
  { rule: "pages", level: "warning", set: [], machine: { trainingBytes: 900_000 } },
  { rule: "pages", level: "warning", set: [], machine: { trainingBytes: 150_000 }, works: false },
  {
    rule: "held-out text",
    level: "refused",
    set: [],
    machine: { heldOutBytes: 4095 },
    works: false,
  },
  { rule: "passes", level: "warning", set: ["inner.steps=4"] },
  { rule: "passes", level: "warning", set: ["inner.steps=100"] },
  {
    rule: "model size",
    level: "refused",
    set: ["model.width=8192", "model.layers=100"],
    works: false,
  },
  { rule: "memory", level: "refused", set: ["model.preset=10m"], machine: { memoryBytes: 1.5e9 } },
  { rule: "memory", level: "warning", set: ["model.preset=10m"], machine: { memoryBytes: 2e9 } },
  { rule: "coverage", level: "warning", set: ["windows=12"] },
  { rule: "outer steps", level: "warning", set: ["windows=20", "inner.steps=30"] },
  { rule: "learning rate", level: "warning", set: ["inner.learningRate=0.1"] },
  { rule: "learning rate", level: "warning", set: ["inner.learningRate=0.0001"] },
  { rule: "schedule", level: "warning", set: ["inner.totalSteps=100"] },
  { rule: "schedule", level: "warning", set: ["inner.totalSteps=6000"] },
  { rule: "evaluation size", level: "warning", set: ["evaluation.ownSequences=8"] },
  { rule: "evaluation size", level: "warning", set: ["evaluation.noiseSequences=8"] },
  { rule: "overlap", level: "refused", set: ["codec.k=2048"] },
  { rule: "overlap", level: "warning", set: ["codec.k=700"] },
  { rule: "old work", level: "warning", set: ["scoring.overlapWindows=0"] },
  {
    rule: "manifest scoring.credit.voteTrust",
    level: "refused",
    set: ["credit.voteTrust=0.2"],
  },
  {
    rule: "manifest scoring.credit.oddsStart",
    level: "refused",
    set: ["credit.oddsStart=4"],
  },
  {
    rule: "trust",
    level: "warning",
    set: ["scoring.mode=published", "scoring.trustThreshold=0"],
  },
  { rule: "trust", level: "warning", set: ["scoring.mode=published", "windows=10"] },
  { rule: "newcomers", level: "warning", set: ["windows=5"] },
  { rule: "newcomers", level: "warning", set: ["windows=20", "credit.oddsRise=0.1"] },
  { rule: "distrust", level: "warning", set: ["credit.voteTrust=0"] },
  { rule: "floor", level: "warning", set: ["credit.floor=0"] },
  { rule: "commitments", level: "refused", set: ["chain.tempo=1000"] },
  { rule: "commitments", level: "warning", set: ["chain.tempo=200"] },
  { rule: "epochs", level: "refused", set: ["windows=4", "chain.tempo=49"] },
  { rule: "epochs", level: "warning", set: ["windows=40", "chain.tempo=240"] },
  { rule: "activity", level: "refused", set: ["phases.train=400", "chain.tempo=12"] },
  { rule: "weights", level: "warning", set: ["chain.weightsRateLimit=100"] },
  { rule: "immunity", level: "refused", set: ["chain.immunityPeriod=30"] },
  { rule: "immunity", level: "warning", set: ["chain.immunityPeriod=80"] },
  {
    rule: "immunity",
    level: "warning",
    set: ["scoring.mode=published", "chain.immunityPeriod=100"],
  },
  { rule: "permits", level: "warning", set: ["chain.maximumValidators=256"] },
  { rule: "manifest deadlineOffset", level: "refused", set: ["phases.deadlineOffset=3"] },
  { rule: "manifest deadlineOffset", level: "refused", set: ["phases.deadlineOffset=6"] },
  { rule: "manifest finalityLag", level: "refused", set: ["phases.finalityLag=5"] },
  { rule: "manifest codec.k", level: "refused", set: ["codec.k=5000"] },
  {
    rule: "manifest data.pages",
    level: "refused",
    set: ["data.pagesPerWindow=80"],
    machine: { trainingBytes: 50_000 },
  },
  {
    rule: "manifest data.noisePages",
    level: "refused",
    set: [],
    machine: { trainingBytes: 50_000 },
  },
  {
    rule: "manifest retention.payloadWindows",
    level: "refused",
    set: ["retention.payloadWindows=23"],
  },
  {
    rule: "manifest retention.recordWindows",
    level: "refused",
    set: ["retention.recordWindows=10", "checkpoint.everyWindows=4"],
  },
  {
    rule: "manifest evaluation.ownSequences",
    level: "refused",
    set: ["evaluation.ownSequences=65"],
  },
  {
    rule: "manifest evaluation.noiseSequences",
    level: "refused",
    set: ["evaluation.noiseSequences=65"],
  },
  {
    rule: "manifest model.heads",
    level: "refused",
    set: ["model.heads=3", "model.keyValueHeads=3"],
  },
  { rule: "manifest model.keyValueHeads", level: "refused", set: ["model.keyValueHeads=3"] },
  {
    rule: "manifest model.width",
    level: "refused",
    set: ["model.width=66", "model.heads=2", "model.keyValueHeads=2"],
  },
  { rule: "manifest model.vocabulary", level: "refused", set: ["model.vocabulary=255"] },
  {
    rule: "manifest inner.minimumLearningRate",
    level: "refused",
    set: ["inner.minimumLearningRate=0.1"],
  },
  { rule: "manifest inner.warmupSteps", level: "refused", set: ["inner.warmupSteps=601"] },
  { rule: "manifest windows", level: "refused", set: ["windows=4294967295"] },
];

const RANK: Readonly<Record<Level, number>> = { ok: 0, warning: 1, refused: 2 };

function worstOf(findings: readonly Finding[], rule: string): Finding | undefined {
  return findings.find((finding) => finding.rule === rule);
}

test("the default configuration passes without a warning on a machine that is fast enough", () => {
  const findings = judge(subjectWith([]));
  assert.deepEqual(
    findings.filter(({ level }) => level !== "ok"),
    [],
  );
  // One rule has nothing to go by in mode credit, one looks at every conflict of the manifest.
  assert.equal(findings.length, RULES.length);
});

for (const { rule, level, set, machine = {}, works } of CASES) {
  const where = [
    ...set,
    ...Object.entries(machine).map(([key, value]) => `${key} ${JSON.stringify(value)}`),
  ];
  test(`${rule}: ${level} under ${where.join(", ")}, and its advice lifts it`, () => {
    const found = worstOf(judge(subjectWith(set, machine)), rule);
    assert.equal(found?.level, level, JSON.stringify(found));
    assert.equal(found.works.length > 0, works !== false, JSON.stringify(found));
    for (const changes of found.works) {
      const after = worstOf(judge(changed(set, changes, machine)), rule);
      const rank = after === undefined ? 0 : RANK[after.level];
      assert.ok(rank < RANK[level], `${JSON.stringify(changes)}: ${JSON.stringify(after)}`);
    }
  });
}

test("every rule has a case, and every finding names a key of subnet.toml", () => {
  const tripped = new Set(CASES.map(({ rule }) => rule));
  assert.deepEqual(
    RULES.map(({ rule }) => rule).filter((rule) => !tripped.has(rule)),
    [],
  );
  const paths = new Set(CONFIG_KEYS.map(({ path }) => path));
  for (const { set, machine } of CASES)
    for (const { key, works } of judge(subjectWith(set, machine))) {
      assert.ok(paths.has(key), key);
      for (const change of works.flat()) assert.ok(paths.has(change.key), change.key);
    }
});

test("what was not measured is not judged", () => {
  const { config, facts } = subjectWith([]);
  const rest = { neurons: 16, uplinkMbps: 110, memoryBytes: 8e9 };
  const measured = { engine: null, data: null, dataFault: null, finality: null, ...rest };
  const rules = new Set(judge({ config, facts, measured }).map(({ rule }) => rule));
  for (const rule of ["measured finality", "step time", "gate time", "score time", "data", "pages"])
    assert.ok(!rules.has(rule), rule);
  assert.ok(rules.has("upload"));
});

/** A few values of a few keys, some of them bad. */
const sets = fc
  .record(
    {
      windows: fc.constantFrom(0, 1, 12, 60, 5000),
      "model.preset": fc.constantFrom("nano", "1m"),
      "model.heads": fc.constantFrom(2, 4, 3),
      "model.width": fc.constantFrom(64, 66, 128),
      "model.context": fc.constantFrom(32, 64, 256),
      "phases.train": fc.integer({ min: 1, max: 40 }),
      "phases.commit": fc.integer({ min: 1, max: 4 }),
      "phases.reveal": fc.integer({ min: 1, max: 4 }),
      "phases.judge": fc.integer({ min: 1, max: 40 }),
      "phases.deadlineOffset": fc.integer({ min: 0, max: 40 }),
      "phases.finalityLag": fc.integer({ min: 0, max: 8 }),
      "phases.blockMs": fc.constantFrom(50, 250, 12_000),
      "data.sequencesPerPage": fc.integer({ min: 1, max: 16 }),
      "data.pagesPerWindow": fc.integer({ min: 1, max: 64 }),
      "data.noisePages": fc.integer({ min: 1, max: 64 }),
      "evaluation.ownSequences": fc.integer({ min: 1, max: 100 }),
      "evaluation.noiseSequences": fc.integer({ min: 1, max: 100 }),
      "inner.steps": fc.integer({ min: 1, max: 60 }),
      "inner.warmupSteps": fc.integer({ min: 0, max: 1000 }),
      "inner.minimumLearningRate": fc.constantFrom(0, 0.001, 0.1),
      "codec.k": fc.constantFrom(16, 64, 256, 5000),
      "chain.tempo": fc.constantFrom(1, 12, 360, 5000),
      "chain.immunityPeriod": fc.constantFrom(0, 100, 5000),
    },
    { requiredKeys: [] },
  )
  .chain((record) => fc.subarray(Object.entries(record), { maxLength: 4 }))
  .map((entries) => entries.map(([key, value]) => `${key}=${value}`));
const machines = fc.record(
  {
    stepMs: fc.constantFrom(1, 10, 500),
    lossesPerSecond: fc.constantFrom(10, 2000, 20_000),
    neurons: fc.constantFrom(1, 10, 300),
    uplinkMbps: fc.double({ min: 1, max: 1000, noNaN: true }),
    trainingBytes: fc.integer({ min: 0, max: 8_388_608 }),
    finality: fc.constantFrom(null, { blocks: 20, blockMs: 250, lag: 3 }),
  },
  { requiredKeys: [] },
);

test("what passes yields a manifest that parses; what is refused for the manifest does not", () => {
  let passed = 0;
  fc.assert(
    fc.property(sets, machines, (set, machine) => {
      const subject = subjectWith(set, machine);
      const findings = judge(subject);
      const bad = findings.filter(({ level }) => level === "refused");
      const { manifest } = subject.facts;
      if (bad.some(({ rule }) => rule.startsWith("manifest"))) {
        assert.throws(() => encodeManifest(manifest), /manifest-invalid/);
        return;
      }
      assert.deepEqual(parseManifest(encodeManifest(manifest)).manifest, manifest);
      if (bad.length === 0) passed++;
    }),
    { numRuns: 1500 },
  );
  assert.ok(passed > 5, `only ${passed} passed: the property says nothing`);
});

test("when all advice is taken together nothing is refused", () => {
  let repaired = 0;
  fc.assert(
    fc.property(sets, machines, (set, machine) => {
      const subject = subjectWith(set, machine);
      const repair = repairOf(subject, (changes) => configWith([...set, ...changes.map(setText)]));
      if (repair === null) return;
      const after = judge(changed(set, repair, machine));
      assert.deepEqual(
        after.filter(({ level }) => level === "refused"),
        [],
      );
      if (repair.length > 0) repaired++;
    }),
    { numRuns: 500 },
  );
  assert.ok(repaired > 50, `only ${repaired} were repaired`);
});
