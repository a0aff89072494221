/** @file `miner stake` and `miner unstake`: tokens of the coldkey on its hotkey, and back. */
import { taoText } from "../../base/tao.ts";
import type { ChainClient } from "../../chain/client/client.ts";
import { refusalNames } from "../../chain/client/refusal.ts";
import { MIN_STAKE_RAO } from "../../chain/client/staking.ts";
import type { Hex } from "../../chain/wallet/hex.ts";
import type { Signer } from "../../chain/wallet/signer.ts";
import { openHotkey } from "../../chain/wallet/wallet.ts";
import { confirm } from "../../src/command/confirm.ts";
import { AssayError } from "../../src/errors.ts";
import type { StakeOptions, UnstakeOptions } from "./options.ts";
import { unlockColdkey } from "../../src/neuron/coldkey.ts";
import { type AccountParts, answer, withChain } from "./parts.ts";

/** Whose stake on what. */
type Position = {
  readonly coldkey: Signer;
  readonly hotkey: Hex;
  readonly hotkeySs58: string;
  readonly netuid: number;
};

/** Balance and stake at a block. */
type Amounts = { readonly balanceRao: bigint; readonly stakeRao: bigint };

async function positionOf(options: StakeOptions | UnstakeOptions): Promise<Position> {
  const { wallet, walletFolder, hotkey, netuid } = options;
  const { publicKey, ss58 } = await openHotkey({ folder: walletFolder, name: wallet, hotkey });
  return { coldkey: await unlockColdkey(options), hotkey: publicKey, hotkeySs58: ss58, netuid };
}

async function amountsOf(chain: ChainClient, position: Position, at?: Hex): Promise<Amounts> {
  const { coldkey, hotkey, netuid } = position;
  const [balanceRao, stakeRao] = await Promise.all([
    chain.balance(coldkey.ss58, at),
    chain.stakeOf(coldkey.ss58, hotkey, netuid, at),
  ]);
  return { balanceRao, stakeRao };
}

function linesOf(before: Amounts, after: Amounts): readonly string[] {
  return [
    `balance ${taoText(before.balanceRao)} -> ${taoText(after.balanceRao)}`,
    `stake   ${taoText(before.stakeRao, "alpha")} -> ${taoText(after.stakeRao, "alpha")}`,
  ];
}

/** What the hotkey lacks for a validator permit, as lines. */
async function permitLines(
  chain: ChainClient,
  { hotkey, netuid }: Position,
): Promise<readonly string[]> {
  const need = await chain.stakeForPermit(netuid, hotkey);
  if (need.permitted) return ["validator permit: given"];
  const epoch = need.permitEpoch;
  const when = epoch === null ? "" : `; the epoch in block ${epoch} gives it`;
  if (need.missingRao === 0n) return [`validator permit: enough stake for one${when}`];
  return [
    `validator permit: ${taoText(need.missingRao, "alpha")} more needed${when} if that comes now`,
  ];
}

/** @throws AssayError bad-option, not-enough-funds, not-registered */
async function requireStakeable(
  chain: ChainClient,
  options: StakeOptions,
  position: Position,
): Promise<Amounts> {
  const { amount, netuid, wallet } = options;
  if (amount < MIN_STAKE_RAO)
    throw new AssayError({
      code: "bad-option",
      detail: `--amount must be at least ${taoText(MIN_STAKE_RAO)}: the chain refuses to stake less.`,
    });
  const [neuron, amounts, leastRao, faucet] = await Promise.all([
    chain.neuronOf(netuid, position.hotkey),
    amountsOf(chain, position),
    chain.existentialDeposit(),
    chain.isDevelopmentChain(),
  ]);
  if (neuron === null)
    throw new AssayError({ code: "not-registered", hotkey: position.hotkeySs58, netuid, wallet });
  if (amounts.balanceRao < amount + leastRao)
    throw new AssayError({
      code: "not-enough-funds",
      account: position.coldkey.ss58,
      haveRao: amounts.balanceRao,
      needRao: amount + leastRao,
      purpose: "Staking that, and keeping the account",
      faucet,
    });
  return amounts;
}

/**
 * Stakes tokens on the hotkey.
 * @throws ChainError wallet-missing, extrinsic-failed; AssayError bad-option, not-registered, not-enough-funds, declined
 */
export async function stake(options: StakeOptions, parts: AccountParts): Promise<void> {
  const { amount, yes, json, netuid } = options;
  const position = await positionOf(options);
  await withChain(options, parts, async (chain) => {
    await chain.hotkeys(netuid); // refuses a subnet that does not exist
    const before = await requireStakeable(chain, options, position);
    if (!json) parts.print(`coldkey ${position.coldkey.ss58} has ${taoText(before.balanceRao)}`);
    const onto = `${position.hotkeySs58} on subnet ${netuid}`;
    await confirm(`Stake ${taoText(amount)} on ${onto}?`, { yes, terminal: parts.terminal });
    const { coldkey, hotkey } = position;
    const { block } = await chain.addStake(coldkey, { hotkey, netuid, amountRao: amount });
    const after = await amountsOf(chain, position, block.hash);
    answer(parts, json, {
      value: {
        coldkey: coldkey.ss58,
        hotkey: position.hotkeySs58,
        netuid,
        block: block.number,
        before,
        after,
      },
      lines: [
        `${taoText(amount)} staked on ${onto} in block ${block.number}`,
        ...linesOf(before, after),
        ...(await permitLines(chain, position)),
      ],
    });
  });
}

/** @throws AssayError bad-option */
function requireOneAmount({ amount, all }: UnstakeOptions): void {
  if ((amount === undefined) === !all)
    throw new AssayError({
      code: "bad-option",
      detail: "Either --amount or --all must be given, and not both.",
      next: all ? "Take off that much alone." : "Take off all of it, or name an amount.",
      run: { again: { all: !all } },
    });
}

/** How much to take off. @throws AssayError not-enough-stake, bad-option */
function amountOf(options: UnstakeOptions, position: Position, stakeRao: bigint): bigint {
  const { amount, netuid } = options;
  const rao = amount ?? stakeRao;
  if (rao === 0n || rao > stakeRao)
    throw new AssayError({
      code: "not-enough-stake",
      hotkey: position.hotkeySs58,
      netuid,
      haveRao: stakeRao,
      needRao: rao,
    });
  if (rao < MIN_STAKE_RAO && rao < stakeRao)
    throw new AssayError({
      code: "bad-option",
      detail: `--amount must be at least ${taoText(MIN_STAKE_RAO, "alpha")}: the chain takes off less only with --all, which is ${taoText(stakeRao, "alpha")} here.`,
    });
  return rao;
}

/**
 * Takes stake off the hotkey.
 * @throws ChainError wallet-missing, extrinsic-failed; AssayError bad-option, not-enough-stake, stake-unbacked, declined
 */
export async function unstake(options: UnstakeOptions, parts: AccountParts): Promise<void> {
  const { yes, json, netuid } = options;
  requireOneAmount(options);
  const position = await positionOf(options);
  await withChain(options, parts, async (chain) => {
    await chain.hotkeys(netuid); // refuses a subnet that does not exist
    const before = await amountsOf(chain, position);
    const amountRao = amountOf(options, position, before.stakeRao);
    const { coldkey, hotkey, hotkeySs58 } = position;
    const from = `${hotkeySs58} on subnet ${netuid}`;
    if (!json) parts.print(`${taoText(before.stakeRao, "alpha")} is staked on ${from}`);
    const question = `Take ${taoText(amountRao, "alpha")} off?`;
    await confirm(question, { yes, terminal: parts.terminal });
    const { block } = await chain
      .removeStake(coldkey, { hotkey, netuid, amountRao })
      .catch(async (error: unknown) => {
        if (!refusalNames(error).includes("InsufficientLiquidity")) throw error;
        const { redeemableRao } = await chain.redeemable(coldkey.ss58, hotkey, netuid);
        throw new AssayError({ code: "stake-unbacked", netuid, redeemableRao }, { cause: error });
      });
    const after = await amountsOf(chain, position, block.hash);
    answer(parts, json, {
      value: {
        coldkey: coldkey.ss58,
        hotkey: hotkeySs58,
        netuid,
        block: block.number,
        before,
        after,
      },
      lines: [
        `${taoText(amountRao, "alpha")} taken off ${from} in block ${block.number}`,
        ...linesOf(before, after),
      ],
    });
  });
}
