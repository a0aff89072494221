/** @file The decorated client of @polkadot/api over our connection, for whoever builds on what they know. */
import type { ApiPromise } from "@polkadot/api";
import { ChainError } from "../errors.ts";
import { apiPackage } from "../polkadot.ts";
import type { ClientParts } from "./parts.ts";
import { LinkProvider } from "./provider.ts";
import { SILENT_EXTENSIONS } from "./runtime.ts";

/** What `ChainClient` says of it. */
export type Decorated = {
  /**
   * An ApiPromise on this client's connection, made at first use and the same until it is disconnected: `query`, `tx`, `call`, `rpc` by the names of the
   * chain's metadata. It loads @polkadot/api, which costs a process half a second and 170 MB. It reconnects with the client and ends with it.
   * Nonces are its own affair: an account that signs here as well as through the client may take one twice.
   * @throws ChainError chain-unreachable (the client is closed); Error of @polkadot/api when the chain refuses or does not answer
   */
  api(): Promise<ApiPromise>;
};

/** Makes it when it is asked for; a failure is forgotten. */
export function decoratedOf({ state: { link } }: ClientParts): Decorated {
  let made: Promise<ApiPromise> | null = null;
  const make = async (): Promise<ApiPromise> => {
    if (link.closed.aborted)
      throw new ChainError({ code: "chain-unreachable", endpoint: link.endpoint });
    const provider = new LinkProvider(link, () => {
      made = null;
    });
    const api = await apiPackage().ApiPromise.create({
      provider,
      noInitWarn: true,
      throwOnConnect: true,
      signedExtensions: SILENT_EXTENSIONS,
    });
    link.closed.addEventListener("abort", () => void api.disconnect(), { once: true });
    return api;
  };
  return {
    api: async () => {
      made ??= make().catch((error: unknown) => {
        made = null;
        throw error;
      });
      return made;
    },
  };
}
