/** @file The IPFS name of a tree's bytes, made of the same blocks: once by IPFS's own importer, once by hand from the specification. */
import { createHash } from "node:crypto";
import { importer } from "ipfs-unixfs-importer";
import { fixedSize } from "ipfs-unixfs-importer/chunker";
import { BLOCK_BYTES } from "../../src/protocol/block-tree.ts";

/** Raw leaves of a block each, as `ipfs add --cid-version=1 --chunker=size-1048576` makes them. No daemon; nothing is kept. */
export async function cidByImporter(blocks: AsyncIterable<Uint8Array>): Promise<string> {
  let last = "";
  async function* content(): AsyncGenerator<Uint8Array> {
    for await (const block of blocks) yield block.slice();
  }
  const chunker = fixedSize({ chunkSize: BLOCK_BYTES });
  // Nothing is kept: each block and node is only named.
  const made = importer(
    [{ content: content() }],
    { put: (cid) => Promise.resolve(cid) },
    { cidVersion: 1, rawLeaves: true, chunker },
  );
  for await (const { cid } of made) last = cid.toString();
  return last;
}

const RAW = 0x55;
const DAG_PB = 0x70;
const SHA2_256 = [0x12, 0x20];
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
/** Links of one node. */
const MOST_LINKS = 1024;

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
const field = (number: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([number * 8 + 2, ...varint(bytes.length)]), bytes]);
const counted = (number: number, value: number): Buffer =>
  Buffer.from([number * 8, ...varint(value)]);

function cidOf(codec: number, bytes: Uint8Array): Buffer {
  const hash = createHash("sha256").update(bytes).digest();
  return Buffer.concat([Buffer.from([1, codec, ...SHA2_256]), hash]);
}

/** "b" and RFC 4648's base32 in small letters without padding. */
function text(cid: Uint8Array): string {
  const bits = Array.from(cid, (byte) => byte.toString(2).padStart(8, "0")).join("");
  const groups = bits.match(/.{1,5}/g) ?? [];
  return `b${groups.map((five) => ALPHABET[Number.parseInt(five.padEnd(5, "0"), 2)]).join("")}`;
}

/** The same by hand: UnixFS's file over raw leaves, one node; a single block is its own name. @throws Error above a GiB */
export async function cidByHand(blocks: AsyncIterable<Uint8Array>): Promise<string> {
  const links: Buffer[] = [];
  const sizes: Buffer[] = [];
  let total = 0;
  let first: Uint8Array = new Uint8Array();
  for await (const block of blocks) {
    const cid = cidOf(RAW, block);
    if (links.length === 0) first = cid;
    links.push(
      field(2, Buffer.concat([field(1, cid), field(2, Buffer.alloc(0)), counted(3, block.length)])),
    );
    sizes.push(counted(4, block.length));
    total += block.length;
  }
  if (links.length > MOST_LINKS) throw new Error("more than one node");
  if (links.length === 1) return text(first);
  const FILE = 2;
  const data = Buffer.concat([counted(1, FILE), counted(3, total), ...sizes]);
  return text(cidOf(DAG_PB, Buffer.concat([...links, field(1, data)])));
}
