/** @file IP addresses as the chain stores them: one number and a kind, 4 or 6. */
import { isIP } from "node:net";
import { ChainError } from "../errors.ts";

/** An address as `serve_axon` takes it. */
export type ChainAddress = { readonly ip: bigint; readonly kind: 4 | 6 };

function partsOf(text: string): readonly string[] {
  return text === "" ? [] : text.split(":");
}

/** The eight groups of an IPv6 text that the URL parser has put into its canonical form. */
function groupsOf(canonical: string): readonly number[] {
  const [head = "", tail] = canonical.split("::");
  const left = partsOf(head);
  const right = tail === undefined ? [] : partsOf(tail);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}

/**
 * The number of an IP address text.
 * @throws ChainError invalid-address
 */
export function chainAddressOf(text: string): ChainAddress {
  switch (isIP(text.includes("%") ? "" : text)) {
    case 4:
      return { ip: text.split(".").reduce((ip, part) => ip * 256n + BigInt(part), 0n), kind: 4 };
    case 6: {
      const canonical = new URL(`http://[${text}]`).hostname.slice(1, -1);
      const ip = groupsOf(canonical).reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
      return { ip, kind: 6 };
    }
    default:
      throw new ChainError({ code: "invalid-address", text: text.slice(0, 80) });
  }
}

/** Text of an address: dotted for 4, shortest colon form for 6. */
export function addressText({ ip, kind }: { readonly ip: bigint; readonly kind: number }): string {
  if (kind !== 6) {
    const bytes = [24n, 16n, 8n, 0n].map((shift) => ((ip >> shift) & 0xffn).toString());
    return bytes.join(".");
  }
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((ip >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
