/** @file Reports of both kinds in Chromium, made by the real commands: no complaint, nothing loaded, readable on a phone, light and dark. */
import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { z } from "zod";
import { pageOf } from "../../subnet/report/page.ts";
import { simulationReport } from "../../subnet/simulate/report.ts";
import { Browser, findBrowser, type Screen } from "../support/browser.ts";
import { Running } from "../support/running.ts";
import { playedRun } from "../unit/subnet/audit/played-run.ts";
import { sampleOutcome } from "../unit/subnet/simulate/sample-outcome.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LIMIT_MS = 180_000;
const PHONE = { width: 360, height: 740, scheme: "dark" } as const;
const DESK = { width: 1280, height: 900, scheme: "light" } as const;

const name = findBrowser();
const skip =
  name === null
    ? "no Chromium here: apt-get install chromium, or name one in ASSAY_CHROMIUM"
    : false;
const folder = mkdtempSync(join(tmpdir(), "assay-reports-"));
const removed = [folder];
let browser: Browser;

before(async () => {
  if (name !== null) browser = await Browser.start(name);
});
after(async () => {
  await browser?.close();
  for (const one of removed) rmSync(one, { recursive: true, force: true });
});

/** What a reader sees: evaluated in the page. */
const LOOK = `(() => {
  const rects = [...document.querySelectorAll("svg")].map((svg) => svg.getBoundingClientRect());
  const letters = [...document.querySelectorAll("svg text")].map((text) => text.getBoundingClientRect().height);
  return {
    title: document.title,
    pictures: rects.filter(({ width, height }) => width > 200 && height > 30).length,
    named: [...document.querySelectorAll("svg")].filter((svg) => svg.querySelector("title")?.textContent).length,
    svgs: rects.length,
    smallest: Math.min(...letters),
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    paper: getComputedStyle(document.body).backgroundColor,
    scripts: document.scripts.length,
  };
})()`;
const seenSchema = z.object({
  title: z.string(),
  pictures: z.number(),
  named: z.number(),
  svgs: z.number(),
  smallest: z.number(),
  overflow: z.number(),
  paper: z.string(),
  scripts: z.number(),
});

async function runs(...words: readonly string[]): Promise<void> {
  const { PATH, TMPDIR } = process.env;
  const running = new Running("subnet", words, { PATH, HOME: folder, ...(TMPDIR && { TMPDIR }) });
  for (const until = performance.now() + LIMIT_MS; running.runs && performance.now() < until;)
    await sleep(50);
  assert.equal(await running.stop("SIGKILL"), 0, running.out);
}

async function look(path: string, screen: Screen): Promise<z.output<typeof seenSchema>> {
  const url = pathToFileURL(path).href;
  const { complaints, requests, value, png } = await browser.open(url, screen, LOOK);
  assert.deepEqual(complaints, []);
  assert.deepEqual(requests, [url], "it loads nothing but itself");
  assert.ok(png.length > 5000);
  const keep = process.env["ASSAY_SCREENSHOTS"];
  if (keep !== undefined) writeFileSync(join(keep, `report-${Date.now()}.png`), png);
  return seenSchema.parse(value);
}

async function assertReadable(path: string, pictures: number): Promise<void> {
  for (const screen of [PHONE, DESK]) {
    const seen = await look(path, screen);
    assert.equal(seen.svgs, pictures);
    assert.equal(seen.pictures, pictures, "every picture is drawn");
    assert.equal(seen.named, pictures, "every picture has a title");
    assert.ok(seen.overflow <= 0, `${seen.overflow} pixels wider than a screen of ${screen.width}`);
    assert.ok(seen.smallest >= 9, `letters of ${seen.smallest} pixels`);
    assert.equal(seen.paper, screen.scheme === "dark" ? "rgb(21, 24, 27)" : "rgb(255, 255, 255)");
    assert.equal(seen.scripts, 0);
  }
}

test("a page that complains is heard", { skip }, async () => {
  const path = join(folder, "complains.html");
  writeFileSync(path, '<script>console.error("told"); missing()</script><img src="none.png">');
  const { complaints, requests } = await browser.open(pathToFileURL(path).href, DESK, "1");
  assert.ok(complaints.some((one) => one.includes("told")));
  assert.ok(complaints.some((one) => one.includes("missing")));
  assert.equal(requests.length, 2);
});

test("the report of subnet simulate", { skip }, async () => {
  const file = join(folder, "subnet.toml");
  const data = JSON.stringify(join(ROOT, "docs"));
  writeFileSync(
    file,
    `name = "small"\n[data]\nfolder = ${data}\nselection = "all"\n[model]\nlayers = 1\n`,
  );
  const path = join(folder, "simulate.html");
  const small = ["--windows", "2", "--miners", "5", "--cheats", "1", "--cast", "copy,steps-0.5"];
  await runs("simulate", file, ...small, "--sweep", "credit.floor=0.2,0.4", "--report", path);
  // Sweep, cost, emission of one cast, pay curve, variation.
  await assertReadable(path, 5);
});

test("the report of subnet replay", { skip }, async () => {
  const run = await playedRun();
  removed.push(run);
  const path = join(folder, "replay.html");
  const words = ["--set", "credit.floor=0.1", "--sweep", "credit.floor=0.1,0.2,0.4"];
  await runs("replay", run, ...words, "--report", path);
  // Sweep, pay, emission earned and tried; nobody is known as honest.
  await assertReadable(path, 4);
});

test("names that would be markup are text", { skip }, async () => {
  const path = join(folder, "hostile.html");
  const options = {
    file: "x",
    set: [],
    miners: 4,
    cheats: 1,
    windows: 2,
    seed: 1,
    sweep: undefined,
  };
  const run = { setting: null, outcome: sampleOutcome() };
  const simulated = { options: { ...options, regime: "learning" as const }, runs: [run] };
  writeFileSync(path, pageOf(simulationReport(simulated)));
  await assertReadable(path, 5);
});
