/**
 * @file `npm run pictures [-- WINDOWS]`: the pictures of docs/pictures, taken of the pages of a local network after so many windows (16 without
 * it), light, dark and on a phone. Prints each one's size, and ends with code 1 where all together are too large for a repository.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { Browser, findBrowser, type Screen } from "../support/browser.ts";
import { RunningLocalnet } from "../support/localnet.ts";

const FOLDER = fileURLToPath(new URL("../../docs/pictures/", import.meta.url));
/** Beside it, so that all pictures take its place at once when the last is taken. */
const DRAFT = fileURLToPath(new URL("../../docs/pictures.draft/", import.meta.url));
const MOST_BYTES = 1_500_000;
const UP_MS = 600_000;
const WINDOW_MS = 180_000;
/** A page that is told by events is never done: this long it must have been. */
const SETTLE_MS = 1500;
const LOOK_MS = 500;
const QUALITY = 60;
/** How high a picture is on a desk: what says most, not the whole of a long page. */
const PAGES = {
  run: { hash: "run", height: 1240 },
  participants: { hash: "participants", height: 1100 },
  miner: { hash: "miner/3", height: 1180 },
  validator: { hash: "validator/1", height: 1000 },
  model: { hash: "model", height: 1000 },
  rules: { hash: "rules", height: 900 },
  chain: { hash: "chain", height: 1000 },
} as const;
const PHONE_HEIGHT = 800;
const looksOf = (height: number): Readonly<Record<string, Screen>> => ({
  light: { width: 1280, height, scheme: "light", scale: 1.25 },
  dark: { width: 1280, height, scheme: "dark", scale: 1.25 },
  phone: { width: 390, height: PHONE_HEIGHT, scheme: "light", scale: 2 },
});

/** Waits until the page has been told something and has drawn it; on the model's page until the model has written. */
const SETTLED = `(async () => {
  const wait = (ms) => new Promise((next) => setTimeout(next, ms));
  for (let look = 0; look < 300 && document.querySelector("main table, main .samples") === null; look++) await wait(100);
  if (document.querySelector("form.box") !== null) {
    for (let look = 0; look < 20 && document.querySelector(".answer .text") === null; look++) {
      await wait(3000);
      document.querySelector("form.box").requestSubmit();
      for (let answer = 0; answer < 50 && document.querySelector(".answer > *:not(.note)") === null; answer++) await wait(100);
    }
  }
  await wait(${SETTLE_MS});
  return document.querySelector(".link.live") !== null && document.querySelector(".loading") === null;
})()`;

/** The address of the page, once the network is so many windows old. */
async function pageAfter(localnet: RunningLocalnet, windows: number): Promise<string> {
  await localnet.nodes(UP_MS);
  const url = /page: (\S+)/.exec(localnet.stdout)?.[1];
  if (url === undefined) throw new Error(`no page: ${localnet.stdout}`);
  const late = performance.now() + windows * WINDOW_MS;
  while (!localnet.stdout.includes(`window ${windows} `)) {
    if (performance.now() > late || localnet.child.exitCode !== null)
      throw new Error(`window ${windows} never came:\n${localnet.stdout}\n${localnet.stderr}`);
    await sleep(LOOK_MS);
  }
  return url;
}

/** Takes all pictures; their bytes together. */
async function taken(browser: Browser, url: string): Promise<number> {
  let sum = 0;
  for (const [page, { hash, height }] of Object.entries(PAGES))
    for (const [look, screen] of Object.entries(looksOf(height))) {
      const shot = { captureBeyondViewport: false, format: "webp", quality: QUALITY } as const;
      const seen = await browser.open(`${url}#/${hash}`, screen, SETTLED, shot);
      // A node that writes a text already says so, and is asked again.
      const complaints = seen.complaints.filter((text) => !text.includes("503"));
      if (complaints.length > 0 || seen.value !== true)
        throw new Error(`${page}, ${look}: not a page to show: ${complaints.join("; ")}`);
      writeFileSync(`${DRAFT}${page}-${look}.webp`, seen.png);
      sum += seen.png.length;
      console.log(`${`${page}-${look}.webp`.padEnd(24)} ${seen.png.length} bytes`);
    }
  return sum;
}

const name = findBrowser();
if (name === null)
  throw new Error("no Chromium here: apt-get install chromium, or name one in ASSAY_CHROMIUM");
const windows = z.coerce
  .number()
  .int()
  .min(1)
  .parse(process.argv[2] ?? 16);
const browser = await Browser.start(name);
const localnet = new RunningLocalnet(["--windows", "0", "--no-baseline"]);
try {
  const url = await pageAfter(localnet, windows);
  rmSync(DRAFT, { recursive: true, force: true });
  mkdirSync(DRAFT, { recursive: true });
  const sum = await taken(browser, url);
  rmSync(FOLDER, { recursive: true, force: true });
  renameSync(DRAFT, FOLDER);
  console.log(`together ${sum} bytes of at most ${MOST_BYTES}`);
  if (sum > MOST_BYTES) process.exitCode = 1;
} finally {
  rmSync(DRAFT, { recursive: true, force: true });
  await browser.close();
  localnet.child.kill("SIGINT");
  await localnet.exited;
  rmSync(localnet.output, { recursive: true, force: true });
}
