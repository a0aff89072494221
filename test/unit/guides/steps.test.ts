/** @file Steps of guides: every guide reads as steps that have a promise, and a comment that would be passed over fails. */
import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { PROMISES } from "../../guides/promises.ts";
import { stepsOf } from "../../guides/steps.ts";

const GUIDES = fileURLToPath(new URL("../../../docs/guides/", import.meta.url));
const block = (...lines: readonly string[]): string => ["```sh", ...lines, "```"].join("\n");

test("each kind of line is the step that it says", () => {
  const text = block(
    "npm run miner -- balance",
    'npm start   # leave it running; go on when it says "page: "',
    "npm run miner -- --wallet bob   # leave it running",
    "npm ci   # needs the npm registry",
    "npm run check   # ends with exit code 1",
    '# wait until the miner says "earned"',
    "# Ctrl-C in the terminal of the network",
    "RUN=$(ls -d build/* | tail -1)",
    "export BT_WALLET_NAME=alice",
    "ASSAY_SCORER=a.ts npm start",
  );
  assert.deepEqual(stepsOf(`words\n\n    indented\n\n${text}\n`), [
    { line: 6, kind: "run", command: "npm run miner -- balance", code: 0 },
    { line: 7, kind: "start", command: "npm start", ready: "page: " },
    { line: 8, kind: "start", command: "npm run miner -- --wallet bob", ready: null },
    { line: 9, kind: "elsewhere", command: "npm ci", why: "the npm registry" },
    { line: 10, kind: "run", command: "npm run check", code: 1 },
    { line: 11, kind: "wait", who: "miner", text: "earned" },
    { line: 12, kind: "stop", who: "network" },
    { line: 13, kind: "set", name: "RUN", value: "$(ls -d build/* | tail -1)" },
    { line: 14, kind: "set", name: "BT_WALLET_NAME", value: "alice" },
    { line: 15, kind: "run", command: "ASSAY_SCORER=a.ts npm start", code: 0 },
  ]);
});

test("a comment that is no step is refused, alone and beside a command", () => {
  assert.throws(() => stepsOf(block("# wait for the miner")), /line 2: a comment that is no step/);
  assert.throws(() => stepsOf(block("npm start   # leave it runing")), /line 2: a comment/);
  assert.throws(() => stepsOf("```sh\nnpm start"), /never ends/);
});

for (const name of readdirSync(GUIDES))
  test(`${name} is followed by npm run test:guides`, () => {
    const text = readFileSync(`${GUIDES}${name}`, "utf8");
    assert.ok(stepsOf(text).length > 2);
    assert.ok(name.replace(/\.md$/, "") in PROMISES, "no promise");
    assert.match(text, /^## What you have$/m);
    // Outside a block of sh nothing would run.
    assert.doesNotMatch(text, /^(?: {4}|\t)npm /m);
  });
