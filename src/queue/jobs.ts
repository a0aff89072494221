/** @file Jobs in a store: added once whatever happens, taken by one at a time under a lock that has to be renewed, kept with their result. */
import { randomUUID } from "node:crypto";
import {
  type IQueueBackend,
  type Job as StoredJob,
  Queue,
  type QueueOptions,
  Worker,
} from "bullmq";
import type { Store } from "./store.ts";

/** Work to be done once; `id` names it for good: a digest of all that the result depends on. */
export type Job = {
  readonly id: string;
  /** Groups jobs that are forgotten together. */
  readonly window: number;
  /** Smaller is taken first; 1 to 2,097,151. */
  readonly priority: number;
  readonly body: string;
};

/** A job that somebody has: `token` proves it. */
export type Leased = Pick<Job, "id" | "window" | "body"> & { readonly token: string };

/** The right to one job. */
export type Lease = Pick<Leased, "id" | "token">;

/** How the queue is kept. */
export type JobQueueOptions = {
  /** Beside others in the same Redis: whose jobs these are. */
  readonly owner: string;
  /** A job whose lock was not renewed for so long goes to somebody else, up to twice `stallMs` later. */
  readonly lockMs: number;
  readonly stallMs: number;
  /** Longest wait for the store; then a call rejects, and what it asked may happen later. */
  readonly patienceMs?: number;
  /** Told what the store says about itself when it fails; calls reject besides. */
  readonly onTrouble?: (error: Error) => void;
};

const PREFIX = "assay";
const PATIENCE_MS = 2000;
/** Whatever was forgotten to be pruned. */
const KEPT_SECONDS = 24 * 3600;
/** A worker that dies is no fault of the job: it is tried for as long as it is wanted. */
const ANY_NUMBER = 1_000_000;
/** Jobs that were taken and are remembered, which saves asking for them again. */
const MOST_TAKEN = 4096;

/** Whatever is asked of a store in this state takes as long. */
class SilentStore extends Error {}

type Data = Pick<Job, "window" | "body">;

/** A queue of jobs in an open store. One process gives the jobs out; whoever does them need not reach the store. */
export class JobQueue {
  readonly #queue: Queue<Data, string, string, Data, string, string, IQueueBackend>;
  readonly #taker: Worker<Data, string, string, IQueueBackend>;
  readonly #options: JobQueueOptions;
  /** By token. */
  readonly #taken = new Map<string, StoredJob<Data, string>>();

  private constructor(store: Store, options: JobQueueOptions) {
    this.#options = options;
    const { lockMs, stallMs, owner } = options;
    const { connection, backend } = store;
    const shared = { connection, prefix: PREFIX } satisfies QueueOptions;
    const name = `evaluations-${owner}`;
    const done = {
      removeOnComplete: { age: KEPT_SECONDS },
      removeOnFail: true,
      attempts: ANY_NUMBER,
    };
    this.#queue = new Queue(name, { ...shared, defaultJobOptions: done }, backend);
    this.#taker = new Worker(
      name,
      null,
      {
        ...shared,
        lockDuration: lockMs,
        stalledInterval: stallMs,
        maxStalledCount: ANY_NUMBER,
        autorun: false,
      },
      backend,
    );
    const trouble = (error: Error): void => options.onTrouble?.(error);
    this.#queue.on("error", trouble);
    this.#taker.on("error", trouble);
  }

  /** Opens the queue of `owner`; what an earlier process of it left there is still there. A store that is away now may come later. */
  static async open(store: Store, options: JobQueueOptions): Promise<JobQueue> {
    const queue = new JobQueue(store, options);
    try {
      await queue.#soon(queue.#begin());
    } catch (error) {
      options.onTrouble?.(error instanceof Error ? error : new Error(String(error)));
    }
    return queue;
  }

  async #begin(): Promise<void> {
    await this.#queue.waitUntilReady();
    await this.#taker.waitUntilReady();
    await this.#taker.startStalledCheckTimer();
  }

  /** What the store answers, or a rejection where it is silent for too long. */
  async #soon<T>(call: Promise<T>): Promise<T> {
    const { patienceMs = PATIENCE_MS } = this.#options;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new SilentStore(`the queue did not answer within ${patienceMs} ms`)),
      patienceMs,
    );
    // What comes after the timeout is nobody's any more.
    call.catch(() => undefined);
    try {
      return await Promise.race([call, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Adds jobs; one that is there already, waiting, taken or done, stays as it is. */
  async add(jobs: readonly Job[]): Promise<void> {
    const added = jobs.map(({ id, window, priority, body }) => ({
      name: "evaluation",
      data: { window, body },
      opts: { jobId: id, priority },
    }));
    await this.#soon(this.#queue.addBulk(added));
  }

  /** How many jobs wait or are taken: fewer than are wanted, where some were lost. */
  unfinished(): Promise<number> {
    return this.#soon(this.#queue.getJobCountByTypes("waiting", "prioritized", "active"));
  }

  /** The first job that waits, for whoever asks; null: none does. */
  async take(): Promise<Leased | null> {
    const token = randomUUID();
    const job = await this.#soon(this.#taker.getNextJob(token, { block: false }));
    // An id that somebody else's program made up in the same place has none of our data.
    const { window, body } = job?.data ?? {};
    if (job?.id === undefined || window === undefined || body === undefined) return null;
    this.#taken.set(token, job);
    if (this.#taken.size > MOST_TAKEN) this.#taken.delete([...this.#taken.keys()][0] ?? "");
    return { id: job.id, window, body, token };
  }

  /** Keeps locks for another `lockMs`; those of jobs that are not the token's any more are left alone. */
  async renew(leases: readonly Lease[]): Promise<void> {
    if (leases.length === 0) return;
    const ids = leases.map(({ id }) => id);
    const tokens = leases.map(({ token }) => token);
    await this.#soon(this.#taker.extendJobLocks(ids, tokens, this.#options.lockMs));
  }

  /** Notes a result; false where the job is not the token's any more: it was lost, given to another, or is done. */
  async finish({ id, token }: Lease, result: string): Promise<boolean> {
    const job = this.#taken.get(token) ?? (await this.#job(id));
    this.#taken.delete(token);
    if (job === null) return false;
    try {
      await this.#soon(job.moveToCompleted(result, token, false));
      return true;
    } catch {
      return false;
    }
  }

  /** Gives a job back that is not done, for the next who asks. */
  async giveBack({ id, token }: Lease): Promise<void> {
    this.#taken.delete(token);
    const job = await this.#job(id);
    await this.#soon(job?.moveToWait(token).catch(() => 0) ?? Promise.resolve(0));
  }

  /** The result of a job that is done; null for any other. */
  async result(id: string): Promise<string | null> {
    const job = await this.#job(id);
    const result: unknown = job?.returnvalue;
    return typeof result === "string" ? result : null;
  }

  /** Takes a job away; false where somebody has it. */
  async remove(id: string): Promise<boolean> {
    return (await this.#soon(this.#queue.remove(id))) === 1;
  }

  /** Forgets the jobs of other windows than `window`, done or not; one that is locked goes when its lock ends, one that cannot be removed stays. */
  async prune(window: number): Promise<void> {
    const jobs = await this.#soon(
      this.#queue.getJobs(["completed", "failed", "prioritized", "waiting", "active"]),
    );
    const old = jobs.filter((job) => job !== undefined && job.data?.window !== window);
    for (const { id } of old)
      try {
        if (id !== undefined) await this.remove(id);
      } catch (error) {
        if (error instanceof SilentStore) throw error;
        this.#options.onTrouble?.(error instanceof Error ? error : new Error(String(error)));
      }
  }

  async #job(id: string): Promise<StoredJob<Data, string> | null> {
    return (await this.#soon(this.#queue.getJob(id))) ?? null;
  }

  /** Lets go of the store, which whoever opened it closes. */
  async close(): Promise<void> {
    await this.#soon(this.#taker.close(true)).catch(() => undefined);
    await this.#soon(this.#queue.close()).catch(() => undefined);
  }
}
