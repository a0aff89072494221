/** @file A participant of a run of which a test gives only the parts that it looks at. */
import type { Neuron } from "../../src/neuron/neuron.ts";
import type { Participant } from "../../src/neuron/participant.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import { stub } from "./stub.ts";

type Parts = Partial<Neuron> & Partial<Subnet> & Partial<Omit<Participant, "neuron" | "subnet">>;

/** The participant with `parts` where they belong; reading anything else throws. */
export function participantOf(parts: Parts): Participant {
  const {
    role,
    options,
    signer,
    state,
    log,
    signal,
    say,
    activity,
    did,
    progress,
    tally,
    line,
    ...others
  } = parts;
  const { netuid, chain, blocks, blobs, finder, pause, ...rest } = others;
  return stub<Participant>({
    ...rest,
    neuron: stub<Neuron>({
      // It says lines.
      screen: undefined,
      ...defined({
        role,
        options,
        signer,
        state,
        log,
        signal,
        say,
        activity,
        did,
        progress,
        tally,
        line,
      }),
    }),
    subnet: stub<Subnet>(defined({ netuid, chain, blocks, blobs, finder, pause })),
  });
}

/** `parts` without those that were not given. */
function defined<T extends object>(parts: T): T {
  for (const [key, value] of Object.entries(parts))
    if (value === undefined) Reflect.deleteProperty(parts, key);
  return parts;
}
