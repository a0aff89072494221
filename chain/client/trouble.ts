/** @file Why a connection to an endpoint failed, told from what the system, TLS or the WebSocket library threw. */
import { inLine, systemCodeOf } from "../../base/fault.ts";
import type { Trouble } from "../endpoint-faults.ts";
import { ChainError } from "../errors.ts";

const CODES: Readonly<Record<string, Trouble>> = {
  ECONNREFUSED: "refused",
  ENOTFOUND: "host-unknown",
  EAI_AGAIN: "host-unknown",
  ETIMEDOUT: "silent",
  EHOSTUNREACH: "silent",
  ENETUNREACH: "silent",
  ECONNRESET: "not-a-node",
  // A TLS handshake that met something else than TLS.
  EPROTO: "tls",
};

/** OpenSSL's and Node's codes for handshakes, and for certificates. */
const TLS = /^(ERR_SSL_|ERR_TLS_)/;
const CERTIFICATE =
  /^(CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_MISMATCH|ERR_TLS_CERT_)/;

/** What a person understands of OpenSSL's message: its code says enough, the text names source files. */
function tlsDetail(code: string, message: string): string {
  if (code === "EPROTO" || /wrong.version.number|packet.length/i.test(message))
    return "it does not speak TLS";
  return message.split("\n")[0] ?? code;
}

/** The kind of trouble behind a failed connection, with what the other side said. */
function troubleOf(cause: unknown): { readonly trouble: Trouble; readonly detail: string } {
  const code = systemCodeOf(cause);
  const message = cause instanceof Error ? cause.message : "";
  if (CERTIFICATE.test(code)) return { trouble: "certificate", detail: inLine(message) };
  if (TLS.test(code) || CODES[code] === "tls")
    return { trouble: "tls", detail: tlsDetail(code, message) };
  // The WebSocket library could not read the address.
  if (cause instanceof SyntaxError) return { trouble: "host-unknown", detail: "" };
  const known = CODES[code];
  if (known !== undefined) return { trouble: known, detail: "" };
  // The answer was HTTP of another kind, or no HTTP at all (ws, llhttp).
  if (/^Unexpected server response|^Parse Error|^Invalid |^Missing |^Server sent/.test(message))
    return { trouble: "not-a-node", detail: message };
  return { trouble: "silent", detail: "" };
}

/** The fault of an endpoint that could not be reached. */
export function unreachable(endpoint: string, cause: unknown): ChainError {
  return new ChainError({ code: "chain-unreachable", endpoint, ...troubleOf(cause) }, { cause });
}
