/** @file Whether others reach the node's axon: its published address asked from here, and by peers that look back. */
import { hidden } from "../../base/hidden.ts";
import type { NextCommand } from "../../base/fault.ts";
import type { Neuron } from "../../chain/client/metagraph.ts";
import type { Hex } from "../../chain/wallet/hex.ts";
import type { Signer } from "../../chain/wallet/signer.ts";
import { ownAddresses } from "../neuron/address.ts";
import { isPrivateAddress } from "../network/address.ts";
import type { PeerAddress } from "../network/client.ts";
import { askLookBack, type LookBack } from "../network/look-back.ts";
import { passportOf } from "../run/passport.ts";
import type { Subnet } from "../run/subnet.ts";
import {
  after,
  fine,
  type Finding,
  type Patient,
  type Remembered,
  restart,
  unknown,
  wrong,
} from "./finding.ts";
import { answering, asked, freePortAfter } from "./port.ts";

const CHECK = "axon";
/** Peers that are asked to look back. */
const MOST_PEERS = 4;
/** The options that say where others reach a node. */
const PLACE = ["axonHost", "axonExternalIp", "axonExternalPort"] as const;

/** What the check looks at. */
type Reaching = {
  readonly patient: Patient;
  readonly subnet: Subnet;
  readonly signer: Signer;
  readonly own: Neuron;
  readonly remembered: Remembered;
  readonly peers: ReadonlyMap<Hex, PeerAddress>;
};

/** What peers say when they are asked to look back; those that cannot are left out. */
async function looksOf({ subnet, signer, peers }: Reaching): Promise<readonly LookBack[]> {
  const { netuid, chain } = subnet;
  const passport = passportOf(signer, { netuid, genesis: chain.genesisHash });
  const others = [...peers].filter(([hotkey]) => hotkey !== signer.publicKey).slice(0, MOST_PEERS);
  const answers = await Promise.all(
    others.map(([hotkey, at]) => askLookBack({ ...at, hotkey }, passport)),
  );
  return answers.filter((one) => one !== null);
}

/** An address under which others can dial this machine, as far as that is known. */
function ownAddress(
  development: boolean,
  endpoint: string,
  looks: readonly LookBack[],
): string | undefined {
  const seen = looks.map(({ seenFrom }) => seenFrom).find((ip) => !isPrivateAddress(ip));
  const own = ownAddresses();
  const open = seen ?? own.find((ip) => !isPrivateAddress(ip));
  if (!development) return open;
  const host = URL.parse(endpoint)?.hostname ?? "";
  return host.startsWith("127.") || host === "localhost" ? "127.0.0.1" : (open ?? own[0]);
}

/** Opens the way to a port: at the router where this machine is behind one, else at its own firewall. */
function openWay(port: number, ip: string): NextCommand {
  if (!ownAddresses().includes(ip) && !isPrivateAddress(ip))
    return { system: ["upnpc", "-r", String(port), "TCP"] };
  return { system: ["sudo", "ufw", "allow", `${port}/tcp`] };
}

/** The node runs, but its published address does not lead to it. */
async function misled(at: Reaching, said: string, looks: readonly LookBack[]): Promise<Finding> {
  const { patient, subnet, own } = at;
  const { chain, netuid, blocks } = subnet;
  const ip = ownAddress(await chain.isDevelopmentChain(), chain.endpoint, looks);
  const free = await chain.servableFrom(netuid, own.hotkey);
  if (free > blocks.current.number + 1)
    return wrong(
      [CHECK, "serving-rate-limit"],
      `${said}, and the chain takes a new address of it from block ${free} on; the node publishes it then by itself.`,
      after(free + 1),
    );
  const set = {
    axonHost: ip === "127.0.0.1" ? ip : "0.0.0.0",
    ...(ip !== undefined && { axonExternalIp: ip }),
  };
  return wrong(
    [CHECK, "axon-unreachable"],
    `${said}.`,
    ...restart(patient, at.remembered.pid, set, PLACE),
  );
}

/** Whether the published address leads to this very node, from here and from elsewhere. */
export async function axonFinding(at: Reaching): Promise<Finding> {
  const { patient, own, signer, remembered } = at;
  const { axonPort: port, pid } = remembered;
  const { start, options } = patient;
  const { axon } = own;
  const here = port === null ? null : await answering(asked(options.axonHost), port);
  const runs = here === signer.publicKey;
  if (axon === null)
    return runs
      ? misled(at, "This node's address is not on the chain yet", [])
      : wrong(
          [CHECK, "axon-unpublished"],
          "This hotkey publishes no address: its node has never run here.",
          start(),
        );
  const url = hidden(`${axon.ip}:${axon.port}`);
  const found = await answering(axon.ip, axon.port);
  if (found !== null && found !== signer.publicKey)
    return wrong(
      [CHECK, "axon-foreign"],
      `Another node answers at ${url}, which this hotkey publishes.`,
      ...restart(
        patient,
        pid,
        { axonPort: await freePortAfter(options.axonHost, axon.port) },
        PLACE.slice(1),
      ),
    );
  const looks = await looksOf(at);
  const reached = looks.filter((one) => one.reached).length;
  if (reached > 0) return fine(CHECK, `${url}: ${reached} of ${looks.length} peers reach it`);
  if (found === null && !runs)
    return wrong(
      [CHECK, "node-silent"],
      `Nobody answers at ${url}: the node is not running.`,
      start(),
    );
  if (found === null)
    return misled(
      at,
      `This node listens on port ${port}, but nobody answers at ${url}, which it publishes`,
      looks,
    );
  if (looks.length === 0)
    return unknown(
      CHECK,
      `${url} answers from here; no peer could be asked whether it does from elsewhere`,
    );
  return wrong(
    [CHECK, "axon-unreachable"],
    `${url} answers from here, but none of ${looks.length} peers reaches it: a router or firewall is between.`,
    openWay(axon.port, axon.ip),
  );
}
