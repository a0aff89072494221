"""
Independent restatement of docs/protocol.md, section 8, Optimisers: writes test/fixtures/optimisers.json anew.
`python3 test/reference/optimisers.py` from the repository's root; standard library only. Floats are float32, little-endian, in hexadecimal.
"""
import json
import math
import random
import struct

OUT = "test/fixtures/optimisers.json"


def f32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def hexed(xs):
    return struct.pack(f"<{len(xs)}f", *xs).hex()


def clip_means(peers, length, mean):
    """Steps 1 to 4: the mean of each coordinate of one tensor, None where nobody chose."""
    norms = []
    for p in peers:
        t = 0.0
        for v in p["values"]:
            t += v * v
        norms.append(math.sqrt(t))
    median = sorted(norms)[(len(norms) - 1) // 2]
    sums, counts = [0.0] * length, [0] * length
    for p, n in zip(peers, norms):
        factor = 1.0 if n == 0 else f32(min(1.0, median / n))
        for i, v in zip(p["indices"], p["values"]):
            sums[i] = f32(sums[i] + f32(factor * v))
            counts[i] += 1
    return [None if c == 0 else f32(s / (len(peers) if mean == "all" else c)) for s, c in zip(sums, counts)]


def diloco(theta, m, peers, alpha, beta, mean):
    theta, m, a, b = list(theta), list(m), f32(alpha), f32(beta)
    for i, g in enumerate(clip_means(peers, len(theta), mean)):
        g = 0.0 if g is None else g
        m[i] = f32(f32(b * m[i]) + g)
        theta[i] = f32(theta[i] - f32(a * f32(g + f32(b * m[i]))))
    return theta, m


def cosine(j, n):
    j %= 4 * n
    if j > 2 * n:
        j = 4 * n - j
    if j == n:
        return 0.0
    if j > n:
        return -cosine(2 * n - j, n)
    x = (math.pi * j) / (2 * n)
    square, total = x * x, 1.0
    for t in range(12, 0, -1):
        total = 1 - (square / ((2 * t - 1) * (2 * t))) * total
    return total


def basis(n):
    return [[f32(math.sqrt((1 if k == 0 else 2) / n) * cosine((2 * i + 1) * k, n)) for i in range(n)] for k in range(n)]


def times(a, b):
    out = []
    for row in a:
        line = []
        for c in range(len(b[0])):
            s = f32(row[0] * b[0][c])
            for i in range(1, len(row)):
                s = f32(s + f32(row[i] * b[i][c]))
            line.append(s)
        out.append(line)
    return out


def flipped(x):
    return [list(column) for column in zip(*x)]


def side(n):
    return max(s for s in range(1, min(64, n) + 1) if n % s == 0)


def turned_back(coefficients, rows, columns):
    h, w = side(rows), side(columns)
    ch, cw = basis(h), basis(w)
    out, at = [0.0] * (rows * columns), 0
    for y in range(0, rows, h):
        for x in range(0, columns, w):
            block = [coefficients[at + i * w : at + (i + 1) * w] for i in range(h)]
            at += h * w
            for i, line in enumerate(times(times(flipped(ch), block), cw)):
                for j, v in enumerate(line):
                    out[(y + i) * columns + x + j] = v
    return out


def demo(theta, peers, shape, alpha, mean):
    a = f32(alpha)
    moves = turned_back([0.0 if g is None else g for g in clip_means(peers, len(theta), mean)], *shape)
    return [f32(t - a) if x > 0 else f32(t + a) if x < 0 else t for t, x in zip(theta, moves)]


def main():
    draw = random.Random(9)
    worlds = []
    for rows, columns in ((6, 10), (66, 4), (1, 7), (67, 2)):
        length = rows * columns
        theta = [f32(draw.gauss(0, 1)) for _ in range(length)]
        peers = []
        for uid in (1, 4, 9):
            indices = sorted(draw.sample(range(length), max(1, length // 3)))
            scale = 1 + uid
            peers.append({"uid": uid, "indices": indices, "values": [f32(scale * draw.gauss(0, 0.1)) for _ in indices]})
        for mean in ("choosers", "all"):
            after, m = diloco(theta, [0.0] * length, peers, 0.7, 0.9, mean)
            again, m2 = diloco(after, m, peers[:2], 0.7, 0.9, mean)
            worlds.append({
                "rows": rows, "columns": columns, "mean": mean, "theta": hexed(theta),
                "peers": [{"uid": p["uid"], "indices": p["indices"], "values": hexed(p["values"])} for p in peers],
                "diloco": {"alpha": 0.7, "momentum": 0.9, "theta": hexed(again), "outerMomentum": hexed(m2)},
                "demo": {"alpha": 0.004, "theta": hexed(demo(theta, peers, (rows, columns), 0.004, mean))},
            })
    source = "docs/protocol.md, section 8, Optimisers, by test/reference/optimisers.py. diloco: all peers, then the first two again."
    with open(OUT, "w") as file:
        json.dump({"source": source, "worlds": worlds}, file, separators=(",", ":"))
        file.write("\n")


main()
