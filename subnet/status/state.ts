/** @file Whether a uid takes part, derived from the chain alone: no heartbeats, no server that keeps them. */
import type { Participant } from "./participants.ts";

/**
 * `new`: publishes no address yet, and got its uid in this window or one of the last three. `starting`: publishes one, and has committed nothing in this run.
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
  one: Pick<Participant, "role" | "permit" | "axon" | "committed" | "registeredWindow">,
  window: number | null,
): ParticipantState {
  if (one.role === "validator" && !one.permit) return "no-permit";
  const last = one.committed?.window ?? -1;
  if (window === null || last < 0) return unseen(one, window);
  const missed = Math.max(0, window - last - 1);
  if (missed === 0) return "working";
  return missed < GONE_WINDOWS ? "late" : "gone";
}

/** Of whoever committed nothing in this run. */
function unseen(
  { role, axon, registeredWindow }: Pick<Participant, "role" | "axon" | "registeredWindow">,
  window: number | null,
): ParticipantState {
  if (role === "owner") return "none";
  if (axon !== null) return "starting";
  // A newcomer between its registration and the start of its node looks like whoever never begins; only time tells.
  const isRecent =
    window !== null && registeredWindow !== null && window - registeredWindow <= GONE_WINDOWS;
  return role !== "idle" || isRecent ? "new" : "none";
}
