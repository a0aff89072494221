/**
 * @file The main job on a small scale: a whole network runs, agrees, learns, pays exactly and as `subnet simulate` says, and leaves nothing
 * behind. ASSAY_AGREE_WINDOWS plays more windows.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { eventually } from "../support/eventually.ts";
import { livingWith, Observer, RunningLocalnet } from "../support/localnet.ts";
import { comparedPay, type Paid, paidOf } from "../support/simulated-pay.ts";
import { prose } from "../unit/data/text-folder.ts";

const WINDOWS = Number(process.env["ASSAY_AGREE_WINDOWS"] ?? "24");
const HONEST = 4;
const CHEATS = ["copy", "noise", "replay"];

const summarySchema = z.object({
  windows: z.number(),
  heldOutLoss: z.object({ start: z.number(), end: z.number() }),
  baselineLoss: z.number().nullable(),
  bytesPerUpdate: z.number(),
  denseBytes: z.number(),
  uids: z.array(
    z.object({
      uid: z.number(),
      role: z.enum(["owner", "validator", "miner"]),
      kind: z.string(),
      emission: z.string().regex(/^\d+$/),
      score: z.number().nullable(),
      verdict: z.string(),
    }),
  ),
  issued: z.string(),
  scheduled: z.string(),
  ledger: z.record(z.string(), z.string()),
  cheaterShare: z.number(),
  digestsEqual: z.literal(true),
  seconds: z.number(),
  peakRssBytes: z.number(),
  record: z.string(),
  missed: z.record(z.string(), z.number()),
  faults: z.array(z.string()),
});

/** The command on the line with this label, as a shell would split it. */
function printed(text: string, label: RegExp): string[] {
  const line = text.split("\n").find((one) => label.test(one)) ?? "";
  const words = line.slice(line.indexOf("npm run")).match(/'[^']*'|\S+/g) ?? [];
  assert.deepEqual(words.slice(0, 4), ["npm", "run", "subnet", "--"], line);
  return words.slice(4).map((word) => word.replaceAll("'", ""));
}

/** Runs `subnet` with words from a printed command. */
function subnet(words: readonly string[], cwd: string): { code: number | null; text: string } {
  const ended = spawnSync(process.execPath, [join(process.cwd(), "subnet/main.ts"), ...words], {
    cwd,
    encoding: "utf8",
  });
  return { code: ended.status, text: ended.stdout + ended.stderr };
}

const simulating = mkdtempSync(join(tmpdir(), "assay-agrees-"));
after(() => rmSync(simulating, { recursive: true, force: true }));
/** What miners were paid by the network of the first test. */
let paid: Paid | null = null;

test(`${WINDOWS} windows with three cheaters`, { timeout: 45 * 60_000 }, async (t) => {
  const net = new RunningLocalnet(["--windows", String(WINDOWS), "--json"]);
  t.after(() => rmSync(net.output, { recursive: true, force: true }));
  const code = await net.exited;
  assert.equal(code, 0, `${net.stderr}\n${net.stdout}`);
  const summary = summarySchema.parse(net.summary());
  t.diagnostic(JSON.stringify({ ...summary, uids: undefined }));
  assert.equal(summary.windows, WINDOWS);
  assert.ok(summary.heldOutLoss.end < summary.heldOutLoss.start - 1, "the model learned");
  assert.equal(summary.issued, summary.scheduled);
  const { paidNeuronsRao, paidOwnerRao, carriedRao, pendingRao, burnedRao } = summary.ledger;
  const parts = [paidNeuronsRao, paidOwnerRao, carriedRao, pendingRao, burnedRao].map((part) =>
    BigInt(part ?? "x"),
  );
  assert.equal(
    parts.reduce((sum, part) => sum + part, 0n),
    BigInt(summary.issued),
    "every rao is accounted for",
  );
  assert.ok(summary.cheaterShare < 0.05, `cheaters got ${summary.cheaterShare}`);
  assert.ok(summary.bytesPerUpdate * 50 < summary.denseBytes);
  assert.ok(summary.peakRssBytes < 8 * 2 ** 30, `peak ${summary.peakRssBytes}`);
  const miners = summary.uids.filter(({ role }) => role === "miner");
  paid = paidOf(miners.map(({ kind, emission }) => ({ kind, paid: Number(emission) })));
  const honest = summary.uids.filter((one) => one.kind === "honest");
  assert.equal(honest.length, HONEST);
  assert.ok(
    honest.every((one) => BigInt(one.emission) > 0n),
    "every honest miner was paid",
  );
  assert.equal(new Set(honest.map((one) => one.emission)).size, HONEST, "and each by what it did");
  for (const cheat of summary.uids.filter(({ kind }) => CHEATS.includes(kind)))
    assert.match(
      cheat.verdict,
      /^(copied|replayed|shared|loss-not-lowered|distrusted|below-floor|no-commitment)/,
      `${cheat.kind} is told why`,
    );
  assert.deepEqual(livingWith(net.output), [], "no process is left");
  assert.deepEqual(summary.missed, {}, "nobody honest was late");
  assert.deepEqual(summary.faults, []);
  const earned = summary.uids.reduce((sum, one) => sum + BigInt(one.emission), 0n);
  assert.equal(earned, BigInt(paidNeuronsRao ?? "x") + BigInt(paidOwnerRao ?? "x"));

  // What the summary prints runs as printed, on what is left of the run.
  const generated = subnet(printed(net.stderr, /write on with it/), net.output);
  assert.equal(generated.code, 0, generated.text);
  assert.match(generated.text, /export interface /);
  const exported = subnet(printed(net.stderr, /for transformers/), net.output);
  assert.equal(exported.code, 0, exported.text);
  assert.ok(existsSync(join(net.output, "model", "model.safetensors")));
  const again = subnet(["localnet", "resume", summary.record], net.output);
  assert.equal(again.code, 2, "only the record was kept");
  assert.match(again.text, /only its record was kept/);
});

test("every kind was paid what a simulation of the same subnet.toml says", async (t) => {
  assert.ok(paid !== null, "the network ran");
  const file = join(simulating, "subnet.toml");
  // What a demo of so many windows has, as a file.
  writeFileSync(file, `name = "agrees"\nwindows = ${WINDOWS}\n`);
  const played = { file, windows: WINDOWS, honest: HONEST, cheats: CHEATS };
  const { lines, apart } = await comparedPay(paid, played);
  for (const line of lines) t.diagnostic(line);
  assert.deepEqual(apart, []);
});

test(
  "Ctrl-C says what it does, and ends a run of one's own subnet.toml with a summary in ten seconds",
  { timeout: 180_000 },
  async (t) => {
    const home = mkdtempSync(join(tmpdir(), "assay-own-"));
    mkdirSync(join(home, "texts"));
    writeFileSync(join(home, "texts", "book.txt"), prose(1, 400_000));
    writeFileSync(
      join(home, "subnet.toml"),
      `name = "own"
[data]
folder = ${JSON.stringify(join(home, "texts"))}
[model]
layers = 1
width = 32
hidden = 64
[phases]
train = 5
[localnet]
miners = 1
attack = "none"
`,
    );
    const net = new RunningLocalnet(["--config", join(home, "subnet.toml"), "--json"]);
    t.after(() => {
      rmSync(net.output, { recursive: true, force: true });
      rmSync(home, { recursive: true, force: true });
    });
    const observer = await Observer.connect(await net.nodes());
    await observer.reached("validator-1", 2, 60_000);
    await observer.close();
    assert.match(net.stderr, /own, as .*subnet\.toml says\n {2}2 validators, 1 honest miners/);
    assert.ok(net.firstWordsMs < 3000, `first words after ${net.firstWordsMs} ms`);
    net.child.kill("SIGINT");
    const stoppedAt = performance.now();
    assert.equal(await net.exited, 0);
    const tookMs = performance.now() - stoppedAt;
    t.diagnostic(
      `first words ${net.firstWordsMs.toFixed(0)} ms, Ctrl-C to the end ${tookMs.toFixed(0)} ms`,
    );
    assert.ok(tookMs < 10_000);
    assert.match(net.stderr, /Stopping: the window ends, then the summary, in about ten seconds/);
    const { windows, digestsEqual, denseBytes } = z
      .object({ windows: z.number(), digestsEqual: z.boolean(), denseBytes: z.number() })
      .parse(net.summary());
    assert.ok(windows >= 2 && windows < 60);
    assert.equal(digestsEqual, true);
    assert.ok(denseBytes < 120_000, "the model of the file");
    assert.deepEqual(livingWith(net.output), [], "no process is left");
  },
);

test(
  "a second Ctrl-C ends at once, and leaves no process behind",
  { timeout: 120_000 },
  async (t) => {
    const net = new RunningLocalnet(["--miners", "1", "--attack", "none"]);
    t.after(() => rmSync(net.output, { recursive: true, force: true }));
    await net.nodes();
    net.child.kill("SIGINT");
    // Not later: a network that has trained nothing may have ended in order by then.
    await eventually("the first is heard", () => net.stdout.includes("Stopping: "));
    const stoppedAt = performance.now();
    net.child.kill("SIGINT");
    assert.equal(await net.exited, 130);
    assert.ok(performance.now() - stoppedAt < 1000);
    assert.match(net.stdout, /Ended at once, without a summary/);
    await sleep(500);
    assert.deepEqual(livingWith(net.output), []);
  },
);
