/** @file Whether a coldkey is the owner's. */
import { ss58Of } from "../../chain/wallet/account.ts";
import type { ChainClient } from "../../chain/client/client.ts";
import { listWallets } from "../../chain/wallet/list.ts";
import { AssayError } from "../../src/errors.ts";
import type { Hex } from "../../src/protocol/digest.ts";

/** Who says to be the owner, and where the wallet lies that may be the right one. */
type Claim = { readonly coldkey: Hex; readonly walletFolder: string };

/** Refuses a coldkey that does not own the subnet. @throws AssayError not-owner; ChainError subnet-missing */
export async function requireOwner(
  chain: Pick<ChainClient, "subnetOwner">,
  netuid: number,
  { coldkey, walletFolder }: Claim,
): Promise<void> {
  const owner = ss58Of((await chain.subnetOwner(netuid)).coldkey);
  const found = ss58Of(coldkey);
  if (owner === found) return;
  const here = await listWallets(walletFolder);
  const wallet = here.find(({ coldkeySs58 }) => coldkeySs58 === owner)?.name;
  throw new AssayError({
    code: "not-owner",
    netuid,
    owner,
    found,
    ...(wallet !== undefined && { wallet }),
  });
}
