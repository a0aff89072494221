/** @file Whether the page of a local network says what chain and nodes say, after however many windows. */
import { z } from "zod";
import { Browser, findBrowser } from "../support/browser.ts";
import { DESK, looked } from "../support/page-look.ts";

const nowSchema = z.object({
  block: z.number(),
  trouble: z.string().nullable(),
  run: z.object({ window: z.number() }),
  ledger: z.record(z.string(), z.string()),
  participants: z.array(
    z.object({ name: z.string().nullable(), role: z.string(), paidRao: z.string() }),
  ),
});
const statusSchema = z.object({ window: z.number().nullable() });

/** What a page must say of a window behind the newest: validators still record it. */
const BEHIND_WINDOWS = 3;
const EVENT_MS = 15_000;

/** The newest state that the page of `url` sends. */
async function nowOf(url: string): Promise<z.output<typeof nowSchema>> {
  const response = await fetch(`${url}/page/events`, { signal: AbortSignal.timeout(EVENT_MS) });
  let text = "";
  for await (const part of response.body ?? []) {
    text += new TextDecoder().decode(part);
    const data = /event: now\ndata: (.*)\n\n/.exec(text)?.[1];
    if (data !== undefined) return nowSchema.parse(JSON.parse(data));
  }
  throw new Error(`${url} sends nothing`);
}

/** What is wrong with a page; one that does not answer is one fault of many, and no end of the soak. */
async function faultsOf(name: string, url: string, validator: string): Promise<readonly string[]> {
  try {
    return await deviationsOf(name, url, validator);
  } catch (error) {
    return [`page of ${name}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** Where a page says something else than chain and nodes; none: it says what is so. */
async function deviationsOf(name: string, url: string, validator: string): Promise<string[]> {
  const now = await nowOf(url);
  const status = await fetch(`${validator}/status`, { signal: AbortSignal.timeout(EVENT_MS) });
  const { window } = statusSchema.parse(await status.json());
  const { issuedRao = "0", ...parts } = now.ledger;
  const whole = Object.values(parts).reduce((sum, one) => sum + BigInt(one), 0n);
  const miners = now.participants.filter(({ role }) => role === "miner");
  const checks: readonly (readonly [boolean, string])[] = [
    [now.trouble === null, `it has trouble: ${now.trouble}`],
    [
      Math.abs((window ?? -1) - now.run.window) < BEHIND_WINDOWS,
      `it shows window ${now.run.window}, a validator stands in ${window}`,
    ],
    [BigInt(issuedRao) === whole, `its ledger has ${issuedRao} issued, but parts of ${whole}`],
    [miners.length === 2, `it knows ${miners.length} miners`],
    // Steps this small may leave one of them below the floor of credit: that is the scorer's word, not the page's.
    [miners.some(({ paidRao }) => BigInt(paidRao) > 0n), "it shows no miner with pay"],
  ];
  return checks.flatMap(([isSo, words]) => (isSo ? [] : [`page of ${name}: ${words}`]));
}

/** Looks at the run's page in Chromium; a line when there is none. */
async function looks(
  url: string,
): Promise<{ readonly browser: string; readonly faults: string[] }> {
  const name = findBrowser();
  if (name === null) return { browser: "not looked at: no Chromium here", faults: [] };
  const browser = await Browser.start(name);
  try {
    const seen = await looked(browser, `${url}/#/run`, DESK);
    const isDrawn = seen.charts >= 3 && seen.rows >= 2 && /window \d+/.test(seen.text);
    return { browser: name, faults: isDrawn ? [] : [`the page shows ${seen.charts} curves`] };
  } catch (error) {
    return { browser: name, faults: [error instanceof Error ? error.message : String(error)] };
  } finally {
    await browser.close();
  }
}

/** The pages of the local network, of a validator and of a miner. @param addresses by name */
export async function pageCheck(
  addresses: ReadonlyMap<string, string>,
): Promise<{ readonly browser: string; readonly faults: readonly string[] }> {
  const validator = addresses.get("validator-1") ?? "";
  const faults: string[] = [];
  for (const name of ["owner", "validator-1", "miner-1"])
    faults.push(...(await faultsOf(name, addresses.get(name) ?? "", validator)));
  const seen = await looks(addresses.get("owner") ?? "");
  return { browser: seen.browser, faults: [...faults, ...seen.faults] };
}
