/** @file Where a subnet's emission went, beside the schedule recomputed from nothing but the number of paid blocks. */
import type { ChainClient, Head } from "../../chain/client/client.ts";
import { emissionAt } from "../../src/protocol/economy.ts";

/** Token ledger of a subnet, in rao; `issued` must equal `scheduled` and the sum of the rest. */
export type TokenLedger = {
  readonly issuedRao: bigint;
  readonly scheduledRao: bigint;
  readonly paidNeuronsRao: bigint;
  readonly paidOwnerRao: bigint;
  readonly carriedRao: bigint;
  readonly pendingRao: bigint;
  readonly burnedRao: bigint;
};

/** The ledger at a block, of a subnet that has emitted since the first one. */
export async function readTokenLedger(
  chain: Pick<ChainClient, "emissionLedger">,
  netuid: number,
  { hash, number }: Head,
): Promise<TokenLedger> {
  const ledger = await chain.emissionLedger(netuid, hash);
  let scheduledRao = 0n;
  for (let block = 1; block <= number; block++) scheduledRao += emissionAt(scheduledRao);
  return {
    issuedRao: ledger.issuedRao,
    scheduledRao,
    paidNeuronsRao: ledger.paidNeuronsRao,
    paidOwnerRao: ledger.paidOwnerRao,
    carriedRao: ledger.carriedRao,
    pendingRao: ledger.pendingMinersRao + ledger.pendingValidatorsRao + ledger.pendingOwnerRao,
    burnedRao: ledger.burnedRao,
  };
}

/** Whether the money adds up to the smallest unit. */
export function isExact(ledger: TokenLedger): boolean {
  const { paidNeuronsRao, paidOwnerRao, carriedRao, pendingRao, burnedRao } = ledger;
  const accounted = paidNeuronsRao + paidOwnerRao + carriedRao + pendingRao + burnedRao;
  return ledger.issuedRao === ledger.scheduledRao && ledger.issuedRao === accounted;
}
