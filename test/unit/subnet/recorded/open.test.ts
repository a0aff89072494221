/** @file What cannot be audited is refused in one sentence, and nothing is started for it. */
import { strict as assert } from "node:assert";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Lifecycle } from "../../../../src/command/lifecycle.ts";
import { isAssayError } from "../../../../src/errors.ts";
import { openRun } from "../../../../subnet/recorded/open.ts";
import { auditOptions } from "../../../../subnet/recorded/options.ts";

const folder = mkdtempSync(join(tmpdir(), "assay-open-"));
after(() => rmSync(folder, { recursive: true, force: true }));

async function refusal(
  options: Readonly<Record<string, unknown>>,
  part: "cause" | "next" = "cause",
): Promise<string> {
  const lifecycle = new Lifecycle();
  try {
    await openRun(auditOptions.parse(options), { lifecycle, step: () => undefined });
  } catch (error) {
    assert.ok(isAssayError(error), String(error));
    return `${error.fault.code}: ${error.explanation[part]}`;
  } finally {
    await lifecycle.close();
  }
  return assert.fail("it was opened");
}

test("nothing named, no such folder, no run in it", async () => {
  assert.match(await refusal({}), /^bad-option: .*--netuid/);
  assert.match(await refusal({ run: join(folder, "none") }), /^bad-option: there is no folder/i);
  assert.match(await refusal({ run: folder }), /^bad-option: .*holds no run/);
  assert.match(await refusal({ run: "ws://127.0.0.1:1" }), /^bad-option: .*--netuid/);
});

test("a folder without its chain, its genesis, or with what is no run file", async () => {
  const place = join(folder, "run");
  mkdirSync(place);
  writeFileSync(join(place, "localnet.json"), "{}");
  assert.match(await refusal({ run: place }), /^run-damaged: .*localnet\.json/);
  const run = { runId: `0x${"11".repeat(32)}`, netuid: 1, port: 9944, miners: 1, validators: 1 };
  const more = { format: "assay/localnet/1", attack: "none", blockMs: 100, device: "cpu" };
  writeFileSync(join(place, "localnet.json"), JSON.stringify({ ...run, ...more }));
  assert.match(await refusal({ run: place }), /^run-damaged: .*chain\.sqlite is missing/);
  writeFileSync(join(place, "chain.sqlite"), "");
  assert.match(await refusal({ run: place }), /^run-damaged: .*genesis\.json/);
});

test("a native chain's run is read at an endpoint: the words say which command does that", async () => {
  const place = join(folder, "native");
  mkdirSync(place);
  const run = { runId: `0x${"11".repeat(32)}`, netuid: 7, port: 9944, miners: 1, validators: 1 };
  const more = { format: "assay/localnet/1", attack: "none", blockMs: 2000, device: "cpu" };
  const file = { ...run, ...more, chain: "native" };
  writeFileSync(join(place, "localnet.json"), JSON.stringify(file));
  assert.match(await refusal({ run: place }), /^bad-option: .*native one/);
  const next = await refusal({ run: place }, "next");
  assert.match(next, /: subnet audit --endpoint URL --netuid 7/);
  // With the folder the endpoint is not looked at; both options that the words name are the command's.
  const named = { endpoint: "ws://127.0.0.1:1", netuid: 7 };
  assert.match(await refusal({ run: place, ...named }), /^bad-option: .*native one/);
  assert.equal(auditOptions.parse(named).netuid, 7);
});
