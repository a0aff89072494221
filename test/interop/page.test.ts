/**
 * @file The page of a node in Chromium, in every state: before a run, with a recorded one, with strangers that write markup, with 64 participants
 * and thousands of windows, and when the node is gone. The real server serves a recorded run; nothing trains.
 */
import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Axon } from "../../src/network/listening.ts";
import { openPage } from "../../src/page/page.ts";
import type { Subject } from "../../src/page/subject.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { encodeRecord, type WindowRecord } from "../../src/protocol/record.ts";
import type { Amendments } from "../../src/run/amendments.ts";
import { Browser, findBrowser } from "../support/browser.ts";
import { DESK, looked, PHONE } from "../support/page-look.ts";
import { clock, openAxon, subject, VALIDATOR } from "../unit/page/scene.ts";
import { stub } from "../unit/stub.ts";
import { lines, manifest, recordOf, runId } from "../unit/view/recorded.ts";

const name = findBrowser();
const skip =
  name === null
    ? "no Chromium here: apt-get install chromium, or name one in ASSAY_CHROMIUM"
    : false;
const options = { skip, timeout: 120_000 };
const MOST_ZIPPED_BYTES = 150_000;
const END = clock.lastJudgeBlock(5) + 3;
const MARKUP = `<img src=x onerror="document.title='stolen'"><script>document.title='stolen'</script>`;

let browser: Browser;
const axons: Axon[] = [];
before(async () => {
  if (name !== null) browser = await Browser.start(name);
});
after(async () => {
  await browser?.close();
  for (const axon of axons) await axon.close();
});

/** Serves the page of a validator with its own records. */
async function serve(
  record: (window: number) => string | null,
  more: Partial<Subject> = {},
  height = END,
): Promise<{ readonly url: string; readonly axon: Axon }> {
  const found = new Map<Hex, { ip: string; port: number }>();
  const about = subject(height, found, {
    node: () => ({
      role: "validator",
      hotkey: "5Own",
      publicKey: VALIDATOR,
      device: "cpu",
      activity: "votes",
    }),
    record,
    losses: (from) =>
      [1, 2, 3, 4].filter((one) => one >= from).map((window) => ({ window, loss: 5 - window / 2 })),
    ...more,
  });
  const page = openPage(about);
  const axon = await openAxon({ record, page });
  found.set(VALIDATOR, axon);
  axons.push(axon);
  return { url: `http://127.0.0.1:${axon.port}/`, axon };
}

const recorded = (window: number): string | null => lines[window] ?? null;

test("the page weighs little", () => {
  const folder = fileURLToPath(new URL("../../dashboard/built", import.meta.url));
  const bytes = readdirSync(folder).map(
    (file) => gzipSync(readFileSync(`${folder}/${file}`)).length,
  );
  const sum = bytes.reduce((all, one) => all + one, 0);
  assert.ok(bytes.length >= 3 && sum < MOST_ZIPPED_BYTES, `${sum} bytes`);
});

for (const screen of [DESK, PHONE])
  test(`a recorded run, ${screen.width} wide and ${screen.scheme}`, options, async (context) => {
    const { url } = await serve(recorded);
    const run = await looked(browser, `${url}#/run`, screen);
    assert.match(run.headings[0] ?? "", /all \d+ windows over/i);
    assert.equal(run.charts, 3);
    assert.match(run.text, /nats\/token/);
    const { text } = await looked(browser, `${url}#/participants`, screen);
    assert.match(text, /copied/);
    assert.match(text, /proven to hold another hotkey's work/);
    const miner = await looked(browser, `${url}#/miner/7`, screen);
    assert.match(miner.text, /all of these together/);
    assert.match(miner.text, /the strongest here/);
    const validator = await looked(browser, `${url}#/validator/1`, screen);
    assert.match(validator.text, /6 of 6/);
    const chain = await looked(browser, `${url}#/chain`, screen);
    assert.match(chain.text, /The parts are the whole, to one rao/);
    context.diagnostic(
      `first paint ${run.paintMs.toFixed(0)} ms, longest task ${run.longestMs.toFixed(0)} ms`,
    );
  });

test("what strangers write stays text", options, async () => {
  const record = (window: number): string | null => {
    if (window > 5) return null;
    const { miners, ...rest } = recordOf(window);
    return encodeRecord({ ...rest, miners: miners.map((row) => ({ ...row, detail: MARKUP })) });
  };
  const run = { runId, manifest: { ...manifest, name: MARKUP }, clock };
  const { url } = await serve(record, { run: () => ({ run, amendments: stub<Amendments>({}) }) });
  for (const page of ["#/run", "#/miner/7"]) {
    const seen = await looked(browser, url + page, DESK);
    assert.doesNotMatch(seen.title, /stolen/);
    assert.ok(seen.text.includes("onerror="), page);
  }
});

test("before there is a run the page says so", options, async () => {
  const { url } = await serve(() => null, { run: () => null }, 4);
  const { text } = await looked(browser, `${url}#/run`, PHONE);
  assert.match(text, /in no run yet/);
});

/** A record as of a window with many miners, made of a recorded one. */
function crowded(window: number, miners: number): WindowRecord {
  const record = recordOf(4);
  const rows = Array.from({ length: miners }, (_, index) => {
    const row = record.miners[index % record.miners.length] ?? assert.fail();
    const hotkey: Hex = `0x${(1000 + index).toString(16).padStart(64, "0")}`;
    return { ...row, uid: 3 + index, hotkey };
  });
  return { ...record, window, miners: rows };
}

test("64 miners, 512 windows of 10,000, as many losses", options, async (context) => {
  const many = 10_000;
  const line = (window: number): string | null =>
    window < many ? encodeRecord(crowded(window, 64)) : null;
  const endless = { ...manifest, windows: 0 };
  const run = {
    runId,
    manifest: endless,
    clock: { ...clock, isInRun: (window: number) => window >= 0 },
  };
  const { url } = await serve(
    line,
    {
      run: () => ({ run, amendments: stub<Amendments>({}) }),
      losses: (from) =>
        Array.from({ length: Math.max(0, many - from) }, (_, index) => ({
          window: from + index,
          loss: 5 / Math.sqrt(1 + from + index),
        })),
    },
    clock.startBlock(many),
  );
  for (const page of ["#/run", "#/miner/4"]) {
    const seen = await looked(browser, url + page, DESK);
    context.diagnostic(
      `${page}: first paint ${seen.paintMs.toFixed(0)} ms, longest task ${seen.longestMs.toFixed(0)} ms`,
    );
  }
});

test("a node that is gone leaves its last numbers, and the page says so", options, async () => {
  const { url, axon } = await serve(recorded);
  const expression = `new Promise((resolve) => {
    const begun = performance.now();
    const look = () => {
      const link = document.querySelector(".link");
      if (document.querySelector(".link.live") !== null) document.title = "told";
      if (document.title === "told" && link?.classList.contains("lost") || performance.now() - begun > 40000)
        return resolve({ words: link?.textContent, tables: document.querySelectorAll("main table").length });
      setTimeout(look, 100);
    };
    look();
  })`;
  const seen = browser.open(url, DESK, expression);
  setTimeout(() => void axon.close(), 4000);
  const { value } = await seen;
  assert.match(JSON.stringify(value), /does not answer/);
  assert.doesNotMatch(JSON.stringify(value), /"tables":0/);
});
