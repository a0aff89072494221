/** @file What a reader sees of the page of a node, in Chromium. */
import { strict as assert } from "node:assert";
import { z } from "zod";
import type { Browser, Screen } from "./browser.ts";

export const DESK: Screen = { width: 1280, height: 1600, scheme: "light" };
export const DARK_DESK: Screen = { ...DESK, scheme: "dark" };
export const PHONE: Screen = { width: 360, height: 2400, scheme: "dark" };

/** What a reader sees, once the page has been told something. */
const LOOK = `new Promise((resolve) => {
  const begun = performance.now();
  let longestMs = 0;
  const tasks = (list) => { for (const { duration } of list.getEntries()) longestMs = Math.max(longestMs, duration); };
  new PerformanceObserver(tasks).observe({ type: "longtask", buffered: true });
  const look = () => {
    const isTold = document.querySelector(".link.live") !== null && document.querySelector("main table, main .empty, main .samples") !== null && performance.now() - begun > 700;
    if (!isTold && performance.now() - begun < 20000) return setTimeout(look, 100);
    resolve({
      title: document.title,
      headings: [...document.querySelectorAll("h2")].map(({ textContent }) => textContent),
      rows: document.querySelectorAll("tbody tr").length,
      charts: [...document.querySelectorAll(".plot canvas")].filter(({ width }) => width > 100).length,
      unnamed: [...document.querySelectorAll("[role=img]:not([aria-label])")].length,
      tables: document.querySelectorAll("figure details table").length,
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      text: document.body.innerText,
      nameless: [...document.querySelectorAll("a, summary, [tabindex='0']")]
        .filter((one) => !(one.textContent.trim() || one.getAttribute("aria-label"))).length,
      paintMs: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
      longestMs,
    });
  };
  look();
})`;
const lookSchema = z.object({
  title: z.string(),
  headings: z.array(z.string()),
  rows: z.number(),
  charts: z.number(),
  unnamed: z.number(),
  tables: z.number(),
  overflow: z.number(),
  text: z.string(),
  /** Links and controls that a screen reader cannot name. */
  nameless: z.number(),
  paintMs: z.number(),
  /** Longest task of the page's thread. */
  longestMs: z.number(),
  /** What else was asked. */
  more: z.unknown(),
});

/** What was looked at. */
export type Looked = z.output<typeof lookSchema> & { readonly png: Buffer };

/**
 * Opens a page: it loads what its own node serves and nothing else, says nothing to the console, and is not wider than its screen.
 * @param more an expression whose value is asked for afterwards
 */
export async function looked(
  browser: Browser,
  address: string,
  screen: Screen,
  more = "null",
): Promise<Looked> {
  const expression = `${LOOK}.then(async (seen) => ({ ...seen, more: await (${more}) }))`;
  const { complaints, requests, value, png } = await browser.open(address, screen, expression);
  assert.deepEqual(complaints, []);
  const hosts = new Set(
    requests.filter((one) => !one.startsWith("data:")).map((one) => new URL(one).host),
  );
  assert.deepEqual([...hosts], [new URL(address).host]);
  const seen = lookSchema.parse(value);
  assert.ok(seen.overflow <= 0, `${address} is ${seen.overflow} px too wide`);
  assert.equal(seen.unnamed, 0);
  assert.equal(seen.nameless, 0);
  return { ...seen, png };
}
