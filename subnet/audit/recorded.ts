/** @file A run as an audit reads it: its chain, and what its nodes keep or serve. */
import type { Hex } from "../../src/protocol/digest.ts";
import type { Subnet } from "../../src/run/subnet.ts";

/** The log of one validator as text, one record a line. */
export type RecordLog = {
  readonly path: string;
  /** Hotkey whose log it should be; null where nobody says. */
  readonly validator: Hex | null;
  readonly text: string;
};

/** A file that has a blob's address for its name, or a folder that has a block tree's. */
export type BlobFile = {
  readonly kind: "blob" | "tree";
  readonly path: string;
  readonly address: Hex;
  /** Its bytes; none where what describes a tree is damaged. */
  read(): Promise<Uint8Array>;
};

/** Somebody of a run, where its record says who is who. */
export type Member = { readonly name: string; readonly kind: string; readonly hotkey: Hex };

/** A run that can be read. */
export type RecordedRun = {
  /** For people: a folder, or an endpoint. */
  readonly origin: string;
  readonly subnet: Subnet;
  readonly logs: readonly RecordLog[];
  /** Every blob that lies here; empty for a run that is read from its nodes. */
  readonly blobs: readonly BlobFile[];
  readonly members: readonly Member[];
  /** Digests that the record's keeper noted of the last record of each log, by hotkey. */
  readonly heads: ReadonlyMap<Hex, Hex>;
};
