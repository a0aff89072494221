/** @file A queue of jobs in memory, for desks under test. */
import type { Job, Lease, Leased } from "../../../../src/queue/jobs.ts";

/** A queue in memory that can be lost. */
export class MemoryQueue {
  jobs = new Map<string, Job & { token?: string; result?: string }>();
  #tokens = 0;
  isAway = false;

  #reached(): void {
    if (this.isAway) throw new Error("the store is away");
  }

  async add(jobs: readonly Job[]): Promise<void> {
    this.#reached();
    for (const job of jobs) if (!this.jobs.has(job.id)) this.jobs.set(job.id, { ...job });
  }

  async unfinished(): Promise<number> {
    this.#reached();
    return [...this.jobs.values()].filter(({ result }) => result === undefined).length;
  }

  async take(): Promise<Leased | null> {
    this.#reached();
    const open = [...this.jobs.values()].filter((one) => one.token === undefined);
    const [job] = open.toSorted((a, b) => a.priority - b.priority);
    if (job === undefined) return null;
    job.token = `token-${(this.#tokens += 1)}`;
    const { id, window, body, token } = job;
    return { id, window, body, token };
  }

  async renew(): Promise<void> {
    this.#reached();
  }

  async finish({ id, token }: Lease, result: string): Promise<boolean> {
    this.#reached();
    const job = this.jobs.get(id);
    if (job?.token !== token || job?.result !== undefined) return false;
    job.result = result;
    return true;
  }

  async giveBack({ id, token }: Lease): Promise<void> {
    this.#reached();
    const job = this.jobs.get(id);
    if (job?.token === token && job?.result === undefined) delete job?.token;
  }

  async result(id: string): Promise<string | null> {
    this.#reached();
    return this.jobs.get(id)?.result ?? null;
  }

  async remove(id: string): Promise<boolean> {
    this.#reached();
    return this.jobs.delete(id);
  }

  async prune(window: number): Promise<void> {
    this.#reached();
    for (const [id, job] of this.jobs) if (job.window !== window) this.jobs.delete(id);
  }
}
