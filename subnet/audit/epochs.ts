/** @file Epochs of a chain as they can be computed again: what each read, and who is paid what by it under any weights. */
import type { ChainClient } from "../../chain/client/client.ts";
import { emissionAt, epochPools, splitEmission } from "../../src/protocol/economy.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { BlockClock } from "../../src/run/block-clock.ts";
import { hasIncentive, minerPay, runEpoch, validatorPay } from "../../src/yuma/epoch.ts";
import { dividedDividends, inheritedStake, type Kin } from "../../src/yuma/inheritance.ts";
import type { EpochInput } from "../../src/yuma/terms.ts";
import { WeightOrigins } from "./weight-origin.ts";
import { maskCommitted } from "../../src/yuma/weights.ts";

/** What reading epochs needs. */
export type EpochParts = {
  readonly netuid: number;
  readonly chain: ChainClient;
  readonly blocks: Pick<BlockClock, "current" | "hashOf">;
  readonly signal: AbortSignal;
  readonly progress: (block: number) => void;
};

/** A subnet in the state of one block. */
export type EpochState = {
  readonly graph: Awaited<ReturnType<ChainClient["metagraph"]>>;
  readonly rules: Awaited<ReturnType<ChainClient["hyperparameters"]>>;
  readonly terms: Awaited<ReturnType<ChainClient["epochTerms"]>>;
  readonly ledger: Awaited<ReturnType<ChainClient["emissionLedger"]>>;
  /** Children and parents, by uid. */
  readonly kin: Awaited<ReturnType<ChainClient["kin"]>>;
  /** By uid, the earliest commit that hides weights; all null where none are hidden. */
  readonly earliestCommits: Awaited<ReturnType<ChainClient["earliestCommits"]>>;
  /** By uid, the block in which its weights were set, or committed where they were hidden; 0 without any. */
  readonly fixedAt: readonly number[];
};

/** Alpha in rao and its parts. */
export type Pools = {
  readonly total: bigint;
  readonly owner: bigint;
  readonly miners: bigint;
  readonly validators: bigint;
};

/** Everything that an epoch reads. Lists are by uid. */
export type EpochFacts = {
  readonly block: number;
  readonly input: EpochInput;
  readonly hotkeys: readonly Hex[];
  /** Block in which each uid's weights were set, or committed where they were hidden; 0 without any. */
  readonly fixedAt: readonly number[];
  /** Whether what it earns as a miner is burned, since it is the owner's. */
  readonly isOwners: readonly boolean[];
  readonly pools: Pools;
  /** What the epoch before could not divide. */
  readonly carriedRao: bigint;
  /** Alpha of the hotkeys that counts, before what they inherit, with their children and parents. */
  readonly holdings: readonly { readonly ownRao: bigint; readonly kin: Kin }[];
};

/** Who is paid what. Lists are by uid, in rao but for the shares of 65535. */
export type EpochPay = {
  readonly miners: readonly bigint[];
  /** By uid, with what its parents have of it. */
  readonly validators: readonly bigint[];
  /** What uids and their parents have of these, after truncation. */
  readonly dividendsPaidRao: bigint;
  /** Of what miners got by incentive, what is burned since they are the owner's. */
  readonly burned: readonly bigint[];
  readonly ownerRao: bigint;
  /** Everything, where nobody had an incentive; it is nobody's. */
  readonly unearnedRao: bigint;
  readonly incentive: readonly number[];
  readonly dividends: readonly number[];
  readonly bonds: EpochInput["bonds"];
  readonly permits: readonly boolean[];
  readonly carriedRao: bigint;
};

/** Sum of amounts. */
export function sumOf(values: readonly bigint[]): bigint {
  return values.reduce((sum, one) => sum + one, 0n);
}

/** The state after a block. */
export async function epochStateAt(
  { netuid, chain, blocks }: EpochParts,
  block: number,
): Promise<EpochState> {
  const at = await blocks.hashOf(block);
  const graph = await chain.metagraph(netuid, at);
  const hotkeys = graph.neurons.map(({ hotkey }) => hotkey);
  const rules = await chain.hyperparameters(netuid, at);
  const [terms, ledger, kin, earliestCommits] = await Promise.all([
    chain.epochTerms(netuid, hotkeys, at),
    chain.emissionLedger(netuid, at),
    chain.kin(netuid, hotkeys, at),
    rules.commitRevealEnabled
      ? chain.earliestCommits(netuid, hotkeys, at)
      : hotkeys.map(() => null),
  ]);
  const origins = new WeightOrigins({ netuid, chain, blocks });
  const fixedAt = await origins.ofAll(graph.neurons, terms.weights, block);
  return { graph, rules, terms, ledger, kin, earliestCommits, fixedAt };
}

/** What an epoch in `block` reads, from the state before that block. */
function inputOf(
  { graph, rules, terms, earliestCommits }: EpochState,
  block: number,
  holdings: EpochFacts["holdings"],
): EpochInput {
  const { neurons } = graph;
  const [low, high] = rules.alphaValues;
  const owner = neurons.find(({ hotkey }) => hotkey === graph.ownerHotkey);
  const cutoff = Math.floor((rules.activityCutoffFactorMilli * rules.tempo) / 1000);
  const registeredAt = neurons.map((one) => one.registeredAt);
  return {
    block,
    tempo: rules.tempo,
    activityCutoff: Math.max(1, cutoff),
    kappa: rules.kappa,
    bondsPenalty: rules.bondsPenalty,
    bondsMovingAverage: rules.bondsMovingAverage,
    yuma3: rules.yuma3Enabled,
    liquidAlpha: rules.liquidAlphaEnabled ? { low, high, steepness: terms.alphaSteepness } : null,
    maxValidators: rules.maxAllowedValidators,
    ownerUid: owner?.uid ?? null,
    lastEpoch: terms.lastEpoch,
    stakeRao: holdings.map(({ ownRao, kin }) => inheritedStake(ownRao, kin)),
    stakeThresholdRao: terms.stakeThresholdRao,
    lastUpdate: neurons.map(({ lastUpdate }) => lastUpdate),
    registeredAt,
    permits: neurons.map(({ validatorPermit }) => validatorPermit),
    weights: maskCommitted(terms.weights, earliestCommits, registeredAt),
    bonds: terms.bonds,
  };
}

/** One block's alpha by the schedule, in its parts. */
function issued(issuedRao: bigint, { emits, ownerCut }: EpochState["terms"]): Pools {
  const total = emits ? emissionAt(issuedRao) : 0n;
  return { total, ...splitEmission(total, ownerCut) };
}

const added = (a: Pools, b: Pools): Pools => ({
  total: a.total + b.total,
  owner: a.owner + b.owner,
  miners: a.miners + b.miners,
  validators: a.validators + b.validators,
});

/** What the schedule issues in the blocks after an epoch up to the next, both in the state before it. */
export function issuedSince(after: EpochState, blocks: number): Pools {
  let pools: Pools = { total: 0n, owner: 0n, miners: 0n, validators: 0n };
  for (let block = 0; block < blocks; block++)
    pools = added(pools, issued(after.ledger.issuedRao + pools.total, after.terms));
  return pools;
}

/** What is in the pools of an epoch: what is pending in the state before its block, and that block's own alpha. */
function poolsOf({ ledger, terms }: EpochState): Pools {
  const own = issued(ledger.issuedRao, terms);
  return added(own, {
    total: ledger.issuedRao,
    owner: ledger.pendingOwnerRao,
    miners: ledger.pendingMinersRao,
    validators: ledger.pendingValidatorsRao,
  });
}

/** What the epoch in `block` reads, from the state before that block. */
export function epochFacts(before: EpochState, block: number): EpochFacts {
  const { neurons, ownerHotkey, ownerColdkey } = before.graph;
  const holdings = neurons.map(({ stakeRao }, uid) => ({
    ownRao: stakeRao - (before.terms.freshRao[uid] ?? 0n),
    kin: before.kin[uid] ?? { children: [], parents: [], take: 0 },
  }));
  return {
    block,
    holdings,
    input: inputOf(before, block, holdings),
    hotkeys: neurons.map(({ hotkey }) => hotkey),
    fixedAt: before.fixedAt,
    isOwners: neurons.map(
      ({ hotkey, coldkey }) => hotkey === ownerHotkey || coldkey === ownerColdkey,
    ),
    pools: poolsOf(before),
    carriedRao: before.ledger.carriedRao,
  };
}

/** What a uid's dividends come to once its parents have their parts of them. */
function keptOf({ holdings }: EpochFacts, uid: number, dividendsRao: bigint): bigint {
  const holding = holdings[uid];
  if (holding === undefined) return dividendsRao;
  const { parents, own } = dividedDividends(dividendsRao, holding.ownRao, holding.kin);
  return sumOf(parents) + own;
}

/** Runs an epoch: who is paid what, what is burned and carried. */
export function payEpoch(facts: EpochFacts): EpochPay {
  const { input, isOwners, pools, carriedRao } = facts;
  const output = runEpoch(input);
  const divided = epochPools(pools, carriedRao, hasIncentive(output));
  const miners = minerPay(output, divided.miners);
  const validators = validatorPay(output, divided.validators);
  const dividendsPaidRao = sumOf(validators.map((amount, uid) => keptOf(facts, uid, amount)));
  return {
    miners,
    validators,
    dividendsPaidRao,
    burned: miners.map((one, uid) => (isOwners[uid] === true ? one : 0n)),
    ownerRao: divided.owner,
    unearnedRao: divided.burned,
    incentive: output.incentive,
    dividends: output.dividends,
    bonds: output.bonds,
    permits: output.permits,
    carriedRao: divided.miners + divided.validators - sumOf(miners) - dividendsPaidRao,
  };
}
