/** @file Who takes part in a subnet: what the chain says of each uid, and what its own node answers. */
import type { Commitment } from "../../chain/client/commitments.ts";
import type { Metagraph, Neuron } from "../../chain/client/metagraph.ts";
import { ss58Of } from "../../chain/wallet/account.ts";
import { digestsSchema, type Digests, type Status, statusSchema } from "../../src/api/types.ts";
import { type AxonAddress, fetchJson, urlOf } from "../../src/network/client.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { WindowClock } from "../../src/protocol/window.ts";
import type { Subnet } from "../../src/run/subnet.ts";

/** What a uid does, as far as chain and node tell. */
type ParticipantRole = "owner" | "validator" | "miner" | "idle";

/** The last commitment of a hotkey: an update or a vote, and its window (negative: before this run). */
type Committed = { readonly window: number; readonly kind: "update" | "vote" };

/** What a node answered; null where nobody answers. */
type Answer = { readonly status: Status; readonly digests: Digests } | null;

/** One uid. Shares are 0 to 1. */
export type Participant = Pick<
  Neuron,
  "uid" | "hotkey" | "axon" | "stakeRao" | "active" | "emissionRao" | "lastUpdate"
> & {
  readonly ss58: string;
  /** Name of its wallet, where it lies on this machine. */
  readonly name: string | null;
  readonly role: ParticipantRole;
  readonly permit: boolean;
  readonly incentive: number;
  readonly dividends: number;
  /** Window in which the hotkey got this uid (negative: before the run); null before there is a run. */
  readonly registeredWindow: number | null;
  readonly committed: Committed | null;
  readonly answer: Answer;
};

const U16_MAX = 65_535;
const LIMITS = { limitBytes: 1 << 20, timeoutMs: 2500 };
/** Windows whose digests are compared. */
const DIGESTS_BACK = 8;

/** Asks one node where it stands, and for its newest digests. */
async function ask(axon: AxonAddress, window: number, signal: AbortSignal): Promise<Answer> {
  const limits = { ...LIMITS, signal };
  const from = Math.max(0, window - DIGESTS_BACK);
  try {
    const [status, digests] = await Promise.all([
      fetchJson(urlOf(axon, "/status"), statusSchema, limits),
      fetchJson(urlOf(axon, `/digests?from=${from}`), digestsSchema, limits),
    ]);
    return status === null ? null : { status, digests: digests ?? [] };
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

function committedOf(
  commitment: Commitment | undefined,
  clock: WindowClock | null,
): Committed | null {
  if (commitment === undefined || clock === null) return null;
  const kind = commitment.fields.length === 1 ? "update" : "vote";
  return { window: clock.windowOf(commitment.block), kind };
}

/** What a uid does. Its own word counts only where the chain does not say otherwise. */
function roleOf(
  neuron: Pick<Neuron, "hotkey" | "validatorPermit" | "stakeRao">,
  known: {
    readonly ownerHotkey: Hex;
    readonly committed: Committed | null;
    readonly answer: Answer;
  },
): ParticipantRole {
  const said = known.answer?.status.role;
  if (said === "validator" || said === "miner") return said;
  if (neuron.hotkey === known.ownerHotkey) return "owner";
  if (known.committed !== null) return known.committed.kind === "update" ? "miner" : "validator";
  return neuron.validatorPermit && neuron.stakeRao > 0n ? "validator" : "idle";
}

/** Every uid of the subnet. `clock`: that of the run; null before there is one. */
export async function readParticipants(
  { chain, finder, netuid }: Subnet,
  { neurons, ownerHotkey, hash, block }: Metagraph,
  parts: {
    readonly clock: WindowClock | null;
    /** SS58 address -> name. */
    readonly names: ReadonlyMap<string, string>;
    readonly signal: AbortSignal;
  },
): Promise<readonly Participant[]> {
  const { clock, names, signal } = parts;
  const hotkeys = neurons.map(({ hotkey }) => hotkey);
  const [commitments, axons] = await Promise.all([
    chain.commitments(netuid, hotkeys, hash),
    finder.axons(),
  ]);
  const window = clock?.windowOf(block) ?? 0;
  return Promise.all(
    neurons.map(async (neuron) => {
      const { uid, hotkey, axon, stakeRao, active, emissionRao, lastUpdate } = neuron;
      const registeredWindow = clock?.windowOf(neuron.registeredAt) ?? null;
      // An address that must not be asked is as good as none.
      const asked = axons.get(hotkey);
      const answer = asked === undefined ? null : await ask(asked, window, signal);
      const committed = committedOf(commitments.get(hotkey), clock);
      const ss58 = ss58Of(hotkey);
      return {
        uid,
        hotkey,
        axon,
        stakeRao,
        active,
        emissionRao,
        lastUpdate,
        ss58,
        name: names.get(ss58) ?? null,
        role: roleOf(neuron, { ownerHotkey, committed, answer }),
        permit: neuron.validatorPermit,
        incentive: neuron.incentive / U16_MAX,
        dividends: neuron.dividends / U16_MAX,
        registeredWindow,
        committed,
        answer,
      };
    }),
  );
}
