/** @file The shape of JSON-RPC methods and of their answers. */
import { ChainError } from "../../errors.ts";
import { type JsonValue } from "../codec/exact-json.ts";
import { type RpcParams } from "./params.ts";
import { POOL_CODES } from "../blocks/validity.ts";

/** A method: parameters in, result out. Throws TypeError for wrong parameters, RangeError for an unknown block. */
export type RpcMethod = (params: RpcParams) => JsonValue | Promise<JsonValue>;
/** Methods by name. */
export type RpcMethods = Readonly<Record<string, RpcMethod>>;

/** An `error` member. */
export type RpcFailure = {
  readonly code: number;
  readonly message: string;
  readonly data?: JsonValue;
};

/** Codes of JSON-RPC, jsonrpsee and sc-rpc-api. */
export const RPC_CODES: {
  readonly parse: number;
  readonly invalidRequest: number;
  readonly methodNotFound: number;
  readonly invalidParams: number;
  readonly internal: number;
  readonly server: number;
  readonly tooManySubscriptions: number;
  readonly oversized: number;
  readonly batchTooBig: number;
  readonly unknownBlock: number;
} = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  server: -32000,
  tooManySubscriptions: -32006,
  oversized: -32007,
  batchTooBig: -32010,
  unknownBlock: 4003,
};

function chainFailure(error: ChainError): RpcFailure {
  const { fault } = error;
  if (fault.code === "extrinsic-invalid") {
    const code = POOL_CODES.get(fault.reason) ?? RPC_CODES.server;
    return { code, message: fault.reason, ...(fault.detail !== "" && { data: fault.detail }) };
  }
  if (fault.code === "runtime-trap") {
    return {
      code: 4003,
      message: `Client error: Execution failed: Execution aborted due to trap: ${fault.log}`,
    };
  }
  return { code: RPC_CODES.internal, message: "Internal error", data: error.message };
}

/** What a client is told about an exception. */
export function failureOf(error: unknown): RpcFailure {
  if (error instanceof ChainError) return chainFailure(error);
  if (error instanceof TypeError) {
    return { code: RPC_CODES.invalidParams, message: "Invalid params", data: error.message };
  }
  if (error instanceof RangeError) {
    return {
      code: RPC_CODES.unknownBlock,
      message: `Client error: UnknownBlock: ${error.message}`,
    };
  }
  const data = error instanceof Error ? error.message : String(error);
  return { code: RPC_CODES.internal, message: "Internal error", data };
}
