/** @file How many tasks a worker takes ahead: work for two seconds, and at least one beside the one that it measures. */

/** Longer, and others wait at the end; shorter, and requests cost more than small tasks. Milliseconds. */
const AHEAD_MS = 2000;
/** Share that the newest task has in the mean. */
const NEWEST = 0.25;

/** What tasks took lately. */
export class Tempo {
  #taskMs: number | null = null;

  /** A task took so long. */
  note(milliseconds: number): void {
    this.#taskMs ??= milliseconds;
    this.#taskMs += NEWEST * (milliseconds - this.#taskMs);
  }

  /** How many tasks to ask for beside `ready`, which wait already; 0 while half of the room is full. */
  room(ready: number): number {
    const full = this.#taskMs === null ? 1 : Math.max(1, Math.ceil(AHEAD_MS / this.#taskMs));
    return ready > full / 2 ? 0 : full - ready;
  }
}
