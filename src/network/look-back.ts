/** @file Looking back: a registered peer asks this node whether it is reached at the address that it published. Nobody can name another address. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { statusSchema } from "../api/types.ts";
import type { Hex } from "../protocol/digest.ts";
import type { Bounds } from "./bounds.ts";
import { type AxonAddress, fetchJson, type PeerAddress, urlOf } from "./client.ts";
import type { Passport } from "./passport.ts";
import { type Gate, type NetworkParams, proven, refuse } from "./proof.ts";

/** What a peer saw: whether this hotkey's node answered it, and the address that the question came from. */
const lookBackSchema = z.strictObject({ reached: z.boolean(), seenFrom: z.string().max(64) });
export type LookBack = z.output<typeof lookBackSchema>;

const LIMITS = { limitBytes: 4096, timeoutMs: 3000 };
/** The one who asks waits for the one who looks. */
const ASKED = { limitBytes: 1024, timeoutMs: 6000 };
/** A hotkey is looked back at so often, and so many are at once: a look is a request of ours that a stranger causes. */
const EVERY_MS = 5000;
const AT_ONCE = 4;
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

/** `GET /peers/<netuid>/<genesis>/look-back`, signed by a registered hotkey. @param axonOf the address that a hotkey published */
export function lookBackRoute(
  server: FastifyInstance,
  axonOf: (hotkey: Hex) => Promise<AxonAddress | null>,
  { bounds, gate }: { readonly bounds: Bounds; readonly gate: Gate },
): void {
  const lastAt = new Map<Hex, number>();
  let looking = 0;
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
      if (isSoon || looking >= AT_ONCE || !bounds.admit(request, hotkey))
        return refuse(at, "too-many-requests", bounds);
      for (const [key, then] of lastAt) if (now - then >= EVERY_MS) lastAt.delete(key);
      lastAt.set(hotkey, now);
      looking += 1;
      try {
        const axon = await axonOf(hotkey);
        const told: LookBack = {
          reached: axon !== null && (await answers(axon, hotkey)),
          seenFrom: request.ip,
        };
        return await reply.send(told);
      } finally {
        looking -= 1;
      }
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
