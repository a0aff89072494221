/** @file Whether the node's port can be listened on, or is listened on by this very node. */
import { once } from "node:events";
import { createServer } from "node:net";
import { z } from "zod";
import { LISTEN_TEXTS, listenFault } from "../../base/listen.ts";
import { explain, reasonOf } from "../../base/fault.ts";
import { statusSchema } from "../api/types.ts";
import { fetchJson, urlOf } from "../network/client.ts";
import { fine, type Finding, type Patient, unknown, wrong } from "./finding.ts";
import { listenerOn, listenerText } from "./listener.ts";

const CHECK = "port";
const LIMITS = { limitBytes: 4096, timeoutMs: 3000 };
const TRIED = 64;
const LEAST_PORT = 1024;
const MOST_PORT = 65_535;

/** Also what is no training node says whose axon it is. */
const selfSchema = z.object({ hotkey: statusSchema.shape.hotkey });

/** The hotkey of whoever answers at an address, or null. */
export async function answering(ip: string, port: number): Promise<string | null> {
  const url = urlOf({ ip, port }, "/status");
  return (await fetchJson(url, selfSchema, LIMITS).catch(() => null))?.hotkey ?? null;
}

/** An address of this machine under which what listens on `host` can be asked. */
export function asked(host: string): string {
  return host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
}

/** Why a port cannot be listened on, or null. */
async function refusal(host: string, port: number): Promise<unknown> {
  const probe = createServer();
  try {
    await once(probe.listen(port, host), "listening");
  } catch (error) {
    return error;
  }
  await once(probe.close(), "close");
  return null;
}

/** The next port that is free. */
export async function freePortAfter(host: string, port: number): Promise<number> {
  const first = Math.max(port + 1, LEAST_PORT);
  for (let next = first; next < first + TRIED && next <= MOST_PORT; next++)
    if ((await refusal(host, next)) === null) return next;
  return 0;
}

/** @param own public key of the node's hotkey */
export async function portFinding(
  { options, start }: Patient,
  last: number | null,
  own: string,
): Promise<Finding> {
  const { axonHost: host, axonPort } = options;
  const port = axonPort === 0 ? last : axonPort;
  if (port === null) return fine(CHECK, "the node takes any free port");
  const error = await refusal(host, port);
  if (error === null) return fine(CHECK, `${host}:${port} is free`);
  const fault = listenFault(error, { service: "axon", host, port });
  if (fault === null) return unknown(CHECK, `${host}:${port}: ${reasonOf(error)}`);
  const { cause } = explain(LISTEN_TEXTS, fault.code, fault);
  if (fault.code === "address-foreign" || fault.code === "host-unknown")
    return wrong([CHECK, fault.code], cause, start({ axonHost: "127.0.0.1" }));
  if (fault.code === "port-in-use") {
    if ((await answering(asked(host), port)) === own)
      return fine(CHECK, `this node listens on ${host}:${port}`);
    if (axonPort === 0)
      return fine(CHECK, `port ${port} is taken; the node takes another by itself`);
  }
  const holder = fault.code === "port-in-use" ? listenerOn(port) : null;
  const who =
    holder === null ? cause : `${listenerText(holder)} listens on ${host}:${port} already.`;
  return wrong([CHECK, fault.code], who, start({ axonPort: await freePortAfter(host, port) }));
}
