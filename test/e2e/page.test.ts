/** @file The page of a real local network in Chromium: live, of this node alone, without a complaint, light and dark, on a phone too; and of a node. */
import { strict as assert } from "node:assert";
import { rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { Browser, findBrowser } from "../support/browser.ts";
import { RunningLocalnet } from "../support/localnet.ts";
import { DESK, looked, PHONE } from "../support/page-look.ts";

const name = findBrowser();
const skip =
  name === null
    ? "no Chromium here: apt-get install chromium, or name one in ASSAY_CHROMIUM"
    : false;
const LIMIT_MS = 240_000;
/** A machine that builds or tests something else at the same time starts ten processes slowly. */
const UP_MS = 240_000;
let browser: Browser;
let localnet: RunningLocalnet;
let url = "";

before(async () => {
  if (name === null) return;
  browser = await Browser.start(name);
  // Endless: the pages are looked at while it runs, and a busy machine takes its time.
  localnet = new RunningLocalnet(["--windows", "0", "--miners", "2", "--attack", "copy"]);
  await localnet.nodes(UP_MS);
  url = /page: (\S+)/.exec(localnet.stdout)?.[1] ?? "";
  for (const until = performance.now() + 90_000; performance.now() < until; await sleep(500))
    if (/window [3-9] /.test(localnet.stdout)) return;
  throw new Error(`no window is over: ${localnet.stdout}`);
});
after(async () => {
  await browser?.close();
  localnet?.child.kill("SIGKILL");
  if (localnet !== undefined) rmSync(localnet.output, { recursive: true, force: true });
});

const options = { skip, timeout: LIMIT_MS };

for (const screen of [DESK, PHONE])
  test(
    `every page of the local network, ${screen.width} wide and ${screen.scheme}`,
    options,
    async () => {
      const run = await looked(browser, `${url}#/run`, screen);
      assert.match(run.title, /^Run/);
      assert.match(run.headings[0] ?? "", /window \d+/);
      assert.ok(run.charts >= 3 && run.tables >= 3);
      assert.ok(run.rows >= 2);
      const everybody = await looked(browser, `${url}#/participants`, screen);
      for (const one of ["miner-1", "copy-1", "validator-1", "owner"])
        assert.ok(everybody.text.includes(one), one);
      assert.match(everybody.text, /Your update lowered the loss and was accepted/);
      const miner = await looked(browser, `${url}#/miner/3`, screen);
      assert.ok(miner.headings.includes("Why this score"));
      assert.match(miner.text, /max\(0, credit/);
      const validator = await looked(browser, `${url}#/validator/1`, screen);
      assert.match(validator.text, /as the majority/);
      const chain = await looked(browser, `${url}#/chain`, screen);
      assert.match(chain.text, /The parts are the whole, to one rao/);
    },
  );

test("a validator and a miner serve the same page", options, async () => {
  const { nodes } = await localnet.nodes();
  for (const role of ["validator", "miner"]) {
    const log = nodes.find((one) => one.role === role) ?? assert.fail();
    const { text } = await looked(browser, `${url}#/participants`, DESK);
    assert.ok(text.includes(log.name));
    const uid = role === "validator" ? 1 : 3;
    const found = await fetch(`${url}page/${role}s/${uid}`);
    assert.equal(found.status, 200);
    const address = await addressOf(uid);
    const seen = await looked(browser, `${address}/#/participants`, DESK);
    assert.match(seen.text, new RegExp(`Served by the ${role}`));
    // A node knows no names of others: it shows addresses.
    assert.ok(!seen.text.includes("miner-1"));
  }
});

const nowSchema = z.object({
  participants: z.array(z.object({ uid: z.number(), url: z.string().nullable() })),
});

/** The axon of a uid, as the page's own events tell it. */
async function addressOf(uid: number): Promise<string> {
  const response = await fetch(`${url}page/events`);
  let text = "";
  for await (const part of response.body ?? []) {
    text += new TextDecoder().decode(part);
    const data = /event: now\ndata: (.*)\n\n/.exec(text)?.[1];
    if (data === undefined) continue;
    const one = nowSchema.parse(JSON.parse(data)).participants.find((each) => each.uid === uid);
    return one?.url ?? assert.fail();
  }
  return assert.fail("no event came");
}
