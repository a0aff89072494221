"""PyTorch's steps of the codec on one core, for bench/codec.ts: python rival.py FOLDER.

FOLDER holds error.f32, theta.f32 and body.bin of bench/codec/rival.ts and shapes.json. Reads commands on standard input, one a line ("compress 3"
= three runs), and answers with the median milliseconds. Everything is done over all chunks at once: a loop over tensors would be slower.
"compress": top-k of each chunk, magnitudes, pack. "decode" and "pack" are of the same bytes as ours, and checked against them;
"published" unpacks the layout that the published subnet ships: 12 bits an index, 2 a value.
"""

import json
import statistics
import sys
import time

import numpy as np
import torch

torch.set_num_threads(1)
FOLDER = sys.argv[1]
with open(FOLDER + "/shapes.json") as file:
    SHAPES = json.load(file)
# [first coordinate, rows, columns, kept]: chunks of one length that follow each other.
GROUPS = SHAPES["groups"]
error = torch.from_numpy(np.fromfile(FOLDER + "/error.f32", dtype=np.float32))
theta = torch.from_numpy(np.fromfile(FOLDER + "/theta.f32", dtype=np.float32))
body = torch.from_numpy(np.fromfile(FOLDER + "/body.bin", dtype=np.uint8))
BASE, WIDTH = SHAPES["base"], SHAPES["pairBits"]

LEVELS = torch.tensor([0.0] + [(8 + b % 8) * 2.0 ** (b // 8 - 27) for b in range(1, 256)], dtype=torch.float64)
MIDDLES = (LEVELS[1:] + LEVELS[:-1]) / 2
LEVELS32 = LEVELS.float()
EIGHT = torch.arange(8, dtype=torch.uint8)
POWERS = (1 << torch.arange(8)).to(torch.uint8)
WIDE = torch.arange(WIDTH)

KEPT = sum(rows * kept for _, rows, _, kept in GROUPS)
PAIRS = KEPT // 2
assert KEPT == 2 * PAIRS and all(kept % 2 == 0 for _, _, _, kept in GROUPS)
OFFSETS = torch.arange(PAIRS) * WIDTH
BYTES, SHIFTS = OFFSETS >> 3, (OFFSETS & 7).to(torch.int32)
SIGN_BYTES = (KEPT + 7) // 8
PAIR_BYTES = (PAIRS * WIDTH + 7) // 8
# Of each chunk: where it begins in the flat vector, how many it keeps, the first of its entries.
STARTS = torch.tensor([first + row * columns for first, rows, columns, _ in GROUPS for row in range(rows)])
COUNTS = torch.tensor([kept for _, rows, _, kept in GROUPS for _ in range(rows)])
FIRST = torch.cumsum(COUNTS, 0) - COUNTS
CHUNKS = len(STARTS)
CHUNK_OF = torch.arange(CHUNKS).repeat_interleave(COUNTS)


def runs():
    """Chunks of one length that lie side by side, as one matrix."""
    merged = []
    for first, rows, columns, kept in GROUPS:
        last = merged[-1] if merged else None
        if last and last[2:] == [columns, kept] and last[0] + last[1] * columns == first:
            last[1] += rows
        else:
            merged.append([first, rows, columns, kept])
    return merged


RUNS_OF_CHUNKS = runs()


def largest():
    found = []
    for first, rows, columns, kept in RUNS_OF_CHUNKS:
        x = error[first : first + rows * columns].view(rows, columns)
        top = torch.topk(x.abs(), kept, dim=1, sorted=False).indices.sort(dim=1).values
        found.append((top + torch.arange(first, first + rows * columns, columns)[:, None]).view(-1))
    indices = torch.cat(found)
    return indices, error[indices]


def packed(bits):
    rest = -len(bits) % 8
    if rest:
        bits = torch.cat([bits, bits.new_zeros(rest)])
    return (bits.view(-1, 8) * POWERS).sum(1, dtype=torch.uint8)


def pack(indices, values):
    sums = torch.zeros(CHUNKS, dtype=torch.float64).index_add_(0, CHUNK_OF, values.abs().double())
    levels = torch.bucketize(sums / COUNTS, MIDDLES, right=True)
    before = torch.cat([indices[:1], indices[:-1]])
    before[FIRST] = STARTS - 1
    gaps = indices - before - 1
    quotients = torch.div(gaps, BASE, rounding_mode="floor")
    pairs = (gaps - quotients * BASE).view(-1, 2)
    pairs = pairs[:, 0] + BASE * pairs[:, 1]
    ends = torch.cumsum(quotients + 1, 0) - 1
    unary = torch.zeros(int(ends[-1]) + 1, dtype=torch.uint8)
    unary[ends] = 1
    remainders = ((pairs[:, None] >> WIDE) & 1).to(torch.uint8).view(-1)
    return torch.cat([levels.to(torch.uint8), packed((values < 0).to(torch.uint8)), packed(remainders), packed(unary)])


def compress():
    indices, values = largest()
    out = pack(indices, values)
    sent = LEVELS32[out[:CHUNKS].to(torch.int32)][CHUNK_OF] * torch.where(values < 0, -1.0, 1.0)
    return out, taken(indices, sent)


def taken(indices, sent):
    # What was sent leaves the error feedback: here into a list, so that every run begins with the same numbers.
    return error[indices] - sent


def unpacked(plane):
    return ((plane[:, None] >> EIGHT) & 1).view(-1)


def decode():
    at = CHUNKS
    magnitudes = LEVELS32[body[:at].to(torch.int32)]
    signs = unpacked(body[at : at + SIGN_BYTES])[:KEPT]
    at += SIGN_BYTES
    plane = torch.cat([body[at : at + PAIR_BYTES], body.new_zeros(3)]).to(torch.int32)
    at += PAIR_BYTES
    words = plane[BYTES] | plane[BYTES + 1] << 8 | plane[BYTES + 2] << 16
    pairs = (words >> SHIFTS) & ((1 << WIDTH) - 1)
    second = torch.div(pairs, BASE, rounding_mode="floor")
    remainders = torch.stack([pairs - second * BASE, second], 1).view(-1)
    ends = unpacked(body[at:]).nonzero().view(-1).to(torch.int32)
    gaps = torch.diff(ends, prepend=ends.new_full((1,), -1)) - 1
    gaps.mul_(BASE).add_(remainders)
    steps = torch.cumsum(gaps + 1, 0)
    from_start = STARTS - 1 - steps[FIRST] + gaps[FIRST] + 1
    indices = steps + from_start[CHUNK_OF]
    values = (1 - 2 * signs.float()) * magnitudes[CHUNK_OF]
    return indices, values


INDICES, VALUES = decode()
OURS = largest()
assert bool((OURS[0] == INDICES).all()), "other coordinates than ours"
assert bool((pack(*OURS) == body).all()), "other bytes than ours"
TWELVE = (INDICES - STARTS[CHUNK_OF]).view(-1, 2)
TWELVE = torch.stack([TWELVE[:, 0] & 255, TWELVE[:, 0] >> 8 | (TWELVE[:, 1] & 15) << 4, TWELVE[:, 1] >> 4], 1).to(torch.uint8)
CODES = torch.randint(0, 256, ((KEPT + 3) // 4,), dtype=torch.uint8)
PLACES = STARTS[CHUNK_OF].to(torch.int32)
TABLE = torch.tensor([0.1, 0.2, -0.1, -0.2])
FOUR = torch.arange(0, 8, 2, dtype=torch.uint8)


def published():
    b = TWELVE.to(torch.int32)
    indices = torch.empty((len(b), 2), dtype=torch.int32)
    indices[:, 0] = b[:, 0] | (b[:, 1] & 15) << 8
    indices[:, 1] = b[:, 1] >> 4 | b[:, 2] << 4
    codes = ((CODES[:, None] >> FOUR) & 3).view(-1)[:KEPT].to(torch.int32)
    return indices.view(-1) + PLACES, TABLE[codes]


out = torch.empty_like(theta)
RUNS = {
    "compress": compress,
    "decode": decode,
    "published": published,
    "apply": lambda: theta.index_add_(0, INDICES, VALUES, alpha=-0.35),
    "scatter": lambda: theta.scatter_add_(0, INDICES, VALUES * -0.35),
    "copy": lambda: out.copy_(theta),
}
RUNS["scatter again"] = RUNS["scatter"]
# Behind a copy of all parameters, the caches hold what it left there.
BEHIND_COPY = ["apply", "scatter"]
print("ready", flush=True)
for line in sys.stdin:
    name, count = line.rsplit(maxsplit=1)
    times = []
    for _ in range(int(count)):
        if name in BEHIND_COPY:
            RUNS["copy"]()
        begin = time.perf_counter()
        RUNS[name]()
        times.append(1000 * (time.perf_counter() - begin))
    print(statistics.median(times), flush=True)
