/** @file Who may read a node's metrics, as an operator writes it: loopback, none, or addresses and networks with a comma between. */
import { BlockList, isIP } from "node:net";

/** Words for what most want. */
const WORDS: ReadonlyMap<string, readonly string[]> = new Map([
  ["none", []],
  ["loopback", ["127.0.0.0/8", "::1"]],
]);

const MOST_BITS = { 4: 32, 6: 128 } as const;

/** Adds an address, or a network with its prefix; false when it is neither. */
function add(list: BlockList, written: string): boolean {
  const [address = "", prefix, ...rest] = written.split("/");
  const family = isIP(address);
  if ((family !== 4 && family !== 6) || rest.length > 0 || address.includes("%")) return false;
  const type = family === 4 ? "ipv4" : "ipv6";
  if (prefix === undefined) list.addAddress(address, type);
  else if (/^\d{1,3}$/.test(prefix) && Number(prefix) <= MOST_BITS[family])
    list.addSubnet(address, Number(prefix), type);
  else return false;
  return true;
}

/** Whether an address is among those that the text names; null when the text names none that can be. */
export function readersOf(text: string): ((ip: string) => boolean) | null {
  const list = new BlockList();
  const parts = text.split(",").flatMap((part) => WORDS.get(part.trim()) ?? [part.trim()]);
  if (!parts.every((part) => add(list, part))) return null;
  return (ip) => {
    const family = isIP(ip);
    return family !== 0 && list.check(ip, family === 4 ? "ipv4" : "ipv6");
  };
}
