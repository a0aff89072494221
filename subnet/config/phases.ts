/** @file Table [phases]: the clock of a window. */
import { derivedKey, key, table, whole } from "./key.ts";

/** [phases] */
export const phasesTable = table("The clock of a window, in blocks", {
  train: key(whole(1, 100_000), 4, {
    description: "Miners train and compress; validators finish scoring the window before.",
    unit: "blocks",
    effect: "Too short: miners on slow machines are late. Longer: fewer windows an hour.",
  }),
  commit: key(whole(1, 100_000), 2, {
    description: "Miners put the digest of the finished update on chain.",
    unit: "blocks",
    effect: "One block leaves no second try when a transaction slips.",
  }),
  reveal: key(whole(1, 100_000), 2, {
    description: "Miners serve the payload, validators fetch it.",
    unit: "blocks",
    effect: "Must be long enough for the update to cross the slowest honest uplink.",
  }),
  judge: key(whole(1, 100_000), 4, {
    description: "Validators compare losses and vote; the last block counts the votes.",
    unit: "blocks",
    effect: "Too short: votes are late, nothing is accepted and the window is lost.",
  }),
  deadlineOffset: derivedKey(whole(0, 200_000), "train + commit - 1", {
    description: "Block of the window, counted from 0, after which a commitment is late.",
    unit: "blocks",
    effect: "Earlier leaves validators more time, miners less.",
  }),
  finalityLag: key(whole(0, 1000), 0, {
    description: "Blocks between the best and the final block: 0 embedded chain, 3 GRANDPA.",
    unit: "blocks",
    effect: "Must be what the chain really does: nobody may draw from a block that can vanish.",
  }),
  blockMs: key(whole(50, 60_000), 250, {
    description: "Time of a block on a development chain; public chains have their own (12000).",
    unit: "milliseconds",
    effect: "Shorter: a faster demo, and less time in every phase.",
  }),
});
