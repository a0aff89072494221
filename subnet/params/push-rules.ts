/** @file `subnet params push`: amends the rules of a live run, so that every node switches in the same window. */
import type { NextCommand } from "../../base/fault.ts";
import type { Told } from "../../src/command/command.ts";
import { confirm, type Terminal } from "../../src/command/confirm.ts";
import { AssayError } from "../../src/errors.ts";
import { rulesDigest } from "../../src/protocol/rules.ts";
import { readColdkeyPublic } from "../../chain/wallet/wallet.ts";
import type { Signer } from "../../chain/wallet/signer.ts";
import { doubtLine, doubtsOf } from "../check/findings.ts";
import { rulesOfConfig } from "../config/manifest.ts";
import type { SubnetConfig } from "../config/schema.ts";
import { unlockColdkey } from "../../src/neuron/coldkey.ts";
import { requireOwner } from "../owner/keys.ts";
import { fileArguments, requireFile } from "../owner/place.ts";
import { PLACE_KEYS } from "../owner/options.ts";
import { type RunNow, whereText } from "../owner/run-now.ts";
import { type AmendmentPlan, holdsFrom, planAmendment, type Wish } from "./amend.ts";
import { changeLines, changesBetween, configInForce } from "./changes.ts";
import type { PushOptions } from "./options.ts";
import { type View, withView } from "./view.ts";

/** Where results go, and whom to ask. */
export type PushParts = Told & {
  readonly print: (text: string) => void;
  readonly terminal: Terminal;
};

/** Refuses a file that differs from the run in more than its rules. @throws AssayError amendment-refused */
function requireRulesAlone(run: RunNow, config: SubnetConfig): void {
  const inForce = configInForce(run.manifest, run.decided.standing, config);
  const others = changesBetween(inForce, config).filter(({ amendable }) => !amendable);
  if (others.length === 0) return;
  const keys = others.map(({ info }) => info.path);
  throw new AssayError({
    code: "amendment-refused",
    reason: `The file differs from the run in what only a new run can change: ${keys.join(", ")}`,
    next: "Undo that in the file, or publish a new run; this shows both sides.",
    run: { ours: "subnet params diff", keep: ["file", ...PLACE_KEYS] },
  });
}

/** Refuses rules that could not work, as `subnet check` would; says what is doubtful. @throws AssayError amendment-refused */
function judgeRules(config: SubnetConfig, print: PushParts["print"]): void {
  const doubts = doubtsOf(config).filter(({ key }) => /^(scoring|credit|evaluation)\./.test(key));
  for (const doubt of doubts) print(doubtLine(doubt));
  if (doubts.some(({ level }) => level === "refused"))
    throw new AssayError({
      code: "amendment-refused",
      reason: "These rules cannot work",
      next: "See what would.",
      run: { ours: "subnet check", keep: ["file", "set"] },
    });
}

/** What is about to be written, for the person who is asked. */
function planText(run: RunNow, plan: AmendmentPlan, config: SubnetConfig): string {
  const { amendment } = plan;
  const pending =
    run.pending === null ? "" : `; cancels the one pending for window ${run.pending.from}`;
  if (amendment === null) return `the pending amendment is cancelled, the rules in force stay`;
  const before = configInForce(run.manifest, run.decided.standing, config);
  const after = configInForce(run.manifest, { rules: amendment.rules, over: false }, config);
  return [
    `run ${run.runId.slice(0, 18)} of subnet ${run.manifest.netuid}, ${whereText(run)}`,
    ...changeLines(changesBetween(before, after)),
    `from window ${amendment.from} (block ${run.clock.startBlock(amendment.from)}) on${pending}`,
  ].join("\n");
}

/** Writes the text and says in which window it holds. @throws AssayError amendment-refused when something came between */
async function write(
  { subnet }: View,
  { run, plan, coldkey }: { run: RunNow; plan: AmendmentPlan; coldkey: Signer },
  print: PushParts["print"],
): Promise<void> {
  const { chain, netuid } = subnet;
  const identity = { name: run.manifest.name, ...run.identity, additional: plan.text };
  const { block } = await chain.setSubnetIdentity(coldkey, netuid, identity);
  const written = await chain.subnetIdentity(netuid, block.hash);
  const window = written === plan.text ? holdsFrom(run, plan, block.number) : null;
  if (plan.amendment === null) return print(`cancelled in block ${block.number}`);
  if (window === null)
    throw new AssayError({
      code: "amendment-refused",
      reason: `The text is in block ${block.number}, but other rules took hold before it`,
      next: "Look at what holds now, then push again.",
      run: { ours: "subnet params get", keep: ["file", ...PLACE_KEYS] },
    });
  const { from, rules } = plan.amendment;
  if (window > from) print(`it came too late for window ${from}`);
  print(
    `in block ${block.number}: rules ${rulesDigest(rules)} hold from window ${window} on, which begins at block ${run.clock.startBlock(window)}`,
  );
}

/**
 * Amends the live run with the rules of the owner's file.
 * @throws AssayError not-owner, amendment-refused, declined, run-not-published, blob-missing, bad-option; ChainError
 */
export async function pushParameters(options: PushOptions, parts: PushParts): Promise<void> {
  const { wallet: name, walletFolder: folder, from, replace } = options;
  const owner = await readColdkeyPublic({ folder, name });
  const push = async (view: View): Promise<void> => {
    const { place, subnet } = view;
    requireFile(place);
    await requireOwner(subnet.chain, subnet.netuid, {
      coldkey: owner,
      walletFolder: options.walletFolder,
    });
    const wish: Wish = { rules: rulesOfConfig(place.config), from, replace };
    const first = await view.run();
    requireRulesAlone(first, place.config);
    judgeRules(place.config, parts.print);
    parts.print(planText(first, planAmendment(first, wish), place.config));
    await confirm("Amend the run?", { yes: options.yes, terminal: parts.terminal });
    const coldkey = await unlockColdkey(options);
    // Whoever was asked may have thought about it: the earliest window is that of now.
    const run = await view.run();
    await write(view, { run, plan: planAmendment(run, wish), coldkey }, parts.print);
    // The first word of `params get` is a key.
    const [file] = fileArguments(place);
    const next: NextCommand = {
      ours: "subnet params get",
      keep: PLACE_KEYS,
      ...(file !== undefined && { set: { file } }),
    };
    parts.print(`next: ${parts.line(next)}`);
  };
  await withView(options, push, parts.line);
}
