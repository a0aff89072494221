/** @file The owner's keys: addresses without a password, the coldkey once something is to be signed. */
import { ChainError } from "../../chain/errors.ts";
import { ss58Of } from "../../chain/wallet/account.ts";
import type { Signer } from "../../chain/wallet/signer.ts";
import { openColdkey } from "../../chain/wallet/wallet.ts";
import type { ChainClient } from "../../chain/client/client.ts";
import { askPassword } from "../../src/command/secrets.ts";
import { AssayError } from "../../src/errors.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { OwnerOptions } from "./options.ts";

/**
 * Opens the coldkey; its password is asked for (or taken from ASSAY_PASSWORD) only if it has one.
 * @throws ChainError wallet-missing, key-missing, wallet-locked, wallet-wrong-password
 */
export async function unlockColdkey(
  options: Pick<OwnerOptions, "wallet" | "walletFolder">,
): Promise<Signer> {
  const access = { folder: options.walletFolder, name: options.wallet };
  try {
    return await openColdkey(access);
  } catch (error) {
    if (!(error instanceof ChainError) || error.code !== "wallet-locked") throw error;
    const password = await askPassword(`password of coldkey ${options.wallet}: `);
    if (password === undefined) throw error;
    return openColdkey({ ...access, password });
  }
}

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
