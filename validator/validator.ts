/** @file A validator: a participant of the run, and what it remembers between windows. */
import type { Participant } from "../src/neuron/participant.ts";
import type { Memory } from "./memory.ts";

/** What every step of the loop works with. */
export type Validator = { readonly node: Participant; readonly memory: Memory };
