/** @file What each epoch paid, computed again from the weights on the chain (Yuma, the emission schedule, the split) and compared. */
import { ChainError } from "../../chain/errors.ts";
import { firstEpochAfter } from "../../src/run/epochs.ts";
import { type Difference, difference } from "./difference.ts";
import {
  type EpochFacts,
  epochFacts,
  type EpochParts,
  type EpochPay,
  type EpochState,
  epochStateAt,
  issuedSince,
  payEpoch,
  sumOf,
} from "./epochs.ts";

/** One epoch as it was computed again. */
type PaidEpoch = { readonly facts: EpochFacts; readonly pay: EpochPay };

/** The epochs of a run. `unsupported`: why payouts could not be computed on this chain. */
export type PayoutCheck = {
  readonly epochs: readonly PaidEpoch[];
  readonly found: Difference | null;
  readonly unsupported: string | null;
};

type Claim = readonly [
  field: string,
  uid: number | null,
  recorded: bigint | number,
  derived: bigint | number,
];

function claimsOf(
  { pools, hotkeys }: EpochFacts,
  states: { readonly before: EpochState; readonly after: EpochState },
  pay: EpochPay,
): readonly Claim[] {
  const [was, is] = [states.before.ledger, states.after.ledger];
  const burned = sumOf(pay.burned);
  const paid = sumOf(pay.miners) + pay.dividendsPaidRao - burned;
  const perUid = states.after.graph.neurons.flatMap((neuron, uid): Claim[] => {
    // A uid that changed hands in this very block shows nothing of the epoch any more.
    if (neuron.hotkey !== hotkeys[uid]) return [];
    const emission = (pay.miners[uid] ?? 0n) + (pay.validators[uid] ?? 0n);
    return [
      ["incentive", uid, neuron.incentive, pay.incentive[uid] ?? 0],
      ["dividends", uid, neuron.dividends, pay.dividends[uid] ?? 0],
      ["emission in rao", uid, neuron.emissionRao, emission],
    ];
  });
  return [
    ...perUid,
    ["paid to uids in rao", null, is.paidNeuronsRao - was.paidNeuronsRao, paid],
    ["paid to the owner in rao", null, is.paidOwnerRao - was.paidOwnerRao, pay.ownerRao],
    ["burned in rao", null, is.burnedRao - was.burnedRao, burned + pay.unearnedRao],
    ["carried in rao", null, is.carriedRao, pay.carriedRao],
    ["issued in rao", null, is.issuedRao, pools.total],
  ];
}

/** The pools before an epoch against the schedule since the epoch before. */
function scheduleClaims(last: EpochState, blocks: number, before: EpochState): readonly Claim[] {
  // Whoever starts or stops a subnet, or its owner's cut, between two epochs is seen only by its blocks.
  if (!last.terms.emits || !before.terms.emits) return [];
  if (last.terms.ownerCut !== before.terms.ownerCut) return [];
  const since = issuedSince(last, blocks);
  const { ledger } = before;
  return [
    ["pending for miners in rao", null, ledger.pendingMinersRao, since.miners],
    ["pending for validators in rao", null, ledger.pendingValidatorsRao, since.validators],
    ["pending for the owner in rao", null, ledger.pendingOwnerRao, since.owner],
    ["issued in rao", null, ledger.issuedRao, last.ledger.issuedRao + since.total],
  ];
}

function wrongOf(claims: readonly Claim[], block: number): Difference | null {
  const wrong = claims.find(([, , recorded, made]) => BigInt(recorded) !== BigInt(made));
  if (wrong === undefined) return null;
  const [field, uid, recorded, made] = wrong;
  const place = `${field}, epoch at block ${block}`;
  const [was, is] = [String(recorded), String(made)];
  return difference({ part: "payouts", field: place, uid, recorded: was, derived: is });
}

/** Epochs after block `from` up to the newest, each computed again and compared with what the chain did. */
export async function checkPayouts(parts: EpochParts, from: number): Promise<PayoutCheck> {
  const { blocks, signal, progress } = parts;
  const epochs: PaidEpoch[] = [];
  let found: Difference | null = null;
  let last: { readonly state: EpochState; readonly block: number } | null = null;
  try {
    let block = await firstEpochAfter(parts, from, blocks.current.number);
    while (found === null && block !== null) {
      signal.throwIfAborted();
      const [before, after] = await Promise.all([
        epochStateAt(parts, block - 1),
        epochStateAt(parts, block),
      ]);
      const facts = epochFacts(before, block);
      const pay = payEpoch(facts);
      const since = last === null ? [] : scheduleClaims(last.state, block - 1 - last.block, before);
      found = wrongOf([...since, ...claimsOf(facts, { before, after }, pay)], block);
      epochs.push({ facts, pay });
      progress(block);
      last = { state: after, block };
      block = await firstEpochAfter(parts, block, blocks.current.number);
    }
    return { epochs, found, unsupported: null };
  } catch (error) {
    if (!(error instanceof ChainError) || error.fault.code !== "runtime-incompatible") throw error;
    return { epochs: [], found: null, unsupported: error.explanation.cause };
  }
}
