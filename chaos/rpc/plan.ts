/** @file Faults of endpoints, one after the other, and how fast they are played. */
import type { Fault } from "./proxy.ts";

/** Times of a play. */
export type Pace = {
  readonly blockMs: number;
  /** Blocks between two epochs. */
  readonly tempo: number;
  /** The client's; see `ConnectOptions`. */
  readonly stallMs: number;
  readonly timeoutMs: number;
  /** How long a fault lasts, and how long both endpoints are well after it. */
  readonly faultMs: number;
  readonly restMs: number;
  /** How late a slow endpoint answers. */
  readonly delayMs: number;
  /** Within so long another endpoint has taken over; a bound for machines that have nothing else to do. */
  readonly failoverMs: number;
};

/** As a neuron is run: 12 blocks a window of 3 s, and an epoch every fifth window. */
export const USUAL: Pace = {
  blockMs: 250,
  tempo: 60,
  stallMs: 4000,
  timeoutMs: 10_000,
  faultMs: 20_000,
  restMs: 12_000,
  delayMs: 5000,
  failoverMs: 10_000,
};

/** The same in a fraction of the time. */
export const QUICK: Pace = {
  blockMs: 80,
  tempo: 30,
  stallMs: 300,
  timeoutMs: 15_000,
  faultMs: 2000,
  restMs: 1000,
  delayMs: 2000,
  failoverMs: 20_000,
};

/** One fault of a play. */
export type Act = {
  readonly name: string;
  readonly fault: Fault;
  /** Whom it hits: the endpoint in use, or all of them. */
  readonly whom: "used" | "all";
  readonly ms: number;
};

/** The faults in order. */
export function actsOf({ faultMs, delayMs }: Pace): readonly Act[] {
  const used = (fault: Fault): Act => ({ name: fault.kind, fault, whom: "used", ms: faultMs });
  const all = (fault: Fault): Act => ({
    name: `${fault.kind}, both`,
    fault,
    whom: "all",
    ms: 1.5 * faultMs,
  });
  return [
    used({ kind: "drop" }),
    used({ kind: "delay", ms: delayMs }),
    used({ kind: "half-open" }),
    used({ kind: "stale" }),
    used({ kind: "genesis" }),
    all({ kind: "drop" }),
  ];
}
