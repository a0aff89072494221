/** @file A validator: a participant of the run, and what it remembers between windows. */
import type { Weigh } from "../src/gauntlet/own-weights.ts";
import type { Participant } from "../src/neuron/participant.ts";
import type { Reminder } from "../src/neuron/reminder.ts";
import type { Desk } from "./desk/desk.ts";
import type { HiddenWeights } from "./hidden-weights.ts";
import type { Memory } from "./memory.ts";
import type { Permit } from "./permit.ts";
import type { Unseen } from "./unseen.ts";

/** What every step of the loop works with. */
export type Validator = {
  readonly node: Participant;
  readonly memory: Memory;
  /** The subnet's own rule for weights, if it has one. */
  readonly weigh: Weigh | null;
  /** Whether its votes and weights count. */
  readonly permit: Permit;
  /** Its weights where the subnet hides them. */
  readonly hidden: Pick<HiddenWeights, "look" | "hold" | "commit">;
  /** Its weights where the subnet does not hide them. */
  readonly unseen: Pick<Unseen, "way" | "sent" | "givenUp" | "voted">;
  /** What people are told about its weights. */
  readonly weightNews: Reminder;
  /** Who measures beside this validator; left out where nobody does. */
  readonly desk?: Desk | undefined;
};
