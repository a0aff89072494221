/** @file Every JSON-RPC method and subscription of a chain, by name. */
import { chainMethods } from "./chain-methods.ts";
import { devMethods } from "./dev-methods.ts";
import { authorMethods, paymentMethods } from "./extrinsic-methods.ts";
import { type RpcMethods } from "./methods.ts";
import { type ChainControl, type ServedChain } from "./served-chain.ts";
import { stateMethods } from "./state-methods.ts";
import { type Subscription, subscriptionKinds } from "./subscriptions.ts";
import { systemMethods } from "./system-methods.ts";

/** All methods and subscriptions of a chain; shared by its connections. */
export type RpcTable = {
  readonly methods: RpcMethods;
  readonly subscriptions: Readonly<Record<string, Subscription>>;
  readonly unsubscriptions: ReadonlySet<string>;
};

/** Builds the table; without `control` nobody can make blocks or write storage through it. */
export function rpcTable(chain: ServedChain, control: ChainControl | null): RpcTable {
  const subscriptions = subscriptionKinds(chain);
  const unsubscriptions = new Set(Object.values(subscriptions).flatMap((kind) => kind.unsubscribe));
  const methods: RpcMethods = {
    ...chainMethods(chain),
    ...systemMethods(chain),
    ...stateMethods(chain),
    ...authorMethods(chain),
    ...paymentMethods(chain),
    ...(control !== null && devMethods(chain, control)),
  };
  const names = [
    ...Object.keys(methods),
    ...Object.keys(subscriptions),
    ...unsubscriptions,
    "rpc_methods",
  ].toSorted();
  return {
    methods: { ...methods, rpc_methods: () => ({ methods: names }) },
    subscriptions,
    unsubscriptions,
  };
}
