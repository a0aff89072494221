/** @file `miner balance`, `miner faucet`, `miner transfer`: the coldkey's tokens. */
import { taoText } from "../../base/tao.ts";
import type { ChainClient } from "../../chain/client/client.ts";
import { publicKeyOf, ss58Of } from "../../chain/wallet/account.ts";
import { signerFromUri } from "../../chain/wallet/signer.ts";
import { confirm } from "../../src/command/confirm.ts";
import { AssayError } from "../../src/errors.ts";
import type { BalanceOptions, FaucetOptions, TransferOptions } from "./options.ts";
import { unlockColdkey } from "../../src/neuron/coldkey.ts";
import { type AccountParts, answer, coldkeyAddress, withChain } from "./parts.ts";

/** What a transfer costs at most, generously. */
const FEE_RAO = 10_000_000n;

/** Shows what the coldkey has: free, and staked by hotkey and subnet. */
export async function showBalance(options: BalanceOptions, parts: AccountParts): Promise<void> {
  const coldkey = await coldkeyAddress(options);
  await withChain(options, parts, async (chain) => {
    const { hash, number } = await chain.head();
    const [balanceRao, stakes] = await Promise.all([
      chain.balance(coldkey, hash),
      chain.stakesOf(coldkey, hash),
    ]);
    const staked = stakes.map(({ hotkey, netuid, stakeRao }) => ({
      hotkey: ss58Of(hotkey),
      netuid,
      stakeRao,
    }));
    answer(parts, options.json, {
      value: { coldkey, block: number, balanceRao, stakes: staked },
      lines: [
        `coldkey ${coldkey}`,
        `  free    ${taoText(balanceRao)}`,
        ...staked.map(
          ({ hotkey, netuid, stakeRao }) =>
            `  staked  ${taoText(stakeRao, "alpha")} on ${hotkey}, subnet ${netuid}`,
        ),
      ],
    });
  });
}

/**
 * Refuses an amount that its receiver cannot keep: with less than the existential deposit there is no account.
 * @throws AssayError bad-option
 */
async function requireKeepable(chain: ChainClient, account: string, amount: bigint): Promise<void> {
  const [haveRao, leastRao] = await Promise.all([
    chain.balance(account),
    chain.existentialDeposit(),
  ]);
  if (haveRao + amount >= leastRao) return;
  throw new AssayError({
    code: "bad-option",
    detail: `--amount must be at least ${taoText(leastRao - haveRao)}: ${account} has ${taoText(haveRao)}, and the chain keeps no account with less than ${taoText(leastRao)}.`,
  });
}

/** Refuses more than //Alice can give. @throws AssayError bad-option */
async function requireGivable(chain: ChainClient, giver: string, amount: bigint): Promise<void> {
  const [haveRao, leastRao] = await Promise.all([chain.balance(giver), chain.existentialDeposit()]);
  const mostRao = haveRao - leastRao - FEE_RAO;
  if (amount <= mostRao) return;
  throw new AssayError({
    code: "bad-option",
    detail: `--amount must be at most ${taoText(mostRao < 0n ? 0n : mostRao)}: //Alice, who gives, has ${taoText(haveRao)}.`,
  });
}

/** Moves tokens and shows both ends: the sender's balance before and after. */
async function moved(
  send: () => Promise<{
    readonly block: { readonly number: number; readonly hash: `0x${string}` };
  }>,
  balance: (at?: `0x${string}`) => Promise<bigint>,
): Promise<{ readonly block: number; readonly beforeRao: bigint; readonly afterRao: bigint }> {
  const beforeRao = await balance();
  const { block } = await send();
  return { block: block.number, beforeRao, afterRao: await balance(block.hash) };
}

const balanceLine = ({ beforeRao, afterRao }: { beforeRao: bigint; afterRao: bigint }): string =>
  `balance ${taoText(beforeRao)} -> ${taoText(afterRao)}`;

/**
 * Gives the coldkey tokens of //Alice, whose key everybody knows.
 * @throws AssayError bad-option, no-faucet where the chain is no development chain
 */
export async function faucet(options: FaucetOptions, parts: AccountParts): Promise<void> {
  const { amount, json } = options;
  const coldkey = await coldkeyAddress(options);
  await withChain(options, parts, async (chain) => {
    if (!(await chain.isDevelopmentChain())) {
      const { chain: name } = await chain.systemProperties();
      const { endpoint } = chain;
      throw new AssayError({ code: "no-faucet", endpoint, chain: name, account: coldkey });
    }
    const giver = signerFromUri("//Alice");
    await requireGivable(chain, giver.ss58, amount);
    await requireKeepable(chain, coldkey, amount);
    const done = await moved(
      () => chain.transfer(giver, coldkey, amount),
      (at) => chain.balance(coldkey, at),
    );
    answer(parts, json, {
      value: { coldkey, amountRao: amount, ...done },
      lines: [
        `${taoText(amount)} from //Alice to ${coldkey} in block ${done.block}`,
        balanceLine(done),
      ],
    });
  });
}

/**
 * Sends tokens; the sender's account is kept alive.
 * @throws ChainError invalid-address, extrinsic-failed; AssayError not-enough-funds, bad-option, declined
 */
export async function transfer(options: TransferOptions, parts: AccountParts): Promise<void> {
  const { amount, yes, json } = options;
  const to = ss58Of(publicKeyOf(options.to));
  const signer = await unlockColdkey(options);
  const coldkey = signer.ss58;
  await withChain(options, parts, async (chain) => {
    const [haveRao, leastRao, isDevelopment] = await Promise.all([
      chain.balance(coldkey),
      chain.existentialDeposit(),
      chain.isDevelopmentChain(),
    ]);
    if (haveRao < amount + leastRao)
      throw new AssayError({
        code: "not-enough-funds",
        account: coldkey,
        haveRao,
        needRao: amount + leastRao,
        purpose: "Sending that, and keeping the account",
        faucet: isDevelopment,
      });
    await requireKeepable(chain, to, amount);
    if (!json) parts.print(`coldkey ${coldkey} has ${taoText(haveRao)}`);
    await confirm(`Send ${taoText(amount)} to ${to}?`, { yes, terminal: parts.terminal });
    const done = await moved(
      () => chain.transfer(signer, to, amount),
      (at) => chain.balance(coldkey, at),
    );
    answer(parts, json, {
      value: { coldkey, to, amountRao: amount, ...done },
      lines: [`${taoText(amount)} sent to ${to} in block ${done.block}`, balanceLine(done)],
    });
  });
}
