/**
 * @file Blake2b with 32 bytes of output and no key (RFC 7693), of bytes that lie in this memory: digests of parameters where they are.
 * Integers alone, so the rules about rounding have nothing to say here.
 */

const BLOCK: u32 = 128;

/** `out` .. `out + 32` = digest of `data` .. `data + length`. `sigma`: the ten rows of 16 word offsets in bytes; `scratch`: 192 bytes. */
export function blake2b256(data: usize, length: u32, out: usize, sigma: usize, scratch: usize): void {
  // Parameter block: digest length 32, no key, fan-out and depth 1.
  store<u64>(scratch, 0x6a09e667f3bcc908 ^ 0x01010020);
  store<u64>(scratch, 0xbb67ae8584caa73b, 8);
  store<u64>(scratch, 0x3c6ef372fe94f82b, 16);
  store<u64>(scratch, 0xa54ff53a5f1d36f1, 24);
  store<u64>(scratch, 0x510e527fade682d1, 32);
  store<u64>(scratch, 0x9b05688c2b3e6c1f, 40);
  store<u64>(scratch, 0x1f83d9abfb41bd6b, 48);
  store<u64>(scratch, 0x5be0cd19137e2179, 56);
  let rest = length, done: u64 = 0;
  for (; rest > BLOCK; rest -= BLOCK) {
    done += BLOCK;
    compress(scratch, data, done, 0, sigma);
    data += BLOCK;
  }
  // The last block is compressed even if it is empty, filled up with zeros.
  const last = scratch + 64;
  memory.fill(last, 0, BLOCK);
  memory.copy(last, data, rest);
  compress(scratch, last, done + rest, ~(<u64>0), sigma);
  memory.copy(out, scratch, 32);
}

/** One block into the state `h`; `total`: bytes up to its end; `final`: all ones for the last block. Row r of twelve is row r mod 10. */
function compress(h: usize, m: usize, total: u64, final: u64, sigma: usize): void {
  let v0 = load<u64>(h, 0);
  let v1 = load<u64>(h, 8);
  let v2 = load<u64>(h, 16);
  let v3 = load<u64>(h, 24);
  let v4 = load<u64>(h, 32);
  let v5 = load<u64>(h, 40);
  let v6 = load<u64>(h, 48);
  let v7 = load<u64>(h, 56);
  let v8: u64 = 0x6a09e667f3bcc908;
  let v9: u64 = 0xbb67ae8584caa73b;
  let v10: u64 = 0x3c6ef372fe94f82b;
  let v11: u64 = 0xa54ff53a5f1d36f1;
  let v12: u64 = 0x510e527fade682d1 ^ total;
  let v13: u64 = 0x9b05688c2b3e6c1f;
  let v14: u64 = 0x1f83d9abfb41bd6b ^ final;
  let v15: u64 = 0x5be0cd19137e2179;
  for (let round: u32 = 0; round < 12; round++) {
    const row = sigma + (round < 10 ? round : round - 10) * 16;
    v0 = v0 + v4 + load<u64>(m + <usize>load<u8>(row, 0));
    v12 = rotr<u64>(v12 ^ v0, 32); v8 = v8 + v12; v4 = rotr<u64>(v4 ^ v8, 24);
    v0 = v0 + v4 + load<u64>(m + <usize>load<u8>(row, 1));
    v12 = rotr<u64>(v12 ^ v0, 16); v8 = v8 + v12; v4 = rotr<u64>(v4 ^ v8, 63);
    v1 = v1 + v5 + load<u64>(m + <usize>load<u8>(row, 2));
    v13 = rotr<u64>(v13 ^ v1, 32); v9 = v9 + v13; v5 = rotr<u64>(v5 ^ v9, 24);
    v1 = v1 + v5 + load<u64>(m + <usize>load<u8>(row, 3));
    v13 = rotr<u64>(v13 ^ v1, 16); v9 = v9 + v13; v5 = rotr<u64>(v5 ^ v9, 63);
    v2 = v2 + v6 + load<u64>(m + <usize>load<u8>(row, 4));
    v14 = rotr<u64>(v14 ^ v2, 32); v10 = v10 + v14; v6 = rotr<u64>(v6 ^ v10, 24);
    v2 = v2 + v6 + load<u64>(m + <usize>load<u8>(row, 5));
    v14 = rotr<u64>(v14 ^ v2, 16); v10 = v10 + v14; v6 = rotr<u64>(v6 ^ v10, 63);
    v3 = v3 + v7 + load<u64>(m + <usize>load<u8>(row, 6));
    v15 = rotr<u64>(v15 ^ v3, 32); v11 = v11 + v15; v7 = rotr<u64>(v7 ^ v11, 24);
    v3 = v3 + v7 + load<u64>(m + <usize>load<u8>(row, 7));
    v15 = rotr<u64>(v15 ^ v3, 16); v11 = v11 + v15; v7 = rotr<u64>(v7 ^ v11, 63);
    v0 = v0 + v5 + load<u64>(m + <usize>load<u8>(row, 8));
    v15 = rotr<u64>(v15 ^ v0, 32); v10 = v10 + v15; v5 = rotr<u64>(v5 ^ v10, 24);
    v0 = v0 + v5 + load<u64>(m + <usize>load<u8>(row, 9));
    v15 = rotr<u64>(v15 ^ v0, 16); v10 = v10 + v15; v5 = rotr<u64>(v5 ^ v10, 63);
    v1 = v1 + v6 + load<u64>(m + <usize>load<u8>(row, 10));
    v12 = rotr<u64>(v12 ^ v1, 32); v11 = v11 + v12; v6 = rotr<u64>(v6 ^ v11, 24);
    v1 = v1 + v6 + load<u64>(m + <usize>load<u8>(row, 11));
    v12 = rotr<u64>(v12 ^ v1, 16); v11 = v11 + v12; v6 = rotr<u64>(v6 ^ v11, 63);
    v2 = v2 + v7 + load<u64>(m + <usize>load<u8>(row, 12));
    v13 = rotr<u64>(v13 ^ v2, 32); v8 = v8 + v13; v7 = rotr<u64>(v7 ^ v8, 24);
    v2 = v2 + v7 + load<u64>(m + <usize>load<u8>(row, 13));
    v13 = rotr<u64>(v13 ^ v2, 16); v8 = v8 + v13; v7 = rotr<u64>(v7 ^ v8, 63);
    v3 = v3 + v4 + load<u64>(m + <usize>load<u8>(row, 14));
    v14 = rotr<u64>(v14 ^ v3, 32); v9 = v9 + v14; v4 = rotr<u64>(v4 ^ v9, 24);
    v3 = v3 + v4 + load<u64>(m + <usize>load<u8>(row, 15));
    v14 = rotr<u64>(v14 ^ v3, 16); v9 = v9 + v14; v4 = rotr<u64>(v4 ^ v9, 63);
  }
  store<u64>(h, load<u64>(h, 0) ^ v0 ^ v8, 0);
  store<u64>(h, load<u64>(h, 8) ^ v1 ^ v9, 8);
  store<u64>(h, load<u64>(h, 16) ^ v2 ^ v10, 16);
  store<u64>(h, load<u64>(h, 24) ^ v3 ^ v11, 24);
  store<u64>(h, load<u64>(h, 32) ^ v4 ^ v12, 32);
  store<u64>(h, load<u64>(h, 40) ^ v5 ^ v13, 40);
  store<u64>(h, load<u64>(h, 48) ^ v6 ^ v14, 48);
  store<u64>(h, load<u64>(h, 56) ^ v7 ^ v15, 56);
}
