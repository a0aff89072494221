/** @file Which subnet of an owner `subnet create` goes on with, so that running it twice never pays twice. */
import type { SubnetSummary } from "../../chain/client/subnets.ts";
import type { CreateOptions } from "./options.ts";

/** What decides besides the options: the subnets of this coldkey, and the one that the owner's file names. */
type Known = { readonly owned: readonly SubnetSummary[]; readonly namedInFile: number };

const isUnfinished = ({ startedAt, name }: SubnetSummary): boolean =>
  startedAt === null || name === "";

/**
 * The subnet to go on with; null: a new one is registered. One that was left half-made is finished before another one is
 * paid for, and one that is whole is left alone unless `--another` asks for one more.
 */
export function existingOf(
  { netuid, another }: Pick<CreateOptions, "netuid" | "another">,
  { owned, namedInFile }: Known,
): SubnetSummary | null {
  const byNetuid = (number: number): SubnetSummary | undefined =>
    owned.find((one) => one.netuid === number);
  if (netuid !== undefined) return byNetuid(netuid) ?? null;
  if (another) return null;
  return owned.find(isUnfinished) ?? byNetuid(namedInFile) ?? owned.at(-1) ?? null;
}
