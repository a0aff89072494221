/** @file Where a hotkey stands on its subnet: registered, paid for, permitted, not held up by rates or an old release. */
import { taoDigits, taoText } from "../../base/tao.ts";
import type { NextCommand } from "../../base/fault.ts";
import type { Neuron } from "../../chain/client/metagraph.ts";
import { ss58Of } from "../../chain/wallet/account.ts";
import { listWallets } from "../../chain/wallet/list.ts";
import type { Signer } from "../../chain/wallet/signer.ts";
import { readColdkeyPublic } from "../../chain/wallet/wallet.ts";
import { VERSION_KEY } from "../neuron/weights.ts";
import type { Subnet } from "../run/subnet.ts";
import { after, fine, type Finding, type Patient, SAME, unknown, wrong } from "./finding.ts";

/** Beside a price there is a fee. */
const FEE_RAO = 10_000_000n;

/** What the checks of this file look at. */
export type Standing = {
  readonly patient: Patient;
  readonly subnet: Subnet;
  readonly signer: Signer;
  readonly own: Neuron | null;
  readonly hyperparameters: Awaited<ReturnType<Subnet["chain"]["hyperparameters"]>>;
  /** Blocks of a window; null where there is no run. */
  readonly blocksPerWindow: number | null;
};

const WALLET = ["walletFolder", "endpoint", "genesis"] as const;

/** How a coldkey comes to tokens: the faucet, another wallet of this machine, or its balance to look at meanwhile. */
async function tokensFor(
  { patient, subnet: { chain } }: Standing,
  coldkey: string,
  missing: bigint,
): Promise<NextCommand> {
  const { walletFolder } = patient.options;
  const amount = taoDigits(missing);
  if (await chain.isDevelopmentChain())
    return { ours: "miner faucet", keep: ["wallet", ...WALLET], set: { amount } };
  for (const { name, coldkeySs58 } of await listWallets(walletFolder)) {
    if (coldkeySs58 === null || coldkeySs58 === coldkey) continue;
    if ((await chain.balance(coldkeySs58)) >= missing + FEE_RAO)
      return { ours: "miner transfer", keep: WALLET, set: { wallet: name, to: coldkey, amount } };
  }
  return { ours: "miner balance", keep: ["wallet", ...WALLET] };
}

/** The coldkey's address, or null where its public half is not here. */
async function coldkeyOf({ options }: Patient): Promise<string | null> {
  const access = { folder: options.walletFolder, name: options.wallet };
  return readColdkeyPublic(access).then(ss58Of, () => null);
}

/** Whether the coldkey can pay `needed` for `what`. */
async function fundsFinding(at: Standing, needed: bigint, what: string): Promise<Finding> {
  const coldkey = await coldkeyOf(at.patient);
  if (coldkey === null) return unknown("funds", "the coldkey's address is not on this machine");
  const has = await at.subnet.chain.balance(coldkey);
  const all = needed + FEE_RAO;
  if (has >= all) return fine("funds", `the coldkey has ${taoText(has)}`);
  return wrong(
    ["funds", "no-funds"],
    `${what} takes ${taoText(needed)} and a fee, but coldkey ${coldkey} has ${taoText(has)}.`,
    await tokensFor(at, coldkey, all - has),
  );
}

/** Whether the hotkey has a uid, and the means to buy one. */
export async function registeredFindings(at: Standing): Promise<readonly Finding[]> {
  const { own, subnet, signer } = at;
  const { netuid, chain } = subnet;
  if (own !== null) return [fine("registered", `uid ${own.uid} of subnet ${netuid}`)];
  const price = await chain.burnCost(netuid);
  return [
    await fundsFinding(at, price, `A uid on subnet ${netuid}`),
    wrong(
      ["registered", "not-registered"],
      `Hotkey ${signer.ss58} has no uid on subnet ${netuid}.`,
      { ours: "miner register", keep: SAME },
    ),
  ];
}

/** Whether a validator's votes and weights count. */
export async function permitFindings(at: Standing): Promise<readonly Finding[]> {
  const { patient, own, subnet, signer } = at;
  if (patient.role !== "validator" || own === null) return [];
  const need = await subnet.chain.stakeForPermit(subnet.netuid, signer.publicKey);
  if (need.permitted)
    return [fine("permit", `votes and weights count, stake ${taoText(need.stakeRao, "alpha")}`)];
  const { missingRao, permitEpoch } = need;
  if (missingRao > 0n)
    return [
      await fundsFinding(at, missingRao, "The stake of a validator"),
      wrong(
        ["stake", "stake-low"],
        `This hotkey has ${taoText(need.stakeRao, "alpha")} of stake, and a validator permit takes ${taoText(need.neededRao, "alpha")} here.`,
        { ours: "miner stake", keep: SAME, set: { amount: taoDigits(missingRao) } },
      ),
    ];
  if (permitEpoch === null)
    return [
      wrong(
        ["permit", "no-permit"],
        "The stake is enough, but this subnet has no epochs (tempo 0), and an epoch gives the permit: its owner must set one.",
        { ours: "subnet params set", args: ["chain.tempo", "360"] },
      ),
    ];
  return [
    wrong(
      ["permit", "no-permit"],
      `The stake is enough, and the epoch in block ${permitEpoch} gives the validator permit; until then votes and weights do not count.`,
      after(permitEpoch + 1),
    ),
  ];
}

/** Whether the subnet asks for weights of a newer release. */
export function versionFindings({ patient, hyperparameters }: Standing): readonly Finding[] {
  if (patient.role !== "validator") return [];
  const { weightsVersion } = hyperparameters;
  if (weightsVersion <= VERSION_KEY)
    return [fine("version", `weights of version ${VERSION_KEY} are taken`)];
  const update: readonly NextCommand[] = import.meta.url.endsWith(".ts")
    ? [{ system: ["git", "pull", "--ff-only"] }, { system: ["npm", "ci"] }]
    : [{ system: ["npm", "install", "assay@latest"] }];
  return [
    wrong(
      ["version", "version-key"],
      `The subnet asks for weights of version ${weightsVersion}, and this release makes version ${VERSION_KEY}: they would be refused.`,
      ...update,
    ),
  ];
}

/** Whether the chain would refuse weights for coming too soon, for longer than a window. */
export function weightsRateFindings(at: Standing): readonly Finding[] {
  const { patient, own, subnet, hyperparameters, blocksPerWindow } = at;
  if (patient.role !== "validator" || own === null) return [];
  const { weightsRateLimit, tempo } = hyperparameters;
  const free = own.lastUpdate + weightsRateLimit;
  const isHeld = own.lastUpdate > 0 && free > subnet.blocks.current.number;
  if (!isHeld || weightsRateLimit <= (blocksPerWindow ?? tempo))
    return [fine("weights-rate", `weights may be set every ${weightsRateLimit} blocks`)];
  return [
    wrong(
      ["weights-rate", "weights-rate-limit"],
      `The chain takes the next weights of this hotkey from block ${free} on: its last are of block ${own.lastUpdate}, and the subnet allows one in ${weightsRateLimit} blocks.`,
      after(free),
    ),
  ];
}
