/** @file The chain's part of `subnet params push`: the owner's hyperparameters of the file, one call each, every refusal explained. */
import type { ChainClient } from "../../chain/client/client.ts";
import type { ParameterHolds } from "../../chain/client/parameters.ts";
import type { Signer } from "../../chain/wallet/signer.ts";
import {
  OWNER_TEMPO,
  type ParameterChange,
  parameterChanges,
  rootChanges,
  type RootOnly,
  valueText,
  type Wishes,
} from "./owner-values.ts";
import { callRefusal, frozenRefusal, limitRefusal, type Refusal } from "./refusals.ts";

/** What differs between file and chain: what the owner can set, and what only Root could. */
export type ChainPlan = {
  readonly changes: readonly ParameterChange[];
  readonly rootOnly: readonly RootOnly[];
};

/** What became of one change. */
export type SetOutcome = { readonly change: ParameterChange } & (
  | { readonly kind: "set"; readonly block: number }
  | { readonly kind: "refused"; readonly refusal: Refusal }
);

type Chain = Pick<
  ChainClient,
  "ownerParameters" | "hyperparameters" | "parameterHolds" | "setOwnerParameter"
>;

/** Reads the chain and compares. @throws AssayError bad-option; ChainError */
export async function planChain(chain: Chain, netuid: number, wishes: Wishes): Promise<ChainPlan> {
  const [found, rules] = await Promise.all([
    chain.ownerParameters(netuid),
    chain.hyperparameters(netuid),
  ]);
  return { changes: parameterChanges(found, wishes), rootOnly: rootChanges(rules, wishes) };
}

/** What people read before they are asked: "chain.immunityPeriod  1000 -> 5000". */
export function planLines({ changes, rootOnly }: ChainPlan): readonly string[] {
  const width = Math.max(0, ...[...changes, ...rootOnly].map(({ key }) => key.length));
  const own = changes.map(
    ({ name, key, before, after }) =>
      `  ${key.padEnd(width)}  ${valueText(name, before)} -> ${valueText(name, after)}`,
  );
  const others = rootOnly.map(({ key, before, after }) => {
    const why =
      key === "chain.tempo"
        ? `an owner sets ${OWNER_TEMPO.least} to ${OWNER_TEMPO.most} blocks, others only Root`
        : "only Root changes it";
    return `  ${key.padEnd(width)}  ${before}, not ${after}: ${why}; left as it is`;
  });
  return [...own, ...others];
}

/** Whose subnet it is, and who signs. */
type Owner = { readonly chain: Chain; readonly netuid: number; readonly coldkey: Signer };

async function holdsNow({ chain, netuid, coldkey }: Owner): Promise<ParameterHolds> {
  return chain.parameterHolds(netuid, coldkey.ss58);
}

/** Sets one, unless the chain would refuse it. @throws ChainError for anything but a pallet's refusal */
async function setOne(owner: Owner, change: ParameterChange): Promise<SetOutcome> {
  const holds = await holdsNow(owner);
  const known = limitRefusal(change, holds) ?? frozenRefusal(holds);
  if (known !== null) return { change, kind: "refused", refusal: known };
  try {
    const { name, after: value } = change;
    const { block } = await owner.chain.setOwnerParameter(owner.coldkey, owner.netuid, {
      name,
      value,
    });
    return { change, kind: "set", block: block.number };
  } catch (error) {
    const refusal = callRefusal(error, change, await holdsNow(owner));
    if (refusal === null) throw error;
    return { change, kind: "refused", refusal };
  }
}

/** Sets them one after the other; what another change may have been in the way of is tried once more at the end. */
export async function setParameters(
  owner: Owner,
  changes: readonly ParameterChange[],
  told: (outcome: SetOutcome) => void,
): Promise<readonly SetOutcome[]> {
  const outcomes: SetOutcome[] = [];
  const later: ParameterChange[] = [];
  // One after another: one may allow the next.
  for (const change of changes) {
    const outcome = await setOne(owner, change);
    if (outcome.kind === "refused" && outcome.refusal.mayPass) later.push(change);
    else outcomes.push(outcome);
  }
  for (const change of later) outcomes.push(await setOne(owner, change));
  for (const outcome of outcomes) told(outcome);
  return outcomes;
}

/** What people read of an outcome. */
export function outcomeLine(outcome: SetOutcome): string {
  const { key } = outcome.change;
  if (outcome.kind === "set") return `${key} is set in block ${outcome.block}`;
  return `${key} is not set: ${outcome.refusal.reason}. ${outcome.refusal.next}`;
}

/** What programs read of an outcome; values as people write them. */
export function outcomeJson(outcome: SetOutcome): unknown {
  const { name, key, before, after } = outcome.change;
  const values = { key, before: valueText(name, before), after: valueText(name, after) };
  if (outcome.kind === "set") return { ...values, outcome: "set", block: outcome.block };
  const { reason, next } = outcome.refusal;
  return { ...values, outcome: "refused", reason, next };
}
