/** @file Whether a uid takes part, derived from the chain alone: no heartbeats, no server that keeps them. */
import type { Participant } from "./participants.ts";

/**
 * `new`: registered, and publishes no address yet. `starting`: publishes one, and has committed nothing in this run.
 * `working`: committed in this window or the last. `late`: missed one or two. `gone`: missed three or more; the chain gives its
 * uid to a newcomer once the subnet is full and its immunity over. `no-permit`: validates, but its votes do not count.
 * `none`: neither mines nor validates.
 */
export type ParticipantState =
  | "new"
  | "starting"
  | "working"
  | "late"
  | "gone"
  | "no-permit"
  | "none";

/** Whoever missed so many windows in a row is gone. */
const GONE_WINDOWS = 3;

/**
 * The state of a uid while `window` runs; null: there is no run.
 * A window counts as missed once it is over: what it may still commit in `window` is not known.
 */
export function stateOf(
  one: Pick<Participant, "role" | "permit" | "axon" | "committed">,
  window: number | null,
): ParticipantState {
  if (one.role === "validator" && !one.permit) return "no-permit";
  const last = one.committed?.window ?? -1;
  if (window === null || last < 0) return unseen(one);
  const missed = Math.max(0, window - last - 1);
  if (missed === 0) return "working";
  return missed < GONE_WINDOWS ? "late" : "gone";
}

/** Of whoever committed nothing in this run. */
function unseen({ role, axon }: Pick<Participant, "role" | "axon">): ParticipantState {
  if (role === "owner" || (role === "idle" && axon === null)) return "none";
  return axon === null ? "new" : "starting";
}
