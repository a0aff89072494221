/** @file What the model writes, for the page of a local network: its own process holds no parameters, so a validator's node is asked. */
import type { PageText } from "../../src/network/page-route.ts";
import { fetchBytes, urlOf } from "../../src/network/client.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { Subnet } from "../../src/run/subnet.ts";

/** A text takes two seconds, and waits while the validator measures. */
const LIMITS = { limitBytes: 1 << 17, timeoutMs: 20_000 };
const NOBODY: PageText = {
  code: 503,
  json: JSON.stringify({ error: "no validator's model can write now" }),
};

/** Asks the first of these validators that answers. */
export async function borrowedText(
  { finder }: Pick<Subnet, "finder">,
  validators: readonly Hex[],
  prompt: string | null,
): Promise<PageText> {
  const axons = await finder.axons();
  const path = prompt === null ? "samples" : `text?prompt=${encodeURIComponent(prompt)}`;
  for (const hotkey of validators) {
    const axon = axons.get(hotkey);
    if (axon === undefined) continue;
    const found = await fetchBytes(urlOf(axon, `/page/${path}`), LIMITS).catch(() => null);
    if (found !== null) return { code: 200, json: new TextDecoder().decode(found) };
  }
  return NOBODY;
}
