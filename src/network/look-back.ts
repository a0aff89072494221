/** @file Looking back: a registered peer asks this node whether it is reached at the address that it published. Nobody can name another address. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { statusSchema } from "../api/types.ts";
import type { Hex } from "../protocol/digest.ts";
import type { Bounds } from "./bounds.ts";
import { networkOf } from "./address.ts";
import { type AxonAddress, fetchJson, type PeerAddress, urlOf } from "./client.ts";
import type { Passport } from "./passport.ts";
import { type Gate, type NetworkParams, proven, refuse } from "./proof.ts";
import { unlessAborted } from "./unless-aborted.ts";

/** What a peer saw: whether this hotkey's node answered it, and the address that the question came from. */
const lookBackSchema = z.strictObject({ reached: z.boolean(), seenFrom: z.string().max(64) });
export type LookBack = z.output<typeof lookBackSchema>;

const LIMITS = { limitBytes: 4096, timeoutMs: 3000 };
/** The one who asks waits for the one who looks. */
const ASKED = { limitBytes: 1024, timeoutMs: 6000 };
/** A hotkey is looked back at so often: a look is a request of ours that somebody else causes. */
const EVERY_MS = 5000;
/**
 * Looks at once for whoever asks from one network, and in all. By where the question comes from, which nobody can make up: on the chain anybody may
 * write any address, and silent ones at that.
 */
const AT_ONCE = { network: 4, all: 64 } as const;
const NO_BODY = new Uint8Array();
const selfSchema = z.object({ hotkey: statusSchema.shape.hotkey });

/** The path of the question, on one network. */
function lookBackPath({
  netuid,
  genesis,
}: {
  readonly netuid: number | string;
  readonly genesis: string;
}): string {
  return `/peers/${netuid}/${genesis}/look-back`;
}

async function answers(axon: AxonAddress, hotkey: Hex): Promise<boolean> {
  const found = await fetchJson(urlOf(axon, "/status"), selfSchema, LIMITS).catch(() => null);
  return found?.hotkey === hotkey;
}

/** Looks that are under way. */
class Looks {
  readonly #byNetwork = new Map<string, number>();
  #all = 0;

  /** Whether one more may be, for whoever asks from `ip`. */
  hasRoom(ip: string): boolean {
    const own = this.#byNetwork.get(networkOf(ip)) ?? 0;
    return own < AT_ONCE.network && this.#all < AT_ONCE.all;
  }

  async take<T>(ip: string, look: () => Promise<T>): Promise<T> {
    this.#move(networkOf(ip), 1);
    try {
      return await look();
    } finally {
      this.#move(networkOf(ip), -1);
    }
  }

  #move(network: string, by: number): void {
    const own = (this.#byNetwork.get(network) ?? 0) + by;
    if (own > 0) this.#byNetwork.set(network, own);
    else this.#byNetwork.delete(network);
    this.#all += by;
  }
}

/** `GET /peers/<netuid>/<genesis>/look-back`, signed by a registered hotkey. @param axonOf the address that a hotkey published */
export function lookBackRoute(
  server: FastifyInstance,
  axonOf: (hotkey: Hex) => Promise<AxonAddress | null>,
  { bounds, gate }: { readonly bounds: Bounds; readonly gate: Gate },
): void {
  const lastAt = new Map<Hex, number>();
  const looks = new Looks();
  const path = lookBackPath({ netuid: ":netuid", genesis: ":genesis" });
  server.get<{ Params: NetworkParams }>(
    path,
    { exposeHeadRoute: false },
    async (request, reply) => {
      const at = { request, reply };
      const found = proven(gate, request, NO_BODY);
      if (!("hotkey" in found)) return refuse(at, found.refusal, bounds);
      const { hotkey } = found;
      const now = performance.now();
      const isSoon = now - (lastAt.get(hotkey) ?? -Infinity) < EVERY_MS;
      if (isSoon || !looks.hasRoom(request.ip) || !bounds.admit(request, hotkey))
        return refuse(at, "too-many-requests", bounds);
      for (const [key, then] of lastAt) if (now - then >= EVERY_MS) lastAt.delete(key);
      lastAt.set(hotkey, now);
      const patience = AbortSignal.timeout(LIMITS.timeoutMs);
      const axon = await unlessAborted(axonOf(hotkey), patience).catch((error: unknown) => {
        if (patience.aborted) return undefined;
        throw error;
      });
      // Only a look itself takes room, not the wait for a chain.
      if (axon === undefined || !looks.hasRoom(request.ip))
        return refuse(at, "too-many-requests", bounds);
      const look = async (): Promise<boolean> => axon !== null && answers(axon, hotkey);
      const told: LookBack = {
        reached: await looks.take(request.ip, look),
        seenFrom: request.ip,
      };
      return reply.send(told);
    },
  );
}

/** Asks a peer to look back; null when it does not say (an older release, too busy, away). */
export async function askLookBack(
  peer: PeerAddress & { readonly hotkey: Hex },
  passport: Passport,
): Promise<LookBack | null> {
  const target = lookBackPath(passport);
  const headers = passport.sign(target, peer.hotkey);
  return fetchJson(urlOf(peer, target), lookBackSchema, { ...ASKED, headers }).catch(() => null);
}
