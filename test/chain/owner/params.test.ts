/** @file `subnet params` and `subnet status` on a real chain, and how one run gives way to the next. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { rulesDigest } from "../../../src/protocol/rules.ts";
import { diffParameters } from "../../../subnet/params/diff.ts";
import { getParameters } from "../../../subnet/params/get.ts";
import { diffOptions, getOptions } from "../../../subnet/params/options.ts";
import { statusOptions } from "../../../subnet/status/options.ts";
import { showStatus } from "../../../subnet/status/status.ts";
import { published } from "../../unit/protocol/example-manifest.ts";
import { Commands, faultOf } from "./commands.ts";
import { openWorld, paper, TOML, type World } from "./world.ts";

let world: World;
let commands: Commands;
before(async () => {
  world = await openWorld(TOML);
  commands = new Commands(world);
  const owner = await world.wallet("owner", 1000n);
  await world.wallet("other", 10n);
  await commands.create({ yes: true });
  const identity = { name: "mini", additional: "site=x" };
  await world.client.setSubnetIdentity(owner.coldkey, 1, identity);
  await commands.publish({ startIn: 12 });
  await world.sealTo((await commands.manifestOf((await commands.named()).runId)).startBlock + 20);
});
after(async () => world.close());

/** The screen of `subnet status`, and the codes of what it finds wrong. */
async function status(): Promise<{ readonly text: string; readonly problems: readonly string[] }> {
  const [screen, json] = [paper(), paper()];
  const options = { ...commands.looking, walletFolder: world.walletFolder };
  await showStatus(statusOptions.parse(options), screen.parts);
  await showStatus(statusOptions.parse({ ...options, json: true }), json.parts);
  const { problems } = JSON.parse(json.text());
  return {
    text: screen.text(),
    problems: problems.map(({ code }: { code: string }) => code),
  };
}

describe("subnet params and status", () => {
  it("set keeps comments; diff tells rules from the rest; push switches every node in one window", async () => {
    assert.match(
      await commands.set("power", "1"),
      /scoring\.power 2 -> 1\na live run takes it by an amendment/,
    );
    assert.match(readFileSync(world.file, "utf8"), /power = 1 {2}# pay\n/);
    const difference = paper();
    await diffParameters(diffOptions.parse(commands.looking), difference.parts);
    assert.match(
      difference.text(),
      /can be amended while the run goes on\n {2}scoring\.power {2}2 -> 1\n\nnext: .*push/,
    );
    assert.equal((await faultOf(commands.push({ wallet: "other" }))).code, "not-owner");
    const past = await faultOf(commands.push({ from: 1 }));
    assert.ok(
      past.code === "amendment-refused" && /earliest window is \d+/.test(past.next),
      JSON.stringify(past),
    );
    const told = paper();
    await commands.push({ from: 6 }, told);
    const window = Number(/hold from window (\d+) on/.exec(told.text())?.[1]);
    assert.equal(window, 6);
    // Its first word would be read as a key.
    assert.match(told.text(), /next: \{"ours":"subnet params get",.*"set":\{"file":/);
    const { amendment } = await commands.named();
    assert.equal(amendment?.from, window);
    assert.match((await world.client.subnetIdentity(1)) ?? "", / site=x$/);
    assert.equal(published(amendment.rules.scoring).power, 1);
    const pending = paper();
    await getParameters(
      getOptions.parse({ ...commands.looking, key: "scoring.power" }),
      pending.parts.print,
    );
    assert.match(pending.text(), new RegExp(`power = 2 {2}\\(1 from window ${window}\\)`));
    assert.match(await faultOf(commands.push({})).then(JSON.stringify), /is pending/);
  });

  it("what needs a new run is refused, a pending amendment is cancelled by the rules in force", async () => {
    await commands.set("inner.steps", "12");
    const fault = await faultOf(commands.push({}));
    assert.ok(fault.code === "amendment-refused" && /inner\.steps/.test(fault.reason));
    await commands.set("inner.steps", "10");
    const mode = await faultOf(commands.push({ set: ["scoring.mode=credit"] }));
    assert.ok(mode.code === "amendment-refused" && /can change: scoring\.mode/.test(mode.reason));
    await commands.set("scoring.power", "2");
    const told = paper();
    await commands.push({ replace: true }, told);
    assert.match(told.text(), /cancelled in block \d+/);
    assert.equal((await commands.named()).amendment, null);
  });

  it("status says that nobody serves, nobody validates and what to run", async () => {
    const { text, problems } = await status();
    assert.ok(problems.includes("unserved") && problems.includes("no-validator"), problems.join());
    assert.match(
      text,
      /subnet 1 \(mini\) on ws:\/\/127\.0\.0\.1:\d+, block \d+; started at block \d+; tempo 12/,
    );
    assert.match(text, /nobody hands out the run's manifest/);
    assert.match(text, /0 {2}owner +owner/);
  });

  it("a live run gives way to another one in the window that its owner names, not before", async () => {
    const { runId: old } = await commands.named();
    const manifest = await commands.manifestOf(old);
    await commands.publish({ afterWindow: 9, startIn: 24 });
    const named = await commands.named();
    assert.deepEqual(named.after, { runId: old, window: 9 });
    const next = await commands.manifestOf(named.runId);
    assert.equal(next.startBlock, manifest.startBlock + 9 * 12 + 24);
    const again = await faultOf(commands.publish({ afterWindow: 12 }));
    assert.ok(again.code === "run-live" && again.runId === old && again.earliest === null);
    await world.sealTo(manifest.startBlock + 9 * 12);
    const over = await faultOf(commands.publish({}));
    assert.ok(over.code === "run-live" && over.runId === named.runId);
    const folder = commands.publications;
    assert.equal(folder.read()?.earlier[0]?.runId, old);
    assert.ok(existsSync(join(folder.path, "blobs", (old ?? "0x").slice(2))));
  });

  it("a run that is over is amended no more, and the next one needs no leave", async () => {
    const { runId } = await commands.named();
    const manifest = await commands.manifestOf(runId);
    await world.sealTo(manifest.startBlock + manifest.windows * 12);
    const fault = await faultOf(commands.push({ set: ["scoring.power=3"] }));
    assert.ok(fault.code === "amendment-refused" && /over after 40 windows/.test(fault.reason));
    assert.ok((await status()).problems.includes("run-over"));
    await commands.publish({});
    const named = await commands.named();
    assert.ok(named.runId !== null && named.runId !== runId && named.after === null);
    assert.equal(rulesDigest(manifest), rulesDigest(await commands.manifestOf(named.runId)));
  });
});
