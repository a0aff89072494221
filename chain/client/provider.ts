/** @file Our own connection as a provider of @polkadot/api: its reads, its subscriptions, no second socket. */
import type { ApiOptions } from "@polkadot/api/types";
import { z } from "zod";
import type { ChainLink } from "./link.ts";
import { type Listener, RpcRefusal } from "./rpc.ts";

type ProviderInterface = NonNullable<ApiOptions["provider"]>;
type Emitted = Parameters<ProviderInterface["on"]>[0];
type Emit = Parameters<ProviderInterface["on"]>[1];
type Callback = Parameters<ProviderInterface["subscribe"]>[3];

/** What happens when it is asked twice is what happens when it is asked once. */
const isRead = (method: string): boolean => !/^(author|dev)_/.test(method);

/** The words in which its own providers report a refusal; callers read them. */
function refusal(error: unknown): Error {
  if (!(error instanceof RpcRefusal)) return error instanceof Error ? error : new Error("unknown");
  const { code, message, detail } = error;
  const text = `${code}: ${message}${detail === "" ? "" : `: ${detail}`}`;
  return Object.assign(new Error(text, { cause: error }), { code, data: detail });
}

type Subscription = {
  readonly call: { readonly method: string; readonly params: readonly unknown[] };
  readonly callback: Callback;
  /** Whether it is begun again after a break; what follows one extrinsic is not, for it may be over. */
  readonly isLasting: boolean;
  /** Ends it on the connection on which it runs. */
  stop: (method: string) => void;
};

/**
 * A provider over a link that others use as well. It reconnects as the link does, and begins its subscriptions again then; to disconnect
 * it leaves the link open.
 */
export class LinkProvider implements ProviderInterface {
  readonly hasSubscriptions = true;
  readonly isClonable = false;
  readonly #link: ChainLink;
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #stops = new Set<() => void>();
  #nextId = 1;
  #isEnded = false;
  readonly #onEnd: () => void;

  /** `onEnd` is told when whoever uses the provider disconnects it. */
  constructor(link: ChainLink, onEnd: () => void) {
    this.#link = link;
    this.#onEnd = onEnd;
    this.#stops.add(link.onReconnect(() => void this.#renew()));
  }

  get isConnected(): boolean {
    return !this.#isEnded && this.#link.isConnected;
  }

  /** There is one link, and it is shared. */
  clone(): ProviderInterface {
    return this;
  }

  /** The link does so by itself. */
  async connect(): Promise<void> {
    await Promise.resolve();
  }

  /** Ends what was subscribed here; the link stays. */
  async disconnect(): Promise<void> {
    this.#isEnded = true;
    for (const stop of this.#stops) stop();
    this.#stops.clear();
    this.#subscriptions.clear();
    this.#onEnd();
    await Promise.resolve();
  }

  on(type: Emitted, sub: Emit): () => void {
    const stop =
      type === "connected"
        ? this.#link.onReconnect(() => sub())
        : type === "disconnected"
          ? this.#link.onNews(({ kind }) => {
              if (kind === "lost") sub();
            })
          : () => undefined;
    this.#stops.add(stop);
    return () => {
      stop();
      this.#stops.delete(stop);
    };
  }

  async send<T>(method: string, params: unknown[]): Promise<T> {
    try {
      const answer = isRead(method)
        ? await this.#link.read(method, params)
        : await this.#link.ask(method, params);
      // What a method answers is known to whoever asks: @polkadot/api decodes it by the metadata.
      return z.custom<T>().parse(answer);
    } catch (error) {
      throw refusal(error);
    }
  }

  async subscribe(
    _type: string,
    method: string,
    params: unknown[],
    callback: Callback,
  ): Promise<number> {
    const subscription: Subscription = {
      call: { method, params },
      callback,
      isLasting: isRead(method),
      stop: () => undefined,
    };
    await this.#begin(subscription);
    const id = this.#nextId++;
    this.#subscriptions.set(id, subscription);
    return id;
  }

  async unsubscribe(_type: string, method: string, id: number | string): Promise<boolean> {
    const subscription = this.#subscriptions.get(Number(id));
    this.#subscriptions.delete(Number(id));
    subscription?.stop(method);
    await Promise.resolve();
    return subscription !== undefined;
  }

  async #begin(subscription: Subscription): Promise<void> {
    const listener: Listener = (result) => subscription.callback(null, result);
    try {
      const { stop } = await this.#link.listen(subscription.call, listener);
      subscription.stop = stop;
    } catch (error) {
      throw refusal(error);
    }
  }

  /** After a reconnect. */
  async #renew(): Promise<void> {
    for (const [id, subscription] of this.#subscriptions) {
      const { isLasting, callback, call } = subscription;
      try {
        if (!isLasting) throw new Error(`the connection broke under ${call.method}`);
        await this.#begin(subscription);
      } catch (error) {
        this.#subscriptions.delete(id);
        callback(refusal(error), null);
      }
    }
  }
}
