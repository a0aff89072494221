/** @file A plain @polkadot/api client: what it reads from the chain owes nothing to our own client. */
import assert from "node:assert/strict";
import { ApiPromise, WsProvider } from "@polkadot/api";
import { z } from "zod";
import type { Signer } from "../../chain/wallet/signer.ts";
import type { Hex } from "../../src/protocol/digest.ts";

const U16_MAX = 65_535;

/** A call in a block, and who signed it. */
export type SignedCall = { readonly block: number; readonly call: string; readonly signer: Hex };

/** Connects to a chain. */
export async function openPublicClient(endpoint: string): Promise<ApiPromise> {
  const provider = new WsProvider(endpoint);
  return ApiPromise.create({ provider, noInitWarn: true, throwOnConnect: true });
}

/** The chain's trust in each uid as a validator, 0 to 1. */
export async function validatorTrust(api: ApiPromise, netuid: number): Promise<readonly number[]> {
  const entry = api.query["subtensorModule"]?.["validatorTrust"];
  assert.ok(entry !== undefined);
  const found = z.array(z.number()).parse((await entry(netuid)).toJSON());
  return found.map((part) => part / U16_MAX);
}

/** Blocks that are asked for side by side. */
const BLOCKS_AT_ONCE = 16;

/** The signed calls of a block. */
async function callsOf(api: ApiPromise, number: number): Promise<readonly SignedCall[]> {
  const { block } = await api.rpc.chain.getBlock(await api.rpc.chain.getBlockHash(number));
  return block.extrinsics
    .filter(({ isSigned }) => isSigned)
    .map(({ method, signer }) => ({
      block: number,
      call: `${method.section}.${method.method}`,
      signer: api.createType("AccountId", signer.toString()).toHex(),
    }));
}

/** Every signed call of the blocks `from` to `to`. */
export async function signedCalls(
  api: ApiPromise,
  from: number,
  to: number,
): Promise<readonly SignedCall[]> {
  const calls: SignedCall[] = [];
  for (let first = from; first <= to; first += BLOCKS_AT_ONCE) {
    const length = Math.min(BLOCKS_AT_ONCE, to + 1 - first);
    const asked = Array.from({ length }, (_, index) => callsOf(api, first + index));
    calls.push(...(await Promise.all(asked)).flat());
  }
  return calls;
}

/** How many there are of each word. */
export function counted(words: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries(counts);
}

/** Registrations that fit into one call: each is declared to take 14 ms, and a call of a short slot may take 162. */
const AT_ONCE = 8;

/** Registers hotkeys; resolves once all have a uid. */
export async function registerAll(
  api: ApiPromise,
  hotkeys: readonly Hex[],
  { netuid, payer }: { readonly netuid: number; readonly payer: Signer },
): Promise<void> {
  const register = api.tx["subtensorModule"]?.["burnedRegister"];
  const batchAll = api.tx["utility"]?.["batchAll"];
  assert.ok(register !== undefined && batchAll !== undefined);
  for (let at = 0; at < hotkeys.length; at += AT_ONCE) {
    const calls = hotkeys.slice(at, at + AT_ONCE).map((hotkey) => register(netuid, hotkey));
    await new Promise<void>((resolve, reject) => {
      const sent = batchAll(calls).signAndSend(payer.pair, ({ status, dispatchError }) => {
        if (dispatchError !== undefined) reject(new Error(dispatchError.toString()));
        else if (status.isFinalized) resolve();
      });
      sent.catch(reject);
    });
  }
}
