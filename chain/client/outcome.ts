/** @file What the extrinsics of a block did: read from its events, errors named by metadata. */
import type { DispatchError, EventRecord } from "@polkadot/types/interfaces";
import type { Vec } from "@polkadot/types-codec";
import { ChainError } from "../errors.ts";
import { type Hex } from "../wallet/hex.ts";
import { blockSchema } from "./answers.ts";
import { type Head } from "./heads.ts";
import { type Runtime } from "./runtime.ts";
import { type ChainState } from "./state.ts";
import { type StorageItem } from "./storage-item.ts";

/** An event of an extrinsic, by its names in metadata; `data` as text, in order. */
export type ExtrinsicEvent = {
  readonly pallet: string;
  readonly name: string;
  readonly data: readonly string[];
};

/** A block with the events of its extrinsics. */
export type Outcome = {
  readonly block: Head;
  readonly extrinsics: readonly Hex[];
  readonly records: readonly EventRecord[];
  readonly runtime: Runtime;
};

const EVENTS: StorageItem<Uint8Array> = {
  pallet: "System",
  name: "Events",
  shape: "Vec<{phase:enum Phase,event:enum RuntimeEvent,topics:Vec<[u8;32]>}>",
  decode: (reader) => reader.rest(),
};

/** Reads a block and its events, in one round trip. */
export async function readOutcome(state: ChainState, hash: Hex): Promise<Outcome> {
  const batch = state.batch();
  const events = batch.askValue(EVENTS);
  const [answer] = await Promise.all([
    state.request(blockSchema, "chain_getBlock", [hash]),
    batch.read(hash),
  ]);
  if (answer === null)
    throw new ChainError({
      code: "rpc-failed",
      endpoint: state.link.endpoint,
      method: "chain_getBlock",
      reason: `there is no block ${hash}`,
    });
  const { header, extrinsics } = answer.block;
  const { runtime } = batch;
  return {
    block: { number: Number(header.number), hash },
    extrinsics,
    records: [
      ...runtime.registry.createTypeUnsafe<Vec<EventRecord>>("Vec<EventRecord>", [events()]),
    ],
    runtime,
  };
}

/**
 * Events of one extrinsic of a block, or null when the block does not hold it.
 * @throws ChainError extrinsic-failed with the names that metadata gives the error
 */
export function eventsOf(outcome: Outcome, extrinsic: Hex): readonly ExtrinsicEvent[] | null {
  const index = outcome.extrinsics.indexOf(extrinsic);
  if (index === -1) return null;
  const own = outcome.records.filter(
    ({ phase }) => phase.isApplyExtrinsic && phase.asApplyExtrinsic.eqn(index),
  );
  for (const { event } of own) {
    const [error] = event.data;
    if (event.section === "system" && event.method === "ExtrinsicFailed" && error !== undefined)
      throw dispatchError(
        outcome.runtime,
        outcome.runtime.registry.createType("DispatchError", error.toU8a()),
      );
  }
  return own.map(({ event }) => ({
    pallet: outcome.runtime.palletName(event.index[0] ?? -1),
    name: event.method,
    data: event.data.map((value) => value.toString()),
  }));
}

function dispatchError(runtime: Runtime, error: DispatchError): ChainError {
  if (!error.isModule)
    return new ChainError({
      code: "extrinsic-failed",
      pallet: "System",
      error: error.isToken ? `Token.${error.asToken.type}` : error.type,
      docs: "",
    });
  const { index, error: code } = error.asModule;
  const { name, docs } = runtime.errorNamed(index.toNumber(), code.toU8a()[0] ?? 0);
  const pallet = runtime.palletName(index.toNumber());
  return new ChainError({ code: "extrinsic-failed", pallet, error: name, docs });
}
