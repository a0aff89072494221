"""Protocol 3 written once more from docs/protocol.md, slowly and without a look at the code of src/protocol.

python3 test/reference/protocol.py computes what follows from the inputs in test/fixtures/protocol.json and quorum.json
anew and writes those two and update.json, which the tests of section 17 read.
"""

import hashlib
import json
import math
import os
import re
import struct

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def B2(b):
    return hashlib.blake2b(b, digest_size=32).digest()


def u(n, width):
    return n.to_bytes(width, "little")


def f32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def path(name):
    return os.path.join(ROOT, "test", "fixtures", name)


def read(name):
    with open(path(name)) as file:
        return json.load(file)


def write(name, value):
    text = json.dumps(value, indent=1)
    text = re.sub(r"\[\s+((?:(?:\d+|true|false),?\s+)+)\]", lambda m: "[" + ", ".join(m.group(1).replace(",", " ").split()) + "]", text)
    with open(path(name), "w") as file:
        file.write(text + "\n")


# --- section 2


class Stream:
    def __init__(self, key):
        self.key, self.block, self.words = key, 0, []

    def next(self):
        if not self.words:
            self.words = list(struct.unpack("<4Q", B2(self.key + u(self.block, 8))))
            self.block += 1
        return self.words.pop(0)

    def below(self, n):
        x = self.next()
        while x >= 2**64 - (2**64 % n):
            x = self.next()
        return x % n


# --- section 3


def perm(key, P, x):
    bits = max(2, (P - 1).bit_length())
    bits += bits % 2
    h = bits // 2
    mask = 2**h - 1
    while True:
        left, right = x >> h, x & mask
        for i in range(8):
            f = int.from_bytes(B2(key + u(i, 1) + u(right, 4))[:4], "little") & mask
            left, right = right, left ^ f
        x = (left << h) | right
        if x < P:
            return x


def pages_of_a_uid(P, N, n):
    return min(n, 3 * P // (4 * N))


def noise_pages(stream, key, P, assigned, m):
    free = [perm(key, P, x) for x in range(assigned, P)]
    return [free[i] for i in batch(stream, len(free), m)]


# --- section 4


def batch(stream, S, q):
    entries = list(range(S))
    for i in range(min(q, S)):
        j = i + stream.below(S - i)
        entries[i], entries[j] = entries[j], entries[i]
    return entries[: min(q, S)]


# --- protocol.json

V = read("protocol.json")
I = V["inputs"]
G, R, HOTKEY = (bytes.fromhex(I[k]) for k in ("genesis", "runId", "hotkey"))
assert B2(I["manifestBytes"].encode()) == R


def key(label, block_hash, more=b""):
    return B2(label + G + R + u(I["netuid"], 2) + u(I["window"], 8) + bytes.fromhex(block_hash) + more)


A = key(b"assay/assign/1", I["windowHash"])
E = key(b"assay/eval/1", I["deadlineNextHash"], HOTKEY)
N = key(b"assay/noise/1", I["deadlineNextHash"])


def assignment(P, neurons, n, m, sequences_per_page, q):
    nw = pages_of_a_uid(P, neurons, n)
    last = neurons - 1
    noise = Stream(N)
    return {
        "P": P, "N": neurons, "n": n, "m": m, "pagesOfUid": nw,
        "uid0": [perm(A, P, j) for j in range(nw)],
        "lastUid": [perm(A, P, last * nw + j) for j in range(nw)],
        "sequencesPerPage": sequences_per_page, "q": q,
        "ownBatch": batch(Stream(E), nw * sequences_per_page, q),
        "noise": noise_pages(noise, A, P, neurons * nw, m),
        "noiseBatch": batch(noise, m * sequences_per_page, q),
    }  # fmt: skip


def outer_step(o, mean):
    floats = lambda h: list(struct.unpack(f"<{len(h) // 8}f", bytes.fromhex(h)))
    alpha = floats(o["alpha"])[0]
    theta = floats(o["theta"])
    peers = [(p["indices"], floats(p["values"])) for p in o["peers"]]
    norms = []
    for _, values in peers:
        total = 0.0
        for x in values:
            total += x * x
        norms.append(math.sqrt(total))
    median = sorted(norms)[(len(norms) - 1) // 2]
    factors = [1.0 if x == 0 else f32(min(1.0, median / x)) for x in norms]
    for c in range(len(theta)):
        s, chose = 0.0, 0
        for (indices, values), f in zip(peers, factors):
            if c in indices:
                s = f32(s + f32(f * values[indices.index(c)]))
                chose += 1
        if chose:
            d = chose if mean == "choosers" else len(peers)
            theta[c] = f32(theta[c] - f32(alpha * f32(s / d)))
    return struct.pack(f"<{len(theta)}f", *theta).hex()


def emission(issued):
    limit = 21 * 10**15
    if issued >= limit:
        e = 0
    else:
        h = 0
        while issued >= limit - (limit >> (h + 1)):
            h += 1
        e = 10**9 >> h
    owner = e * 11796 // 65535
    miners = (e - owner) // 2
    return {"issued": str(issued), "emission": e, "owner": owner, "miners": miners, "validators": e - owner - miners}


def weights(finals):
    x = [f * f for f in finals]
    return [math.floor(65535 * q / max(x) + 0.5) for q in x]


def bitmap(uids, neurons):
    bits = 0
    for uid in uids:
        bits |= 1 << uid
    return u(bits, -(-neurons // 8))


def protocol_vectors():
    stream, below = Stream(A), Stream(A)
    theta = V["theta"]["tensors"]
    digest = B2(b"assay/theta/1" + R + u(len(theta), 4) + b"".join(B2(bytes.fromhex(t)) for t in theta))
    rules, record = b"\xcc" * 32, b"\xdd" * 32
    return {
        "source": "computed by test/reference/protocol.py, an independent restatement of docs/protocol.md; hex without 0x",
        "inputs": I,
        "keys": {"assign": A.hex(), "eval": E.hex(), "noise": N.hex()},
        "draws": {"key": "assign", "firstU64": [str(stream.next()) for _ in range(6)], "below1000": [below.below(1000) for _ in range(8)]},
        "permutations": {"P17": [perm(A, 17, x) for x in range(17)], "P5": [perm(A, 5, x) for x in range(5)]},
        "assignments": [
            assignment(1000, 7, 8, 16, 8, 10),
            # crowded: three quarters of the pages are dealt out, and all own sequences are drawn
            assignment(1000, 120, 8, 16, 2, 32),
            assignment(16, 12, 5, 1, 3, 2),
        ],
        "pagesOfUid": [
            {"P": P, "N": n, "n": most, "pages": pages_of_a_uid(P, n, most)}
            for P, n, most in [(16399, 9, 8), (16399, 1537, 8), (16399, 1538, 8), (100, 75, 8), (100, 76, 8), (2**32, 4096, 65536), (4, 3, 1), (16, 13, 1)]
        ],
        "batches": {"S": 64, "q": 10, "own": batch(Stream(E), 64, 10), "noise": batch(Stream(N), 64, 10)},
        "theta": {"tensors": theta, "digest": digest.hex()},
        "vote": {
            "window": I["window"], "rulesDigest": rules.hex(), "recordDigest": record.hex(), "accepted": [0, 2, 5],
            "about": (u(I["window"], 8) + rules + record).hex(), "bitmap": bitmap([0, 2, 5], 7).hex(),
        },
        "outerStep": {**V["outerStep"], "result": {mean: outer_step(V["outerStep"], mean) for mean in ("choosers", "all")}},
        "emission": [emission(int(e["issued"])) for e in V["emission"]],
        "weights": [{"final": w["final"], "u16": weights(w["final"])} for w in V["weights"]],
    }  # fmt: skip


P2 = protocol_vectors()
write("protocol.json", P2)

# --- section 10, update.json

def kept(ln, k, chunk):
    return max(1, -(-k * ln // chunk))


MAGNITUDES = [0.0] + [(8 + b % 8) * 2.0 ** (b // 8 - 27) for b in range(1, 256)]

BASES = []
for pair in [0, 2, 4] + list(range(6, 25)) + list(range(26, 42, 2)):
    BASES.append((math.isqrt(2**pair), pair))


def gap_code(count, ln):
    for base, pair in BASES:
        if 25 * base * count >= 14 * (ln - count):
            break
    return base, pair


def low_bits(value, width):
    return [value >> i & 1 for i in range(width)]


def packed(bits):
    bits = bits + [0] * (-len(bits) % 8)
    return bytes(sum(bits[i + j] << j for j in range(8)) for i in range(0, len(bits), 8))


def nearest(mean):
    return max(range(256), key=lambda b: (-abs(MAGNITUDES[b] - mean), b))


def chunks(lengths, k, chunk):
    for tensor, length in enumerate(lengths):
        for start in range(0, length, chunk):
            ln = min(chunk, length - start)
            yield tensor, start, ln, kept(ln, k, chunk)


def mean(values):
    total = 0.0
    for value in values:
        total += value
    return total / len(values)


def levels(values, two):
    """The bytes of both magnitudes, and which values are large."""
    sizes = [abs(value) for value in values]
    if not two:
        return nearest(mean(sizes)), nearest(mean(sizes)), [0] * len(sizes)
    t = mean(sizes)
    for _ in range(5):
        low, high = [x for x in sizes if x <= t], [x for x in sizes if x > t]
        flags = [int(x > t) for x in sizes]
        if not low or not high:
            both = nearest(mean(sizes))
            return both, both, [0] * len(sizes)
        low, high = mean(low), mean(high)
        t = (low + high) / 2
    low, high = nearest(low), nearest(high)
    return low, high, flags if low < high else [0] * len(sizes)


def planes(tensors, lengths, k, chunk):
    two = 32 * k > chunk
    magnitudes, signs, large, remainders, quotients = [], [], [], [], []
    at = [0] * len(lengths)
    for tensor, start, ln, count in chunks(lengths, k, chunk):
        indices, values = (part[at[tensor] : at[tensor] + count] for part in tensors[tensor])
        at[tensor] += count
        low, high, flags = levels(values, two)
        magnitudes += [low, high] if two else [low]
        large += flags if two else []
        signs += [int(value < 0 and (high if flag else low) > 0) for value, flag in zip(values, flags)]
        if count == ln:
            continue
        base, pair = gap_code(count, ln)
        previous, rest = start - 1, []
        for index in indices:
            gap = index - previous - 1
            previous = index
            quotients += [0] * (gap // base) + [1]
            rest.append(gap % base)
        for r, s in zip(rest[::2], rest[1::2]):
            remainders += low_bits(r + base * s, pair)
        if count % 2:
            remainders += low_bits(rest[-1], (pair + 1) // 2)
    return bytes(magnitudes), signs, large, remainders, quotients


def joined(magnitudes, *bits):
    return magnitudes + b"".join(packed(plane) for plane in bits)


def body(tensors, lengths, k, chunk):
    return joined(*planes(tensors, lengths, k, chunk))


class Lcg:
    def __init__(s, x): s.x = x
    def below(s, n): s.x = (s.x*6364136223846793005 + 1442695040888963407) % 2**64; return (s.x >> 33) % n


def make(lengths, k, chunk, seed, bytes_of_chunks):
    rnd = Lcg(seed)
    ts = [([], []) for _ in lengths]
    for n_, (tensor, start, ln, count) in enumerate(chunks(lengths, k, chunk)):
        s = set()
        while len(s) < count:
            s.add(start + rnd.below(ln))
        pair = bytes_of_chunks[n_ % len(bytes_of_chunks)]
        sizes = [MAGNITUDES[pair[rnd.below(len(pair))]] for _ in range(count)]
        ts[tensor][0].extend(sorted(s))
        ts[tensor][1].extend([-m if m and rnd.below(2) else m for m in sizes])
    return ts


def header(base):
    return b"ASY3" + G + R + u(I["netuid"], 2) + u(I["window"], 8) + HOTKEY + base


base = bytes.fromhex(P2["theta"]["digest"])
out = {
    "source": "updates and a window record by test/reference/protocol.py, an independent restatement of docs/protocol.md (sections 10 and 14); bytes in hex; genesis, runId, netuid, window, hotkey and base digest are those of protocol.json",
    "updates": [],
    "sent": [],
    "refused": [],
}
for lengths, k, chunk, seed, magnitudes in [
    ([7], 2, 4, 1, [(160, 171), (171,)]),
    ([10, 3, 1], 3, 8, 2, [(0, 255), (1,), (0,), (144, 145)]),
    ([64, 100], 8, 32, 3, [(136, 137), (0, 140)]),
    ([12], 12, 12, 4, [(128, 150)]),
    ([40, 9], 9, 16, 6, [(150,), (140, 150)]),
    ([5000], 64, 4096, 5, [(133,), (120,)]),
    ([200, 90], 2, 64, 10, [(0,), (255,), (1,), (160,)]),
    ([4096], 1, 4096, 7, [(100,)]),
    ([70000, 300], 256, 65536, 8, [(110,)]),
    ([65536], 1, 65536, 9, [(90,)]),
]:
    ts = make(lengths, k, chunk, seed, magnitudes)
    bd = body(ts, lengths, k, chunk)
    out["updates"].append({
        "lengths": lengths, "k": k, "chunk": chunk,
        "tensors": [{"indices": i, "values": struct.pack(f"<{len(v)}f", *v).hex()} for i, v in ts],
        "header": header(base).hex(), "body": bd.hex(), "digest": B2(header(base) + bd).hex(),
    })  # fmt: skip
# what the values of a chunk become: of 4 that keep all, or of 128 that keep 4
for values in [
    [1.0, 2.0, -3.0, 4.0], [0.0, -0.0, 0.0, 0.0], [1e9, -1e9, 1e9, 1e9], [3e-8, -3e-8, 3e-8, 3.1e-8], [3.3e-8, -3.4e-8, 3.4e-8, 3.4e-8],
    [2.125, 2.125, -2.125, 2.125], [2.0625, 2.0625, 2.0625, -2.0625], [0.0, 0.0, 0.0, -1.0], [-1e-9, 1.0, -1e-9, -1.0], [0.1, -0.11, 0.12, 5.0],
]:
    values = [f32(x) for x in values]
    for chunk in [4, 128]:
        low, high, flags = levels(values, 32 * 4 > chunk)
        sizes = [MAGNITUDES[high if flag else low] for flag in flags]
        sent = [-m if m and x < 0 else m for x, m in zip(values, sizes)]
        out["sent"].append({"chunk": chunk, "values": struct.pack("<4f", *values).hex(), "sent": struct.pack("<4f", *sent).hex()})
# bodies that a decoder must refuse: 8 kept of 40 (two magnitudes, base 4, pairs of 4 bits) or of 320 (one magnitude, base 22, pairs of 9 bits)
two = ([0, 1, 4, 9, 16, 25, 30, 39], [0.5, 1.0] * 4)
m2, s2, l2, r2, q2 = planes([two], [40], 8, 40)
one = ([0, 1, 40, 50, 60, 90, 120, 310], [0.5] * 8)
m1, s1, l1, r1, q1 = planes([one], [320], 8, 320)
assert gap_code(8, 40) == (4, 4) and gap_code(8, 320) == (22, 9) and not l1
none, all_, first = [0] * 8, [1] * 8, [1] + [0] * 7
for why, length, parts in [
    ("a zero with a sign", 320, (b"\0", first, [], r1, q1)),
    ("a small zero with a sign", 40, (b"\0" + m2[1:], first, l2, r2, q2)),
    ("two zeros with a sign", 40, (b"\0\0", first, none, r2, q2)),
    ("one magnitude used, but two are named: all small", 40, (m2, s2, none, r2, q2)),
    ("one magnitude used, but two are named: all large", 40, (m2, s2, all_, r2, q2)),
    ("equal magnitudes with a large bit", 40, (m2[:1] * 2, s2, l2, r2, q2)),
    ("magnitudes in the wrong order", 40, (m2[::-1], s2, l2, r2, q2)),
    ("the last index outside its chunk", 40, (m2, s2, l2, r2, q2[:-1] + [0, 1])),
    ("fewer quotients than indices", 40, (m2, s2, l2, r2, q2[:-1])),
    ("more quotients than indices", 320, (m1, s1, l1, r1, q1 + [1])),
    ("a byte of zeros behind the quotients", 320, (m1, s1, l1, r1, q1 + [0] * (-len(q1) % 8) + [0] * 8)),
    ("a pair of remainders that is not below base^2", 320, (m1, s1, l1, [1] * 9 + r1[9:], q1)),
    ("padding of the remainders", 320, (m1, s1, l1, r1 + [1], q1)),
    ("a byte of signs too many", 320, (m1, s1 + none, l1, r1, q1)),
    ("nothing", 320, (b"", [], [], [], [])),
]:
    out["refused"].append({"why": why, "lengths": [length], "k": 8, "chunk": length, "body": joined(*parts).hex()})

# --- section 14, a record in update.json


def hexf(x):
    if x == 0:
        return ("-" if math.copysign(1, x) < 0 else "") + "0x0p+0"
    h = x.hex()  # Python writes the same form, but pads the mantissa with zeros
    sign, rest = ("-", h[1:]) if h[0] == "-" else ("", h)
    man, ex = rest.split("p")
    lead, _, digits = man.partition(".")
    digits = digits.rstrip("0")
    return f"{sign}{lead}{'.' + digits if digits else ''}p{ex}"


def H(b):
    return "0x" + b.hex()


rules = B2(b"config")
record = {
    "format": "assay/record/2", "genesis": H(G), "runId": H(R), "netuid": 3, "window": 41, "validator": H(B2(b"validator")),
    "configDigest": H(rules), "hashes": {"window": "0x" + I["windowHash"], "evaluation": "0x" + I["deadlineNextHash"]}, "neurons": 3,
    "miners": [{
        "uid": 2, "hotkey": H(HOTKEY), "commitBlock": 520, "payloadDigest": "0x" + out["updates"][0]["digest"],
        "payloadBytes": 142 + len(out["updates"][0]["body"]) // 2, "verdict": "accepted", "detail": "",
        "losses": {
            "own": {"before": [hexf(3.0), hexf(2.5)], "after": [hexf(2.9), hexf(2.4)]},
            "noise": {"before": [hexf(3.25)], "after": [hexf(3.1)]},
        },
        "rating": {"mu": hexf(25.5), "sigma": hexf(8.1)}, "trust": hexf(0.05), "multiplier": hexf(1.0), "final": hexf(-0.0), "weight": 65535,
    }],
    "usual": {"window": 40, "norms": [hexf(0.75)]},
    "comparisons": [{
        "uid": 2, "other": {"uid": 0, "hotkey": H(B2(b"other")), "window": 39}, "overlap": hexf(0.625),
        "losses": {"before": [hexf(3.5)], "after": [hexf(3.25)]},
    }],
    "voters": [{
        "uid": 1, "stake": "600000000000000", "permit": True, "silence": 0,
        "votes": [{"window": 41, "rulesDigest": H(rules), "recordDigest": "0x" + "00" * 32, "acceptedUids": [2], "thetaDigest": H(base)}],
    }],
    "accepted": [2], "thetaBefore": H(base), "thetaAfter": H(B2(b"after")), "flags": ["plateau"], "previous": "0x" + "00" * 32,
}  # fmt: skip
line = json.dumps(record, sort_keys=True, separators=(",", ":"))
out["record"] = {"line": line, "digest": B2(b"assay/record/2" + bytes(32) + line.encode()).hex()}
write("update.json", out)

# --- section 7, quorum.json

LOOK_BACK = 32


def quorum(windows):
    """Outcomes from the states of seed and last judge blocks and from what was written into slots, by section 7."""
    voted, old, slots, outcomes = [], [], {}, []
    for w, now in enumerate(windows):
        seat = {hotkey: uid for uid, hotkey in enumerate(now["seed"]["seats"])}
        votes = {}
        for one in now["writes"]:
            slots[one["hotkey"]] = (w, one)
        for hotkey in seat:
            at, one = slots.get(hotkey, (None, None))
            if at == w and one["kind"] == "vote" and one["window"] == w:
                votes[hotkey] = one
        # V(w): who voted and holds a permit in the state of the last judge block
        permits = now["last"]["permits"]
        voted.append({hotkey for hotkey in votes if permits[seat[hotkey]]})
        first = windows[max(0, w - 2)]["seed"]
        middle = windows[max(0, w - 1)]["seed"]
        states = [first, middle, now["seed"], now["last"]]
        voters = []
        for hotkey, uid in seat.items():
            held = all(
                uid < len(s["seats"]) and s["seats"][uid] == hotkey and s["permits"][uid] for s in (first, now["last"])
            )
            if not held:
                continue
            stake = min(s["stakes"][s["seats"].index(hotkey)] if hotkey in s["seats"] else 0 for s in states)
            if stake == 0:
                continue
            recent = [v for v in range(max(0, w - LOOK_BACK + 1), w + 1)]
            last = [v for v in recent if hotkey in voted[v]]
            at, one = slots.get(hotkey, (None, None))
            if last:
                silence = sum(1 for v in range(last[-1] + 1, w + 1) if voted[v])
            elif one and one["kind"] == "vote" and one["window"] == at and at <= w - LOOK_BACK:
                silence = sum(1 for v in recent if voted[v])
            else:
                continue
            counting = stake * max(4, 16 - max(0, silence - 3))
            voters.append({"uid": uid, "stake": str(stake), "silence": silence, "counting": counting, "vote": votes.get(hotkey)})
        voters.sort(key=lambda v: v["uid"])
        total = sum(v["counting"] for v in voters)
        ballots = [v for v in voters if v["vote"] is not None and v["vote"].get("rules", 0) == 0]
        behind = {}
        for v in ballots:
            behind[v["vote"]["digest"]] = behind.get(v["vote"]["digest"], 0) + v["counting"]
        digest = next((d for d, stake in behind.items() if 2 * stake > total), None)
        yes = {}
        for v in ballots:
            if v["vote"]["digest"] == digest and digest is not None:
                for uid in v["vote"]["uids"]:
                    yes[uid] = yes.get(uid, 0) + v["counting"]
        outcomes.append({
            "voters": [{k: v[k] for k in ("uid", "stake", "silence")} for v in voters],
            "totalSixteenths": str(total), "digest": digest, "accepted": sorted(x for x, stake in yes.items() if 2 * stake > total),
        })  # fmt: skip
    return outcomes


Q = read("quorum.json")
for now, outcome in zip(Q["windows"], quorum(Q["windows"])):
    now["outcome"] = outcome
Q["source"] = "outcomes computed by test/reference/protocol.py, an independent restatement of docs/protocol.md section 7; hotkeys and digests by number; `seed` and `last`: the states of the window's seed block and last judge block, with the hotkey, permit and stake of each uid; `writes`: what was put into slots in the judge phase, with `rules` 1 where a vote names others than those in force"
with open(path("quorum.json"), "w") as file:
    rows = ",\n".join(json.dumps(now, separators=(",", ":")) for now in Q["windows"])
    file.write('{\n"source":' + json.dumps(Q["source"]) + ',\n"windows":[\n' + rows + "\n]}\n")
