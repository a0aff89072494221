/** @file `miner register`: a uid on the subnet, paid for by the coldkey. */
import { type ChainClient, connectChain } from "../../chain/client/client.ts";
import type { Signer } from "../../chain/wallet/signer.ts";
import { openColdkey, openHotkey } from "../../chain/wallet/wallet.ts";
import type { Told } from "../../src/command/command.ts";
import { AssayError } from "../../src/errors.ts";
import { isHex } from "../../src/protocol/digest.ts";
import type { RegisterOptions } from "./options.ts";
import { askPassword } from "../../src/command/secrets.ts";

/** Said before the chain refuses it, with the amounts. @throws AssayError not-enough-funds */
async function requireFunds(chain: ChainClient, coldkey: Signer, netuid: number): Promise<void> {
  const [{ burnRao }, haveRao] = await Promise.all([
    chain.hyperparameters(netuid),
    chain.balance(coldkey.publicKey),
  ]);
  if (haveRao < burnRao)
    throw new AssayError({
      code: "not-enough-funds",
      account: coldkey.ss58,
      haveRao,
      needRao: burnRao,
      purpose: `Registering on subnet ${netuid}`,
    });
}

/**
 * Registers the hotkey; the coldkey pays the burn.
 * @throws ChainError wallet-wrong-password, subnet-missing, extrinsic-failed; AssayError not-enough-funds
 */
export async function register(
  options: RegisterOptions,
  told: Told & { readonly print: (line: string) => void },
): Promise<void> {
  const { wallet, hotkey, walletFolder, netuid, endpoint, genesis } = options;
  const access = { folder: walletFolder, name: wallet };
  const { publicKey, ss58 } = await openHotkey({ ...access, hotkey });
  const password = await askPassword(`password of coldkey ${wallet} (empty if it has none): `);
  const coldkey = await openColdkey({ ...access, ...(password !== undefined && { password }) });
  const chain = await connectChain({
    endpoints: endpoint.split(","),
    ...(genesis !== undefined && isHex(genesis, 32) && { expectedGenesis: genesis }),
  });
  try {
    // Also refuses a subnet that does not exist.
    const known = (await chain.hotkeys(netuid)).indexOf(publicKey);
    if (known === -1) {
      await requireFunds(chain, coldkey, netuid);
      const { block } = await chain.burnedRegister(coldkey, netuid, publicKey);
      const uid = (await chain.hotkeys(netuid)).indexOf(publicKey);
      told.print(`hotkey ${ss58} is uid ${uid} of subnet ${netuid} since block ${block.number}`);
    } else told.print(`hotkey ${ss58} is uid ${known} of subnet ${netuid} already`);
    const keep = ["wallet", "hotkey", "walletFolder", "netuid", "endpoint", "genesis"];
    told.print(`next: ${told.line({ ours: "miner", keep })}`);
  } finally {
    await chain.close();
  }
}
