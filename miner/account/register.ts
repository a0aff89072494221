/** @file `miner register`: a uid on the subnet, paid for by the coldkey. */
import { taoText } from "../../base/tao.ts";
import type { ChainClient } from "../../chain/client/client.ts";
import type { Hex } from "../../chain/wallet/hex.ts";
import type { Signer } from "../../chain/wallet/signer.ts";
import { openHotkey } from "../../chain/wallet/wallet.ts";
import { confirm } from "../../src/command/confirm.ts";
import { AssayError } from "../../src/errors.ts";
import type { RegisterOptions } from "./options.ts";
import { unlockColdkey } from "../../src/neuron/coldkey.ts";
import { type AccountParts, answer, SAME, withChain } from "./parts.ts";

/** Price and balance. @throws AssayError not-enough-funds */
async function priceFor(
  chain: ChainClient,
  coldkey: string,
  netuid: number,
): Promise<{ readonly priceRao: bigint; readonly balanceRao: bigint }> {
  const [priceRao, balanceRao, faucet] = await Promise.all([
    chain.burnCost(netuid),
    chain.balance(coldkey),
    chain.isDevelopmentChain(),
  ]);
  if (balanceRao < priceRao)
    throw new AssayError({
      code: "not-enough-funds",
      account: coldkey,
      haveRao: balanceRao,
      needRao: priceRao,
      purpose: `Registering on subnet ${netuid}`,
      faucet,
    });
  return { priceRao, balanceRao };
}

/** Buys the uid. */
async function buy(
  chain: ChainClient,
  options: RegisterOptions,
  { hotkey, coldkey, parts }: { hotkey: Hex; coldkey: Signer; parts: AccountParts },
): Promise<{ readonly block: number; readonly lines: readonly string[] }> {
  const { netuid, yes, json } = options;
  const { ss58 } = coldkey;
  const { priceRao, balanceRao } = await priceFor(chain, ss58, netuid);
  if (!json)
    parts.print(
      `registering on subnet ${netuid} burns ${taoText(priceRao)}; coldkey ${ss58} has ${taoText(balanceRao)}`,
    );
  await confirm(`Burn ${taoText(priceRao)}?`, { yes, terminal: parts.terminal });
  const { block } = await chain.burnedRegister(coldkey, netuid, hotkey);
  const left = await chain.balance(ss58, block.hash);
  return { block: block.number, lines: [`balance ${taoText(left)}`] };
}

/**
 * Registers the hotkey; price and balance are shown first.
 * @throws ChainError wallet-wrong-password, subnet-missing, extrinsic-failed; AssayError not-enough-funds, declined
 */
export async function register(options: RegisterOptions, parts: AccountParts): Promise<void> {
  const { wallet, walletFolder, netuid, json } = options;
  const { publicKey, ss58 } = await openHotkey({
    folder: walletFolder,
    name: wallet,
    hotkey: options.hotkey,
  });
  const coldkey = await unlockColdkey(options);
  await withChain(options, parts, async (chain) => {
    // Also refuses a subnet that does not exist.
    const known = (await chain.hotkeys(netuid)).indexOf(publicKey);
    const bought =
      known === -1 ? await buy(chain, options, { hotkey: publicKey, coldkey, parts }) : null;
    const uid = bought === null ? known : (await chain.hotkeys(netuid)).indexOf(publicKey);
    const since = bought === null ? "already" : `since block ${bought.block}`;
    answer(parts, json, {
      value: { hotkey: ss58, netuid, uid, block: bought?.block ?? null },
      lines: [
        ...(bought?.lines ?? []),
        `hotkey ${ss58} is uid ${uid} of subnet ${netuid} ${since}`,
        `next: ${parts.line({ ours: "miner", keep: SAME })}`,
        `or:   ${parts.line({ ours: "validator", keep: SAME })}`,
      ],
    });
  });
}
