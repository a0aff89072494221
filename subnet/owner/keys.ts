/** @file Whether a coldkey is the owner's. */
import { ss58Of } from "../../chain/wallet/account.ts";
import type { ChainClient } from "../../chain/client/client.ts";
import { AssayError } from "../../src/errors.ts";
import type { Hex } from "../../src/protocol/digest.ts";

/** Refuses a coldkey that does not own the subnet. @throws AssayError not-owner; ChainError subnet-missing */
export async function requireOwner(
  chain: Pick<ChainClient, "subnetOwner">,
  netuid: number,
  coldkey: Hex,
): Promise<void> {
  const owner = await chain.subnetOwner(netuid);
  if (owner.coldkey !== coldkey)
    throw new AssayError({
      code: "not-owner",
      netuid,
      owner: ss58Of(owner.coldkey),
      found: ss58Of(coldkey),
    });
}
