/** @file What the extrinsics of a block did: read from its events, errors named by metadata. */
import type { DispatchError, EventRecord } from "@polkadot/types/interfaces";
import type { Vec } from "@polkadot/types-codec";
import { ChainError } from "../errors.ts";
import { type Hex } from "../wallet/hex.ts";
import { blockSchema } from "./answers.ts";
import { type Head } from "./heads.ts";
import { type Runtime } from "./runtime.ts";
import { compactBytes, ScaleReader } from "./scale.ts";
import { type ChainState } from "./state.ts";
import { type StorageItem } from "./storage-item.ts";

/** An event of an extrinsic, by its names in metadata; `data` as text, in order. */
export type ExtrinsicEvent = {
  readonly pallet: string;
  readonly name: string;
  readonly data: readonly string[];
};

/** A block and its events as they came, not yet decoded. */
export type EncodedBlock = {
  readonly block: Head;
  readonly extrinsics: readonly Hex[];
  /** SCALE of all its event records. */
  readonly events: Uint8Array;
  readonly runtime: Runtime;
};

/** A block with the events of its extrinsics. */
export type Outcome = Omit<EncodedBlock, "events"> & { readonly records: readonly EventRecord[] };

const EVENTS: StorageItem<Uint8Array> = {
  pallet: "System",
  name: "Events",
  shape: "Vec<{phase:enum Phase,event:enum RuntimeEvent,topics:Vec<[u8;32]>}>",
  decode: (reader) => reader.rest(),
};

/** Reads a block and its events, in one round trip. @throws ChainError rpc-failed: there is no such block any more */
export async function readEncoded(state: ChainState, hash: Hex): Promise<EncodedBlock> {
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
  const block = { number: Number(header.number), hash };
  return { block, extrinsics, events: events(), runtime: batch.runtime };
}

/** Reads a block with all its events. @throws ChainError rpc-failed; whatever decoding an event throws */
export async function readOutcome(state: ChainState, hash: Hex): Promise<Outcome> {
  const { events, ...rest } = await readEncoded(state, hash);
  const { registry } = rest.runtime;
  return {
    ...rest,
    records: [...registry.createTypeUnsafe<Vec<EventRecord>>("Vec<EventRecord>", [events])],
  };
}

/**
 * The events of a block, each decoded when it is asked for: how many a stranger's block has nobody knows before.
 * @yields in their order @throws whatever decoding one throws
 */
export function* recordsOf({
  events,
  runtime: { registry },
}: Pick<EncodedBlock, "events" | "runtime">): Generator<EventRecord> {
  const Type = registry.createClassUnsafe<EventRecord>("EventRecord");
  const count = new ScaleReader(events).compact();
  let at = compactBytes(count).length;
  for (let i = 0; i < count; i++) {
    const record = new Type(registry, events.subarray(at));
    at += record.initialU8aLength ?? record.encodedLength;
    yield record;
  }
}

/** Why an extrinsic was refused in its block, by its event; null where the event does not say that. */
export function refusalIn(runtime: Runtime, event: EventRecord["event"]): ChainError | null {
  const [error] = event.data;
  if (event.section !== "system" || event.method !== "ExtrinsicFailed" || error === undefined)
    return null;
  return dispatchError(runtime, runtime.registry.createType("DispatchError", error.toU8a()));
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
    const refusal = refusalIn(outcome.runtime, event);
    if (refusal !== null) throw refusal;
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
