/** @file What acts are held to: looks into the chain before and after, so that a client's word alone is not believed. */
import { isDeepStrictEqual } from "node:util";
import { openColdkey, openHotkey } from "../../../chain/wallet/wallet.ts";
import { ActFailure } from "./answer.ts";
import type { Stage } from "./stage.ts";

/** @throws ActFailure unless `holds` */
export function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new ActFailure(otherwise);
}

/** @throws ActFailure unless both are the same JSON */
export function checkSame(what: string, seen: unknown, wanted: unknown): void {
  const text = `${what} is ${JSON.stringify(seen)}, not ${JSON.stringify(wanted)}`;
  check(isDeepStrictEqual(seen, wanted), text);
}

/** @throws ActFailure unless the text stands somewhere in the JSON of an answer */
export function checkHolds(answer: unknown, text: string): void {
  const said = JSON.stringify(answer) ?? "nothing";
  check(said.includes(text), `its answer lacks ${text}: ${said}`);
}

/** How much a number of the chain grew while something was done. */
export async function growth(
  measured: () => Promise<bigint>,
  action: () => Promise<unknown>,
): Promise<bigint> {
  const before = await measured();
  await action();
  return (await measured()) - before;
}

/** Opens a wallet that a client wrote, with our own code; `said`: what the client says of it, if it says anything. */
export async function checkReadable(stage: Stage, name: string, said?: unknown): Promise<void> {
  const wallet = { folder: stage.wallets, name };
  const coldkey = await openColdkey(wallet);
  const hotkey = await openHotkey({ ...wallet, hotkey: "default" });
  const found = { coldkey: coldkey.ss58, hotkey: hotkey.ss58 };
  if (said !== undefined) checkSame("its wallet", said, found);
}

/** TAO that a coldkey has staked on a hotkey and not taken back, in rao. */
export async function principalOf(
  stage: Stage,
  { hotkey, coldkey, netuid }: { hotkey: string; coldkey: string; netuid: number },
): Promise<bigint> {
  return stage.number("subtensorModule", "principal", hotkey, coldkey, netuid);
}

/** The uid of a hotkey. @throws ActFailure it has none */
export async function uidOf(stage: Stage, netuid: number, hotkey: string): Promise<number> {
  return Number(await stage.number("subtensorModule", "uids", netuid, hotkey));
}

/** Weights as stored: of a validator's uid, by uid. */
export async function weightsOf(stage: Stage, netuid: number, uid: number): Promise<unknown> {
  return stage.read("subtensorModule", "weights", netuid, uid);
}

/** What an epoch gave a uid last, in rao. */
export async function emissionOf(stage: Stage, netuid: number, uid: number): Promise<bigint> {
  const all = await stage.read("subtensorModule", "emission", netuid);
  const mine: unknown = Array.isArray(all) ? all[uid] : undefined;
  if (typeof mine !== "number" && typeof mine !== "string")
    throw new ActFailure(`uid ${uid} of subnet ${netuid} has no emission`);
  return BigInt(mine);
}

/** @throws ActFailure unless the chain holds these weights */
export async function checkStored(
  stage: Stage,
  {
    hotkey,
    netuid,
    uids,
    values,
  }: {
    readonly hotkey: string;
    readonly netuid: number;
    readonly uids: readonly number[];
    readonly values: readonly number[];
  },
): Promise<void> {
  const stored = await weightsOf(stage, netuid, await uidOf(stage, netuid, hotkey));
  const wanted = uids.map((uid, at) => [uid, values[at]]);
  checkSame("the weights", stored, wanted);
}
