/** @file The coldkey of a person who signs: opened only when something is to be signed. */
import { ChainError } from "../../chain/errors.ts";
import type { Signer } from "../../chain/wallet/signer.ts";
import { openColdkey } from "../../chain/wallet/wallet.ts";
import { askPassword } from "../command/secrets.ts";

/** Options that name a wallet. */
type WalletPlace = { readonly wallet: string; readonly walletFolder: string };

/**
 * The coldkey of a wallet; a password is asked for only when it is encrypted.
 * @throws ChainError wallet-missing, key-missing, wallet-locked, wallet-wrong-password
 */
export async function unlockColdkey({ wallet, walletFolder }: WalletPlace): Promise<Signer> {
  const access = { folder: walletFolder, name: wallet };
  try {
    return await openColdkey(access);
  } catch (error) {
    if (!(error instanceof ChainError) || error.code !== "wallet-locked") throw error;
    const password = await askPassword(`password of coldkey ${wallet}: `);
    if (password === undefined) throw error;
    return openColdkey({ ...access, password });
  }
}
