/** @file Endpoints with faults in front of one chain, for tests of the client. */
import type { Fault } from "../../../chaos/rpc/proxy.ts";
import { FaultProxy } from "../../../chaos/rpc/proxy.ts";
import { ChainView } from "../../../chaos/rpc/view.ts";
import {
  type ChainClient,
  type ConnectionNews,
  type ConnectOptions,
  connectChain,
} from "../../../chain/client/client.ts";
import { openTestChain, serveChain, type TestChain } from "./fixture.ts";

/** An endpoint and what it shows. */
export type Endpoint = { readonly proxy: FaultProxy; readonly view: ChainView };

/** A chain behind two endpoints, and a client of both. */
export type FaultyWorld = {
  readonly chain: TestChain;
  readonly first: Endpoint;
  readonly second: Endpoint;
  readonly client: ChainClient;
  readonly news: readonly ConnectionNews[];
  /** Puts a fault into the first endpoint; resolves with the milliseconds until the second has taken over. */
  readonly fail: (fault: Fault) => Promise<number>;
  readonly close: () => Promise<void>;
};

/** Faults are found in some of these. */
export const STALL_MS = 300;

/** Serves a view of a chain whose newest `lag` blocks are not final. */
export async function openEndpoint(endpoint: string, lag: number): Promise<Endpoint> {
  const view = await ChainView.open(endpoint, lag);
  return { view, proxy: await FaultProxy.open(view) };
}

export async function closeEndpoint({ proxy, view }: Endpoint): Promise<void> {
  await proxy.close();
  view.close();
}

/** Opens a chain that makes a block every `blockMs`, two endpoints and a client. */
export async function faultyWorld(
  options: Omit<ConnectOptions, "endpoints" | "onNews"> = {},
  { blockMs = 50, lag = 2 }: { readonly blockMs?: number; readonly lag?: number } = {},
): Promise<FaultyWorld> {
  const chain = await serveChain(await openTestChain(), { sealing: blockMs });
  const first = await openEndpoint(chain.endpoint, lag);
  const second = await openEndpoint(chain.endpoint, lag);
  const news: ConnectionNews[] = [];
  let taken = Promise.withResolvers<void>();
  const client = await connectChain({
    endpoints: [first.proxy.endpoint, second.proxy.endpoint],
    stallMs: STALL_MS,
    timeoutMs: 15_000,
    ...options,
    onNews: (one) => {
      news.push(one);
      if (one.kind === "back") taken.resolve();
    },
  });
  return {
    chain,
    first,
    second,
    client,
    news,
    fail: async (fault) => {
      taken = Promise.withResolvers<void>();
      const begun = performance.now();
      first.proxy.set(fault);
      await taken.promise;
      return performance.now() - begun;
    },
    close: async () => {
      await client.close();
      chain.embedded.sealing?.stop();
      for (const one of [first, second]) await closeEndpoint(one);
      await chain.close();
      await chain.embedded.close();
    },
  };
}
