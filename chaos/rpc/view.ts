/**
 * @file The chain as an endpoint shows it: newest blocks of a real chain, of which those are final that lie some blocks back.
 *
 * The embedded chain finalises at once, so that nothing of it can be replaced. Seen through a view the newest blocks are not final yet,
 * and a view can go over to a second chain that was branched from the first: then they are replaced, as in a real fork.
 */
import { z } from "zod";
import { RpcConnection } from "../../chain/client/rpc.ts";

const TIMEOUT_MS = 30_000;

/** A block as the view shows it; `header` is what a node answers. */
export type ViewBlock = {
  readonly number: number;
  readonly hash: string;
  readonly header: unknown;
};

const headerSchema = z.object({ number: z.string() });

export class ChainView {
  readonly #lag: number;
  /** By number, from genesis to the newest. */
  #blocks: ViewBlock[] = [];
  #connection: RpcConnection;
  #final = 0;
  #frozenAt: number | null = null;
  readonly #listeners = new Set<() => void>();
  readonly #everFinal = new Set<string>();
  #reading: Promise<unknown> = Promise.resolve();

  private constructor(connection: RpcConnection, lag: number) {
    this.#connection = connection;
    this.#lag = lag;
  }

  /** The view of a chain; the newest `lag` blocks are not final. */
  static async open(endpoint: string, lag: number): Promise<ChainView> {
    const view = new ChainView(await RpcConnection.open(endpoint, TIMEOUT_MS), lag);
    await view.#follow();
    return view;
  }

  /** Carries what a view does not answer itself. */
  get connection(): RpcConnection {
    return this.#connection;
  }

  get best(): ViewBlock {
    return this.#at(Math.min(this.#blocks.length - 1, this.#frozenAt ?? Infinity));
  }

  get final(): ViewBlock {
    return this.#at(Math.max(0, this.#shownFinal));
  }

  /** Whether it stands still. */
  get isFrozen(): boolean {
    return this.#frozenAt !== null;
  }

  /** The block of a number, null above the newest. */
  block(number: number): ViewBlock | null {
    return number <= this.best.number ? (this.#blocks[number] ?? null) : null;
  }

  /** Whether a block is in the view now. */
  has(hash: string): boolean {
    return this.#blocks.some((block) => block.hash === hash);
  }

  /** Whether a block was final in the view when that was asked. */
  isFinal(hash: string): boolean {
    return this.#everFinal.has(hash);
  }

  /** Shows no newer blocks from now on. */
  freeze(): void {
    this.#frozenAt = this.best.number;
  }

  thaw(): void {
    this.#frozenAt = null;
    this.#tell();
  }

  /** Shows another chain from now on, which must have all that is final here. */
  async switchTo(endpoint: string): Promise<void> {
    this.#connection.close();
    this.#connection = await RpcConnection.open(endpoint, TIMEOUT_MS);
    await this.#follow();
  }

  /** Calls `listener` when the view has changed; returns the way to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#connection.close();
    this.#listeners.clear();
  }

  get #shownFinal(): number {
    return this.#frozenAt === null
      ? this.#final
      : Math.min(this.#final, this.#frozenAt - this.#lag);
  }

  #at(number: number): ViewBlock {
    const block = this.#blocks[number];
    if (block === undefined) throw new RangeError(`the view has no block ${number}`);
    return block;
  }

  async #follow(): Promise<void> {
    const connection = this.#connection;
    const heads = { method: "chain_subscribeNewHeads", params: [] };
    await connection.listen(heads, TIMEOUT_MS, () => {
      this.#reading = this.#reading.then(() => this.#read(connection)).catch(() => undefined);
    });
    await this.#read(connection);
  }

  async #ask(connection: RpcConnection, method: string, ...params: unknown[]): Promise<unknown> {
    return connection.request(method, params, TIMEOUT_MS);
  }

  /** Reads up to the newest block, from the first one that is another or new. */
  async #read(connection: RpcConnection): Promise<void> {
    const newest = headerSchema.parse(await this.#ask(connection, "chain_getHeader"));
    const height = Number(newest.number);
    const hashOf = async (number: number): Promise<string> =>
      z.string().parse(await this.#ask(connection, "chain_getBlockHash", number));
    let first = Math.min(this.#blocks.length, height + 1);
    while (first > 0 && (await hashOf(first - 1)) !== this.#blocks[first - 1]?.hash) first--;
    if (first <= this.#final && this.#blocks.length > 0 && first < this.#blocks.length)
      throw new Error(`block ${first} is final in the view and another on the chain`);
    const fresh: ViewBlock[] = [];
    for (let number = first; number <= height; number++) {
      const hash = await hashOf(number);
      fresh.push({ number, hash, header: await this.#ask(connection, "chain_getHeader", hash) });
    }
    if (connection !== this.#connection) return;
    this.#blocks = [...this.#blocks.slice(0, first), ...fresh];
    const final = Math.max(this.#final, height - this.#lag);
    for (let number = this.#final; number <= final; number++)
      this.#everFinal.add(this.#at(number).hash);
    this.#final = final;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
