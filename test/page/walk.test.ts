/**
 * @file Every page in every state, light and dark, on a desk and on a phone, in Chromium: no complaint, no request elsewhere, nothing too wide,
 * nothing that axe-core finds serious. With ASSAY_PICTURES=FOLDER each is kept as a picture.
 */
import { strict as assert } from "node:assert";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import type { Axon } from "../../src/network/listening.ts";
import { Browser, findBrowser, type Screen } from "../support/browser.ts";
import { DARK_DESK, DESK, looked, type Looked, PHONE } from "../support/page-look.ts";
import { serveState, STATES } from "./states.ts";

const name = findBrowser();
const skip =
  name === null
    ? "no Chromium here: apt-get install chromium, or name one in ASSAY_CHROMIUM"
    : false;
const options = { skip, timeout: 120_000 };
const PAGES = ["run", "participants", "miner/4", "validator/1", "model", "rules", "chain"];
const SCREENS: Readonly<Record<string, Screen>> = {
  "desk, light": DESK,
  "desk, dark": DARK_DESK,
  "phone, light": { ...PHONE, scheme: "light" },
  "phone, dark": PHONE,
};
/** Idle, on a machine with two cores that may have other work. */
const MOST_PAINT_MS = 1000;
const MOST_TASK_MS = 100;
const OPENINGS = 3;
const isQuick = ({ paintMs, longestMs }: Looked): boolean =>
  paintMs < MOST_PAINT_MS && longestMs < MOST_TASK_MS;
const { ASSAY_PICTURES: pictures } = process.env;
const axeSource = readFileSync(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"),
  "utf8",
);
const axeSchema = z.array(
  z.object({ id: z.string(), impact: z.string().nullable(), nodes: z.array(z.string()) }),
);

/** What axe-core finds. */
const AXE = `(async () => {
  ${axeSource};
  const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
  return violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(({ html }) => html.slice(0, 200)) }));
})()`;

let browser: Browser;
before(async () => {
  if (name === null) return;
  browser = await Browser.start(name);
  if (pictures !== undefined) mkdirSync(pictures, { recursive: true });
});
after(() => browser?.close());

for (const state of Object.keys(STATES))
  describe(state, () => {
    let axon: Axon;
    let url = "";
    before(async () => ({ axon, url } = await serveState(state)));
    after(() => axon.close());
    for (const page of PAGES)
      for (const [look, screen] of Object.entries(SCREENS)) {
        // The other two differ by their colours alone: in one state.
        if (state !== "live" && !["desk, light", "phone, dark"].includes(look)) continue;
        test(`${page}, ${look}`, options, async (context) => {
          const address = `${url}#/${page}`;
          const isBusy = process.env["ASSAY_BUSY"] !== undefined;
          let seen = await looked(browser, address, screen, AXE);
          // Other work of the machine only adds to a time: the least of some openings is the page's own.
          const openings = isBusy ? 1 : OPENINGS;
          for (let more = 1; more < openings && !isQuick(seen); more++)
            seen = await looked(browser, address, screen, AXE);
          const { paintMs, longestMs, more, png } = seen;
          const figures = `first paint ${paintMs.toFixed(0)} ms, longest task ${longestMs.toFixed(0)} ms`;
          context.diagnostic(figures);
          const file = `${state}-${page}-${look}.png`.replaceAll(/[ ,/]+/g, "-");
          if (pictures !== undefined) writeFileSync(join(pictures, file), png);
          assert.ok(isBusy || isQuick(seen), figures);
          const serious = axeSchema
            .parse(more)
            .filter(({ impact }) => impact === "serious" || impact === "critical");
          assert.deepEqual(serious, []);
        });
      }
  });

test("the model is asked, and answers, by keyboard alone", options, async () => {
  const { url, axon } = await serveState("live");
  const expression = `(async () => {
    const wait = async (what) => { for (let look = 0; look < 100; look++) { const found = what(); if (found) return found; await new Promise((next) => setTimeout(next, 100)); } };
    const box = await wait(() => document.querySelector("#prompt"));
    box.focus();
    document.querySelector("form.box").requestSubmit();
    const text = await wait(() => document.querySelector(".answer .text"));
    return text.textContent;
  })()`;
  const { value, complaints } = await browser.open(`${url}#/model`, DESK, expression);
  await axon.close();
  assert.deepEqual(complaints, []);
  assert.equal(value, "The  and the value of the parameter");
});
