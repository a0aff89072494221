/** @file The author's side of a reader: tells it every block and what waits, does what it asks for, one thing at a time. */
import { encodeHeader } from "../blocks/header.ts";
import { type ChainBlock } from "../blocks/archive.ts";
import { computedUs } from "../blocks/slot-budget.ts";
import { type ChainEvent, type EmbeddedChain } from "../chain.ts";
import { type Hex } from "../codec/bytes.ts";
import { Allowance, countedMs } from "../pool/allowance.ts";
import { TryLater } from "../rpc/failure.ts";
import { type MetricsSource } from "../rpc/server.ts";
import { type ChainControl } from "../rpc/served-chain.ts";
import { encodeChanges } from "../state/storage-changes.ts";
import { trieDiff } from "../state/trie-diff.ts";
import { rememberRight } from "../wasm/signatures.ts";
import {
  type AnswerTo,
  type Beginning,
  type BlockCopy,
  type HeaderCopy,
  type PoolPlace,
  type Posted,
  type Question,
  type Request,
  failureFrom,
} from "./messages.ts";

/** Of the author's time, for what readers ask about old blocks. */
const ARCHIVE = { msPerSecond: 100, mostMs: 200 };
const BUSY = "too much is asked about old blocks: ask again later";

function copyOf({
  number,
  hash,
  header,
}: Pick<ChainBlock, "number" | "hash" | "header">): HeaderCopy {
  return { number, hash, header: encodeHeader(header) };
}

function blockCopyOf(chain: EmbeddedChain, hash: Hex): BlockCopy | null {
  const header = chain.header(hash);
  if (header === null) return null;
  return { header: encodeHeader(header), extrinsics: chain.block(hash)?.extrinsics ?? null };
}

/** Does what a `dev_*` method asks for. */
async function controlled(
  control: ChainControl,
  request: Exclude<Request, { kind: "submit" | "metrics" }>,
): Promise<unknown> {
  const { kind } = request;
  if (kind === "seal") return control.seal(request.extrinsics ?? undefined);
  if (kind === "setStorage") return control.setStorage(request.changes);
  if (kind === "setHead") return control.setHead(request.number);
  if (kind === "timeTravel") return control.timeTravel(request.timeMs);
  if (kind === "logLevel") return control.setRuntimeLogLevel(request.level);
  return control.setSealing(request.mode);
}

/** What a feed does for its reader beside telling it of the chain. */
export type FeedParts = {
  readonly control: ChainControl;
  readonly metrics?: MetricsSource | undefined;
};

/** One reader of a chain. */
export class Feed {
  readonly #chain: EmbeddedChain;
  readonly #control: ChainControl;
  readonly #metrics: MetricsSource | undefined;
  readonly #post: (message: Posted) => void;
  readonly #archive = new Allowance(ARCHIVE, () => performance.now());
  readonly #stop: () => void;
  /** What it asked for and was not begun. */
  readonly #inbox: (() => Promise<void>)[] = [];
  #isPlanned = false;

  /** Tells `post` what happens from now on; call {@link Feed.beginning} in the same turn. */
  constructor(
    chain: EmbeddedChain,
    { control, metrics }: FeedParts,
    post: (message: Posted) => void,
  ) {
    this.#chain = chain;
    this.#control = control;
    this.#metrics = metrics;
    this.#post = post;
    this.#stop = chain.subscribe((event) => {
      this.#tell(event);
    });
  }

  /** The chain as it is. */
  beginning(): Omit<Beginning, "dev" | "metrics" | "host" | "port" | "limits"> {
    const chain = this.#chain;
    const header = chain.header();
    if (header === null) throw new RangeError("the chain has no head");
    return {
      genesisHash: chain.genesisHash,
      slotDurationMs: chain.slotDurationMs,
      head: copyOf({ ...chain.head(), header }),
      state: encodeChanges(trieDiff(null, chain.stateAt())),
      layout: chain.layout,
      pool: chain.pool.entries().flatMap(({ hash }) => this.#place(hash) ?? []),
    };
  }

  close(): void {
    this.#stop();
    this.#inbox.length = 0;
  }

  #place(hash: Hex): PoolPlace | null {
    const { pool } = this.#chain;
    const [entry, queue] = [pool.entry(hash), pool.status(hash)];
    return entry === null || queue === null ? null : { entry, queue };
  }

  #tell(event: ChainEvent): void {
    if (event.type === "head") {
      const { block, changes, extrinsics = null } = event;
      const head = copyOf(block);
      this.#post({ type: "head", head, changes: encodeChanges(changes), extrinsics });
    } else if (event.type === "finalized") {
      this.#post({ type: "finalized", hash: event.block.hash });
    } else {
      const { hash, status } = event;
      const waits = status === "ready" || status === "future";
      this.#post({ type: "transaction", hash, status, place: waits ? this.#place(hash) : null });
    }
  }

  /** Does what the reader asks for when its turn comes, and says what came of it. */
  take(id: number, request: Request): void {
    this.#inbox.push(async () => {
      try {
        this.#post({ type: "done", id, value: await this.#done(request) });
      } catch (error) {
        this.#post({ type: "failed", id, failure: failureFrom(error) });
      }
    });
    this.#plan();
  }

  /** One in each turn of the event loop: the next block is not held up by what readers ask for. */
  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      void this.#inbox.shift()?.();
      if (this.#inbox.length > 0) this.#plan();
    });
  }

  async #done(request: Request): Promise<unknown> {
    if (request.kind === "metrics") return this.#metrics?.();
    if (request.kind !== "submit") return controlled(this.#control, request);
    rememberRight(request.signatures);
    return this.#chain.submit(request.extrinsic);
  }

  /** Answers about a block that the reader does not hold. @throws TryLater when it asks too much; RangeError */
  answer(question: Question): AnswerTo[keyof AnswerTo] {
    if (this.#archive.isSpent) throw new TryLater(BUSY);
    const [start, workedBefore] = [performance.now(), computedUs()];
    try {
      return this.#answer(question);
    } finally {
      const workedMs = (computedUs() - workedBefore) / 1000;
      this.#archive.take(countedMs(performance.now() - start, workedMs));
    }
  }

  #answer(question: Question): AnswerTo[keyof AnswerTo] {
    const chain = this.#chain;
    const { kind } = question;
    if (kind === "hash") return chain.blockHash(question.number);
    if (kind === "number") return chain.blockNumber(question.hash);
    if (kind === "block") return blockCopyOf(chain, question.hash);
    if (kind === "changes")
      return chain.changesBetween(question.first, question.last).map(encodeChanges);
    return encodeChanges(trieDiff(chain.stateAt(question.from), chain.stateAt(question.hash)));
  }
}
