/** @file What a JSON-RPC client is told when something goes wrong: codes, words, and the answer around them. */
import { ChainError } from "../../errors.ts";
import { type RefusalReason } from "../blocks/validity.ts";
import { type JsonValue, writeExactJson } from "../codec/exact-json.ts";

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
  readonly batchAnswerTooBig: number;
  readonly unknownBlock: number;
  readonly later: number;
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
  batchAnswerTooBig: -32011,
  unknownBlock: 4003,
  // What sc-rpc-server answers above its rate limit.
  later: -32999,
};

/** Codes of refused extrinsics (sc-rpc-api, author). */
const REFUSAL_CODES: Readonly<Record<RefusalReason, number>> = {
  "Extrinsic has invalid format": 1001,
  "Verification Error": 1002,
  "Invalid Transaction": 1010,
  "Unknown Transaction Validity": 1011,
  "Transaction is temporarily banned": 1012,
  "Transaction Already Imported": 1013,
  "Priority is too low": 1014,
  "Immediately Dropped": 1016,
};
const REFUSAL_CODE_OF: ReadonlyMap<string, number> = new Map(Object.entries(REFUSAL_CODES));

function chainFailure(error: ChainError): RpcFailure {
  const { fault } = error;
  if (fault.code === "extrinsic-invalid") {
    const code = REFUSAL_CODE_OF.get(fault.reason) ?? RPC_CODES.server;
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

/** A question that has had no effect, and may be asked again in a while: there is no time for it now. */
export class TryLater extends Error {
  override readonly name = "TryLater";
}

/** What a client is told about an exception. */
export function failureOf(error: unknown): RpcFailure {
  if (error instanceof ChainError) return chainFailure(error);
  if (error instanceof TypeError) {
    return { code: RPC_CODES.invalidParams, message: "Invalid params", data: error.message };
  }
  if (error instanceof TryLater) return { code: RPC_CODES.later, message: error.message };
  if (error instanceof RangeError) {
    return {
      code: RPC_CODES.unknownBlock,
      message: `Client error: UnknownBlock: ${error.message}`,
    };
  }
  const data = error instanceof Error ? error.message : String(error);
  return { code: RPC_CODES.internal, message: "Internal error", data };
}

/** Error answer with id null, for texts that are not even a request. */
export function bareFailure(failure: RpcFailure): string {
  return writeExactJson({ jsonrpc: "2.0", error: failure, id: null });
}
