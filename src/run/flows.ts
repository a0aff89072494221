/**
 * @file Discrete events and bytes under way: what is due when, and flows that share the lines of a network fairly (max-min: a flow has what the
 * fullest of its two lines leaves it). Pure: time is a number.
 */

/** A node's line, Mbit/s in each direction; Infinity: no limit. */
export type Line = { readonly uplinkMbps: number; readonly downlinkMbps: number };

type Flow = {
  readonly from: number;
  readonly to: number;
  bits: number;
  rate: number;
  readonly done: () => void;
};
type Due = { readonly at: number; readonly order: number; readonly happen: () => void };

const MEGA = 1e6;
const BITS = 8;
/** Seconds below which two events are one: rounding must not make events of their own. */
const SAME = 1e-9;

/** Nodes by number, their lines, what happens between them. Begins at second 0. */
export class Flows {
  now = 0;
  readonly #lines: readonly Line[];
  #due: Due[] = [];
  #flows: Flow[] = [];
  #order = 0;
  #isStale = false;

  constructor(lines: readonly Line[]) {
    this.#lines = lines;
  }

  /** Does something so many seconds from now; of several at once what was asked first. */
  after(seconds: number, happen: () => void): void {
    this.#due.push({ at: this.now + seconds, order: this.#order++, happen });
  }

  /** Sends bytes; `done` when the last has arrived. */
  send(from: number, to: number, bytes: number, done: () => void): void {
    this.#flows.push({ from, to, bits: BITS * bytes, rate: 0, done });
    this.#isStale = true;
  }

  /** Runs until nothing is due and nothing under way. @throws RangeError for bytes that can never arrive */
  run(): void {
    for (;;) {
      if (this.#isStale) this.#share();
      const due = this.#nextDue();
      const arrival = this.#nextArrival();
      const at = Math.min(due?.at ?? Infinity, arrival);
      if (at === Infinity) {
        if (this.#flows.length > 0)
          throw new RangeError("bytes are under way on a line of nothing");
        return;
      }
      this.#passTo(at);
      if (due !== null && due.at <= at + SAME) {
        this.#due = this.#due.filter((one) => one !== due);
        due.happen();
      }
    }
  }

  #nextDue(): Due | null {
    let next: Due | null = null;
    for (const one of this.#due)
      if (next === null || one.at < next.at || (one.at === next.at && one.order < next.order))
        next = one;
    return next;
  }

  #nextArrival(): number {
    let at = Infinity;
    for (const { bits, rate } of this.#flows)
      if (rate > 0) at = Math.min(at, this.now + (rate === Infinity ? 0 : bits / rate));
    return at;
  }

  /** Lets time pass; what arrives meanwhile is told in the order in which it was sent. */
  #passTo(at: number): void {
    const seconds = Math.max(0, at - this.now);
    this.now = Math.max(this.now, at);
    for (const flow of this.#flows)
      flow.bits = flow.rate === Infinity ? 0 : flow.bits - flow.rate * seconds;
    const arrived = this.#flows.filter(({ bits, rate }) => bits <= Math.max(rate * SAME, 0));
    if (arrived.length === 0) return;
    const gone = new Set(arrived);
    this.#flows = this.#flows.filter((one) => !gone.has(one));
    this.#isStale = true;
    for (const { done } of arrived) done();
  }

  /** Gives every flow its rate: again and again the line that leaves least to each of its flows settles them. */
  #share(): void {
    this.#isStale = false;
    const nodes = this.#lines.length;
    const left = new Float64Array(2 * nodes);
    for (const [node, { uplinkMbps, downlinkMbps }] of this.#lines.entries()) {
      left[node] = uplinkMbps * MEGA;
      left[nodes + node] = downlinkMbps * MEGA;
    }
    for (let open = this.#flows; open.length > 0;) {
      const shares = sharesOf(open, left);
      const least = Math.min(...open.map((flow) => rateOf(flow, shares)));
      const isSettled = (flow: Flow): boolean => rateOf(flow, shares) <= least * (1 + SAME);
      for (const flow of open.filter(isSettled)) {
        flow.rate = least;
        take(left, flow.from, least);
        take(left, nodes + flow.to, least);
      }
      if (least === Infinity) return;
      open = open.filter((flow) => !isSettled(flow));
    }
  }
}

/** What each line leaves to each of its open flows: uplinks, then downlinks. */
function sharesOf(open: readonly Flow[], left: Float64Array): Float64Array {
  const counts = new Float64Array(left.length);
  const nodes = left.length / 2;
  for (const { from, to } of open) {
    take(counts, from, -1);
    take(counts, nodes + to, -1);
  }
  return left.map((rate, line) => rate / (counts[line] ?? 1));
}

const rateOf = ({ from, to }: Flow, shares: Float64Array): number =>
  Math.min(shares[from] ?? 0, shares[shares.length / 2 + to] ?? 0);

function take(all: Float64Array, at: number, what: number): void {
  all[at] = Math.max(0, (all[at] ?? 0) - what);
}
