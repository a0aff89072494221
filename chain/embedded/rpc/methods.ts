/** @file The shape of JSON-RPC methods. */
import { type JsonValue } from "../codec/exact-json.ts";
import { type RpcParams } from "./params.ts";

/**
 * A method: parameters in, result out.
 * @throws TypeError for wrong parameters, RangeError for an unknown block
 */
type RpcMethod = (params: RpcParams) => JsonValue | Promise<JsonValue>;

/** Methods by name. */
export type RpcMethods = Readonly<Record<string, RpcMethod>>;
