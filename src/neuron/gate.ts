/** @file How a neuron's axon tells its peers by their hotkeys, and what it says when they do not believe its own. */
import { join } from "node:path";
import { publicKeyOf, ss58Of, verifySignature } from "../../chain/wallet/account.ts";
import type { Signer } from "../../chain/wallet/signer.ts";
import { SeenNonces } from "../auth/seen-nonces.ts";
import { type Keys, Verifier } from "../auth/verifier.ts";
import type { Lifecycle } from "../command/lifecycle.ts";
import type { Log } from "../command/log.ts";
import type { AssayError } from "../errors.ts";
import type { Gate } from "../network/proof.ts";
import type { Subnet } from "../run/subnet.ts";

const FILE = "nonces.txt";

/** Keys as a chain has them. Only the spelling that a chain's clients write counts: one key, one text. */
export const KEYS: Keys = {
  publicKeyOf(text) {
    try {
      const key = publicKeyOf(text);
      return ss58Of(key) === text ? key : null;
    } catch {
      return null;
    }
  },
  verify: verifySignature,
};

/** The gate of an axon whose memory of nonces lies in `folder`. @throws AssayError disk-full */
export function openGate(
  { netuid, chain, finder }: Subnet,
  { signer, folder }: { readonly signer: Pick<Signer, "ss58">; readonly folder: string },
  lifecycle: Pick<Lifecycle, "onClose">,
): Gate {
  const seen = new SeenNonces(join(folder, FILE), BigInt(Date.now()) * 1_000_000n);
  lifecycle.onClose("nonces", () => seen.close());
  return {
    netuid,
    genesis: chain.genesisHash,
    verifier: new Verifier({ receiver: signer.ss58, keys: KEYS, seen }),
    isPeer: (hotkey) => finder.isPeer(hotkey),
  };
}

/** Tells people of each kind of refusal once. */
export function refusalTeller(
  say: (text: string) => void,
  log: Pick<Log, "warn">,
): (error: AssayError) => void {
  const told = new Set<string>();
  return (error) => {
    log.warn({ fault: error.fault }, "a peer refused a signed request");
    const kind = error.fault.code === "peer-refused" ? error.fault.refusal : "";
    if (told.has(kind)) return;
    told.add(kind);
    say(`${error.explanation.cause} ${error.explanation.next}`);
  };
}
