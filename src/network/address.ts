/** @file Which addresses on the chain a node may fetch from (docs/threats.md#5-network): strangers must not point it at its own network. */
import { BlockList, isIP } from "node:net";

const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const)
  PRIVATE.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of [
  ["::", 128],
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const)
  PRIVATE.addSubnet(network, prefix, "ipv6");

/**
 * Whether `ip` is loopback, private, link-local, shared, multicast or no address at all. IPv4 written as IPv6
 * (`::ffff:10.0.0.1`) counts as the IPv4 address it is.
 */
export function isPrivateAddress(ip: string): boolean {
  const family = isIP(ip);
  if (family === 0) return true;
  return PRIVATE.check(ip, family === 4 ? "ipv4" : "ipv6");
}

/** The eight groups of an IPv6 address, of which `::` hides any number. */
function groupsOf(ip: string): readonly string[] {
  const [head = "", tail] = ip.split("::");
  const before = head === "" ? [] : head.split(":");
  if (tail === undefined) return before;
  const after = tail === "" ? [] : tail.split(":");
  const hidden = Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array.from({ length: hidden }, () => "0"), ...after];
}

/**
 * Who counts as one remote: an IPv4 address, also in IPv6 clothes; of IPv6 the first 64 bits, since one subscriber has all
 * addresses below them.
 */
export function remoteOf(ip: string): string {
  const bare = ip.toLowerCase().split("%", 1)[0] ?? "";
  const mapped = /^(?:0{0,4}:){2,5}ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare)?.[1];
  if (mapped !== undefined) return mapped;
  if (isIP(bare) !== 6) return bare;
  const network = groupsOf(bare).slice(0, 4);
  return `${network.map((group) => group.replace(/^0+(?=.)/, "")).join(":")}::/64`;
}

/** The network of a remote, which one customer often has whole: of IPv4 the first 24 bits, of IPv6 the first 48. */
export function networkOf(ip: string): string {
  const remote = remoteOf(ip);
  if (isIP(remote) === 4) return `${remote.split(".").slice(0, 3).join(".")}.0/24`;
  if (!remote.endsWith("::/64")) return remote;
  return `${remote.split(":").slice(0, 3).join(":")}::/48`;
}
