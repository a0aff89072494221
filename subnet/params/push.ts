/** @file `subnet params push`: brings chain and run to what the owner's file says: first the hyperparameters, then the rules. */
import type { Told } from "../../src/command/command.ts";
import { confirm, type Terminal } from "../../src/command/confirm.ts";
import { AssayError, isAssayError } from "../../src/errors.ts";
import { unlockColdkey } from "../../src/neuron/coldkey.ts";
import { readColdkeyPublic } from "../../chain/wallet/wallet.ts";
import type { Signer } from "../../chain/wallet/signer.ts";
import { requireOwner } from "../owner/keys.ts";
import { requireFile } from "../owner/place.ts";
import type { PushOptions } from "./options.ts";
import { outcomeJson, outcomeLine, planChain, planLines, setParameters } from "./push-chain.ts";
import type { SetOutcome } from "./push-chain.ts";
import { asksForRules, type PushParts, pushRules, type RulesOutcome } from "./push-rules.ts";
import { type View, withView } from "./view.ts";

/** Where results go, and whom to ask. */
type CommandParts = Told & {
  readonly print: (text: string) => void;
  readonly terminal: Terminal;
};

/** The same coldkey at each call; a password is asked for once. */
function unlocker(options: PushOptions): () => Promise<Signer> {
  let opened: Promise<Signer> | null = null;
  return async () => {
    opened ??= unlockColdkey(options);
    return opened;
  };
}

/** Sets what differs on the chain; nothing when nothing does. @throws AssayError declined, bad-option; ChainError */
async function pushChain(
  { place, subnet }: View,
  { yes }: PushOptions,
  parts: PushParts,
): Promise<readonly SetOutcome[]> {
  const { chain, netuid } = subnet;
  const plan = await planChain(chain, netuid, place);
  if (plan.changes.length === 0) return [];
  parts.print(`hyperparameters of subnet ${netuid} on the chain`);
  for (const line of planLines(plan)) parts.print(line);
  await confirm("Set them?", { yes, terminal: parts.terminal });
  const coldkey = await parts.unlock();
  return setParameters({ chain, netuid, coldkey }, plan.changes, (outcome) =>
    parts.print(outcomeLine(outcome)),
  );
}

/** The run's rules, unless the chain's parameters were all that there was to push. */
async function pushRest(
  view: View,
  options: PushOptions,
  parts: PushParts,
): Promise<RulesOutcome | null> {
  try {
    if (!asksForRules(await view.run(), view.place.config)) return null;
  } catch (error) {
    if (isAssayError(error, "run-not-published") || isAssayError(error, "blob-missing"))
      return null;
    throw error;
  }
  return pushRules(view, options, parts);
}

/** @throws AssayError parameter-refused naming each one that was not set */
function requireAllSet(netuid: number, outcomes: readonly SetOutcome[]): void {
  const refused = outcomes.flatMap((one) =>
    one.kind === "refused" ? [{ key: one.change.key, reason: one.refusal.reason, ...one }] : [],
  );
  const [first] = refused;
  if (first === undefined) return;
  throw new AssayError({
    code: "parameter-refused",
    netuid,
    refused: refused.map(({ key, reason }) => ({ key, reason })),
    next: first.refusal.next,
    run: { again: {} },
  });
}

/**
 * Sets the owner's hyperparameters and amends the live run, as the owner's file says. What the chain has already is left
 * out; what it refuses is explained, and the rest goes on.
 * @throws AssayError not-owner, parameter-refused, amendment-refused, declined, run-not-published, blob-missing,
 * bad-option; ChainError
 */
export async function pushParameters(options: PushOptions, parts: CommandParts): Promise<void> {
  const { wallet: name, walletFolder, json } = options;
  const coldkey = await readColdkeyPublic({ folder: walletFolder, name });
  const push = async (view: View): Promise<void> => {
    requireFile(view.place);
    const { chain, netuid } = view.subnet;
    await requireOwner(chain, netuid, { coldkey, walletFolder });
    const print = json ? () => undefined : parts.print;
    const inner = { ...parts, print, unlock: unlocker(options) };
    const outcomes = await pushChain(view, options, inner);
    const amend = outcomes.length === 0 ? pushRules : pushRest;
    const rules = await amend(view, options, inner);
    if (json) parts.print(JSON.stringify({ netuid, parameters: outcomes.map(outcomeJson), rules }));
    requireAllSet(netuid, outcomes);
  };
  await withView(options, push, parts.line);
}
