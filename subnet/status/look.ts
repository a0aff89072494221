/** @file One look at a subnet: everything that its screen, its JSON and its list of troubles are made from. */
import type { ChainClient } from "../../chain/client/client.ts";
import type { SubnetSummary } from "../../chain/client/subnets.ts";
import { listWallets } from "../../chain/wallet/list.ts";
import type { WindowRecord } from "../../src/protocol/record.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import { ChainError } from "../../chain/errors.ts";
import { type Found, readRunNow, type RunNow } from "../owner/run-now.ts";
import { type Participant, readParticipants } from "./participants.ts";
import {
  type Finished,
  readFinished,
  readNewestRecord,
  readServed,
  type Served,
} from "./windows.ts";

/** What the run adds to a look; null where there is no run that can be read. */
export type RunLook = {
  readonly run: RunNow;
  /** The last windows that are over, the oldest first. */
  readonly finished: readonly Finished[];
  readonly record: WindowRecord | null;
  readonly served: Served;
};

/** A subnet at one block. */
export type Look = {
  readonly endpoint: string;
  readonly summary: SubnetSummary;
  readonly found: Found;
  readonly participants: readonly Participant[];
  readonly running: RunLook | null;
  readonly hyperparameters: Awaited<ReturnType<ChainClient["hyperparameters"]>>;
  readonly nextEpoch: number | null;
  /** Null on chains that keep no such ledger. */
  readonly ledger: Awaited<ReturnType<ChainClient["emissionLedger"]>> | null;
};

/** SS58 address -> "wallet" or "wallet/hotkey", of the hotkeys on this machine. */
export async function localNames(walletFolder: string): Promise<ReadonlyMap<string, string>> {
  const wallets = await listWallets(walletFolder);
  const named = wallets.flatMap(({ name, hotkeys }) =>
    hotkeys.map(({ name: hotkey, ss58 }): [string, string] => [
      ss58 ?? "",
      hotkey === "default" ? name : `${name}/${hotkey}`,
    ]),
  );
  return new Map(named);
}

async function lookAtRun(
  subnet: Subnet,
  run: RunNow,
  { participants, signal }: { participants: readonly Participant[]; signal: AbortSignal },
): Promise<RunLook> {
  const [finished, record, served] = await Promise.all([
    readFinished(subnet, run),
    readNewestRecord(run, participants, signal),
    readServed(run, participants, signal),
  ]);
  return { run, finished, record, served };
}

/** Looks once. @throws ChainError subnet-missing, chain-unreachable */
export async function lookAt(
  subnet: Subnet,
  parts: { readonly names: ReadonlyMap<string, string>; readonly signal: AbortSignal },
): Promise<Look> {
  const { chain, netuid } = subnet;
  const { signal } = parts;
  const found = await readRunNow(subnet, signal);
  const at = found.head.hash;
  const [graph, summaries, hyperparameters, nextEpoch, ledger] = await Promise.all([
    chain.metagraph(netuid, at),
    chain.subnets(at),
    chain.hyperparameters(netuid, at),
    chain.nextEpoch(netuid, at),
    chain.emissionLedger(netuid, at).catch((error: unknown) => {
      if (error instanceof ChainError && error.code === "runtime-incompatible") return null;
      throw error;
    }),
  ]);
  const summary = summaries.find((one) => one.netuid === netuid);
  const known = summaries.map((one) => one.netuid);
  if (summary === undefined) throw new ChainError({ code: "subnet-missing", netuid, known });
  const clock = found.kind === "run" ? found.clock : null;
  const participants = await readParticipants(subnet, graph, { clock, ...parts });
  const running =
    found.kind === "run" ? await lookAtRun(subnet, found, { participants, signal }) : null;
  return {
    endpoint: chain.endpoint,
    summary,
    found,
    participants,
    running,
    hyperparameters,
    nextEpoch,
    ledger,
  };
}
