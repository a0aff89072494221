/** @file The passport of a process that speaks for a hotkey. */
import { ss58Of } from "../../chain/wallet/account.ts";
import { type RequestSigner, signRequest } from "../auth/signed-request.ts";
import type { AssayError } from "../errors.ts";
import type { Passport } from "../network/passport.ts";

const NO_BODY = new Uint8Array();

/** Signs requests on one network as one hotkey. */
export function passportOf(
  signer: RequestSigner,
  at: Pick<Passport, "netuid" | "genesis">,
  onRefused: (error: AssayError) => void = () => undefined,
): Passport {
  return {
    ...at,
    sign: (target, receiver) =>
      signRequest({ method: "GET", target, body: NO_BODY }, signer, ss58Of(receiver)),
    refused: onRefused,
  };
}
