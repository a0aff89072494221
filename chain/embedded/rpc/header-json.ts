/** @file Block headers in the shape JSON-RPC gives them. */
import { type Header } from "../blocks/header.ts";
import { type Hex, toHex } from "../codec/bytes.ts";

/** A header as `chain_getHeader` answers it. */
export type HeaderJson = {
  readonly parentHash: Hex;
  readonly number: Hex;
  readonly stateRoot: Hex;
  readonly extrinsicsRoot: Hex;
  readonly digest: { readonly logs: readonly Hex[] };
};

/** The header as JSON-RPC answers it. */
export function headerJson(header: Header): HeaderJson {
  return {
    parentHash: header.parentHash,
    number: `0x${header.number.toString(16)}`,
    stateRoot: header.stateRoot,
    extrinsicsRoot: header.extrinsicsRoot,
    digest: { logs: header.logs.map(toHex) },
  };
}
