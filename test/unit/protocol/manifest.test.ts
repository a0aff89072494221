/** @file Manifests: what is read back, and what is refused with which field named. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import * as fc from "fast-check";
import { isAssayError } from "../../../src/errors.ts";
import { blake2b256 } from "../../../src/protocol/digest.ts";
import { type RunManifest } from "../../../src/protocol/manifest.ts";
import {
  encodeManifest,
  MAXIMUM_MANIFEST_BYTES,
  parseManifest,
} from "../../../src/protocol/manifest-file.ts";
import { EXAMPLE_MANIFEST } from "./example-manifest.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function refusal(bytes: Uint8Array): string {
  try {
    parseManifest(bytes);
  } catch (error) {
    assert.ok(isAssayError(error, "manifest-invalid"), String(error));
    return error.message;
  }
  return assert.fail("it was accepted");
}

function refusalOf(change: (manifest: Record<string, unknown>) => void): string {
  const value: Record<string, unknown> = structuredClone(EXAMPLE_MANIFEST);
  change(value);
  return refusal(utf8(JSON.stringify(value)));
}

test("a manifest reads back as it was written, and the run id is the digest of its bytes", () => {
  const bytes = encodeManifest(EXAMPLE_MANIFEST);
  const { manifest, runId } = parseManifest(bytes);
  assert.deepEqual(manifest, EXAMPLE_MANIFEST);
  assert.equal(runId, blake2b256(bytes));
  const spaced = utf8(JSON.stringify(EXAMPLE_MANIFEST, null, 2));
  assert.deepEqual(parseManifest(spaced).manifest, EXAMPLE_MANIFEST);
  assert.notEqual(parseManifest(spaced).runId, runId);
});

test("the order of keys does not change the encoding", () => {
  const reversed = Object.fromEntries(Object.entries(EXAMPLE_MANIFEST).toReversed());
  const { manifest } = parseManifest(utf8(JSON.stringify(reversed)));
  assert.deepEqual(encodeManifest(manifest), encodeManifest(EXAMPLE_MANIFEST));
});

function unsupported(format: string): string {
  try {
    parseManifest(utf8(JSON.stringify({ ...EXAMPLE_MANIFEST, format })));
  } catch (error) {
    assert.ok(isAssayError(error, "run-unsupported"), String(error));
    return error.message;
  }
  return assert.fail("it was accepted");
}

const CONFLICTS: readonly [string, Partial<RunManifest>][] = [
  ["deadlineOffset", { deadlineOffset: 3 }],
  ["deadlineOffset", { deadlineOffset: 6 }],
  ["finalityLag", { finalityLag: 5 }],
  ["startBlock", { startBlock: 2, finalityLag: 3 }],
  ["codec.k", { codec: { k: 5000, chunk: 4096 } }],
  ["data.pages", { data: { ...EXAMPLE_MANIFEST.data, pages: 256, pagesPerWindow: 193 } }],
  ["data.noisePages", { data: { ...EXAMPLE_MANIFEST.data, pages: 255 } }],
  [
    "evaluation.ownSequences",
    { evaluation: { ownSequences: 65, noiseSequences: 32, factor: 0.2 } },
  ],
  [
    "evaluation.noiseSequences",
    { evaluation: { ownSequences: 8, noiseSequences: 129, factor: 1 } },
  ],
  ["model.heads", { model: { ...EXAMPLE_MANIFEST.model, heads: 3, keyValueHeads: 3 } }],
  ["model.keyValueHeads", { model: { ...EXAMPLE_MANIFEST.model, heads: 4, keyValueHeads: 3 } }],
  [
    "model.keyValueHeads",
    { model: { ...EXAMPLE_MANIFEST.model, architecture: "gpt2", keyValueHeads: 1 } },
  ],
  ["model.width", { model: { ...EXAMPLE_MANIFEST.model, width: 66, heads: 2 } }],
  ["model.vocabulary", { model: { ...EXAMPLE_MANIFEST.model, vocabulary: 255 } }],
  ["inner.minimumLearningRate", { inner: { ...EXAMPLE_MANIFEST.inner, minimumLearningRate: 0.1 } }],
  ["inner.warmupSteps", { inner: { ...EXAMPLE_MANIFEST.inner, warmupSteps: 601 } }],
  ["inner.momentum", { inner: { ...EXAMPLE_MANIFEST.inner, optimizer: "muon" } }],
  ["inner.momentum", { inner: { ...EXAMPLE_MANIFEST.inner, momentum: 0.9 } }],
  ["inner.decaySteps", { inner: { ...EXAMPLE_MANIFEST.inner, schedule: "wsd" } }],
  ["inner.decaySteps", { inner: { ...EXAMPLE_MANIFEST.inner, schedule: "flat", decaySteps: 9 } }],
  ["inner.decaySteps", { inner: { ...EXAMPLE_MANIFEST.inner, schedule: "wsd", decaySteps: 561 } }],
  ["outer.momentum", { outer: { ...EXAMPLE_MANIFEST.outer, momentum: 0 } }],
  ["outer.momentum", { outer: { alpha: 0.01, mean: "all", optimizer: "demo", momentum: 0.9 } }],
  ["outer.momentum", { outer: { ...EXAMPLE_MANIFEST.outer, optimizer: "diloco" } }],
  ["codec.k", { outer: { ...EXAMPLE_MANIFEST.outer, optimizer: "diloco", momentum: 0.9 } }],
  ["outer.alpha", { outer: { ...EXAMPLE_MANIFEST.outer, optimizer: "demo" } }],
  ["windows", { windows: 2 ** 32 - 1 }],
  ["retention.payloadWindows", { retention: { payloadWindows: 23, recordWindows: 0 } }],
  ["retention.recordWindows", { retention: { payloadWindows: 24, recordWindows: 23 } }],
  [
    "retention.recordWindows",
    {
      checkpointEveryWindows: 1,
      scoring: { ...EXAMPLE_MANIFEST.scoring, overlapWindows: 20 },
      retention: { payloadWindows: 28, recordWindows: 27 },
    },
  ],
];

for (const [field, change] of CONFLICTS) {
  test(`impossible values are refused: ${field} ${JSON.stringify(change).slice(0, 60)}`, () => {
    const message = refusalOf((value) => Object.assign(value, change));
    assert.ok(message.includes(`${field}: `), message);
    assert.throws(() => encodeManifest({ ...EXAMPLE_MANIFEST, ...change }), /manifest-invalid/);
  });
}

test("three quarters of the pages may be one miner's, and sixteen a noise page are enough", () => {
  const data = { ...EXAMPLE_MANIFEST.data, pages: 256, pagesPerWindow: 192 };
  encodeManifest({ ...EXAMPLE_MANIFEST, data });
});

test("what every optimiser and schedule needs is enough, and has one spelling", () => {
  const { inner, outer } = EXAMPLE_MANIFEST;
  const changes: readonly Partial<RunManifest>[] = [
    { inner: { ...inner, optimizer: "muon", momentum: 0.95 } },
    { inner: { ...inner, schedule: "flat" } },
    { inner: { ...inner, schedule: "wsd", decaySteps: 560 } },
    { outer: { ...outer, alpha: 0.1, optimizer: "demo" } },
    {
      outer: { ...outer, optimizer: "diloco", momentum: 0 },
      codec: { k: 4096, chunk: 4096 },
    },
  ];
  for (const change of changes) {
    const manifest = { ...EXAMPLE_MANIFEST, ...change };
    assert.deepEqual(parseManifest(encodeManifest(manifest)).manifest, manifest);
  }
  // The defaults go without saying.
  for (const [part, key, word] of [
    ["inner", "optimizer", "adamw"],
    ["inner", "schedule", "cosine"],
    ["outer", "optimizer", "sparseloco"],
  ] as const)
    assert.match(
      refusalOf((value) =>
        Object.assign(value, { [part]: { ...EXAMPLE_MANIFEST[part], [key]: word } }),
      ),
      new RegExp(`${part}.${key}`),
    );
});

test("payloads and records are kept for as long as nodes need them, or for ever", () => {
  for (const kept of [0, 24, 1000])
    encodeManifest({
      ...EXAMPLE_MANIFEST,
      retention: { payloadWindows: kept, recordWindows: kept },
    });
});

test("a manifest of another release is told from a damaged one, and says what to do", () => {
  assert.match(unsupported("assay/run/2"), /assay\/run\/2.*assay\/run\/3.*publish a run of this/s);
  assert.match(unsupported("assay/run/4"), /assay\/run\/4.*assay\/run\/3.*Update Assay/s);
});

test("unknown, missing, mistyped and hostile fields are refused", () => {
  assert.match(
    refusalOf((value) => Object.assign(value, { surprise: 1 })),
    /surprise/,
  );
  assert.match(
    refusalOf((value) => delete value["name"]),
    /name/,
  );
  assert.match(
    refusalOf((value) => Object.assign(value, { windows: "60" })),
    /windows/,
  );
  assert.match(
    refusalOf((value) => Object.assign(value, { windows: 1.5 })),
    /windows/,
  );
  assert.match(
    refusalOf((value) => Object.assign(value, { genesisCheckpoint: "0xAB" })),
    /genesis/,
  );
  const text = JSON.stringify(EXAMPLE_MANIFEST);
  refusal(utf8(text.replace("{", '{"__proto__":{"polluted":1},')));
  refusal(utf8(`\u{feff}${text}`));
  refusal(utf8("null"));
  refusal(Uint8Array.of(0xff, 0xfe));
  refusal(new Uint8Array(MAXIMUM_MANIFEST_BYTES + 1).fill(32));
  assert.match(refusal(utf8("{}")), /and \d+ more/);
});

test("no bytes crash the parser, and what it accepts it can write", () => {
  const bytes = encodeManifest(EXAMPLE_MANIFEST);
  const mutation = fc.record({ at: fc.nat(bytes.length - 1), byte: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
      const mutated = bytes.slice();
      for (const { at, byte } of mutations) mutated[at] = byte;
      try {
        const { manifest } = parseManifest(mutated);
        assert.deepEqual(parseManifest(encodeManifest(manifest)).manifest, manifest);
      } catch (error) {
        // One byte makes its protocol another release's.
        const codes = ["manifest-invalid", "run-unsupported"] as const;
        assert.ok(
          codes.some((code) => isAssayError(error, code)),
          String(error),
        );
      }
    }),
    { numRuns: 1000, examples: [[[{ at: 339, byte: 49 }]]] },
  );
});
