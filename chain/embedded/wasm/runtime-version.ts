/** @file `RuntimeVersion`: decoded from `Core_version`, and as `state_getRuntimeVersion` answers it. */
import { type Hex, toHex } from "../codec/bytes.ts";
import { ScaleReader } from "../codec/scale.ts";

/** Who this runtime is. */
export type RuntimeVersion = {
  readonly specName: string;
  readonly implName: string;
  readonly authoringVersion: number;
  readonly specVersion: number;
  readonly implVersion: number;
  readonly apis: readonly (readonly [id: Hex, version: number])[];
  readonly transactionVersion: number;
  readonly systemVersion: number;
  /** The same number under the name older clients look for. */
  readonly stateVersion: number;
};

/** Reads what `Core_version` returned. @throws RangeError */
export function decodeRuntimeVersion(bytes: Uint8Array): RuntimeVersion {
  const reader = new ScaleReader(bytes);
  const head = {
    specName: reader.text(),
    implName: reader.text(),
    authoringVersion: reader.u32(),
    specVersion: reader.u32(),
    implVersion: reader.u32(),
    apis: reader.list((item): readonly [Hex, number] => [toHex(item.take(8)), item.u32()]),
    transactionVersion: reader.u32(),
  };
  const systemVersion = reader.u8();
  return { ...head, systemVersion, stateVersion: systemVersion };
}
