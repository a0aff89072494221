"""Mode `credit` and the rule about similar updates written once more from docs/gauntlet.md, slowly and without a look at the scorer's code.

python3 test/reference/credit.py > test/fixtures/credit.json writes the vectors that credit-vectors.test.ts reads.
"""

import json
from math import floor

DEFAULTS = {
    "alpha": 0.1, "attendanceAlpha": 0.3, "priorWindows": 5, "priorRatio": 1.5, "windowBound": 2, "floor": 0.35, "referenceShare": 0.25, "scaleAlpha": 0.1, "scaleShare": 1,
    "marginSlope": 2, "decidedMargin": 2, "oddsStart": -2, "oddsBound": 3, "oddsRise": 1, "oddsFall": 3,
    "oddsTheft": 2, "oddsReturn": 0.25, "oddsMargin": 2, "oddsVariance": 1.69, "trustedAbove": 0.5, "voteTrust": 0.1,
}  # fmt: skip
OTHERS = {
    **DEFAULTS, "alpha": 0.25, "attendanceAlpha": 0.35, "priorWindows": 2, "priorRatio": 0.8, "windowBound": 1.1, "floor": 0.45, "referenceShare": 0.6, "scaleAlpha": 0.07,
    "scaleShare": 0.9, "marginSlope": 1.3, "decidedMargin": 1, "oddsStart": -0.5, "oddsBound": 4, "oddsRise": 0.7,
    "oddsFall": 1.1, "oddsTheft": 2.5, "oddsReturn": 0.6, "oddsMargin": 3.1, "oddsVariance": 0.9, "trustedAbove": 0.6, "shortfall": 0.7,
}  # fmt: skip
ABSENT = ("no-commitment", "payload-missing")
PROOF = 3
MOST = 8


def clip(x, a, b):
    return max(a, min(b, x))


def logistic(x):
    y = -clip(x, -700.0, 700.0)
    k = floor(y * 1.4426950408889634 + 0.5)
    r = y - k * 0.6931471803691238 - k * 1.9082149292705877e-10
    e = 1.0
    for i in range(17, 0, -1):
        e = 1 + (e * r) / i
    for _ in range(abs(k)):
        e = e * 2 if k > 0 else e * 0.5
    return 1 / (1 + e)


def usual_margin(pairs):
    pairs = [p for p in pairs if p[1] > 0] or [(m, 1.0) for m, _ in pairs]
    pairs = sorted(pairs, key=lambda p: p[0])
    whole = 0.0
    for _, weight in pairs:
        whole += weight
    so_far = 0.0
    for margin, weight in pairs:
        so_far += weight
        if so_far >= whole / 2:
            return margin
    return None


def window(memory, miners, is_null, K):
    """memory: {"scale", "hotkeys": {name: [credit, odds, windows, attendance]}}, changed in place; returns rows by uid."""
    hotkeys = memory["hotkeys"]
    miners = [m for m in miners if m["hotkey"] in hotkeys or m["reason"] not in ABSENT]
    for m in miners:
        hotkeys.setdefault(m["hotkey"], [0.0, float(K["oddsStart"]), 0, 1.0])
    plateau = False
    if not is_null:
        plateau = move(memory, miners, K)
    credit_of, worth_of, trust_of = {}, {}, {}
    for m in miners:
        credit, odds, _, attendance = hotkeys[m["hotkey"]]
        credit_of[m["uid"]] = max(0.0, credit)
        worth_of[m["uid"]] = max(0.0, credit) * attendance
        trust_of[m["uid"]] = logistic(odds)
    worthy = [uid for uid in sorted(worth_of) if worth_of[uid] > 0]
    middle = usual_margin([(trust_of[uid], worth_of[uid]) for uid in worthy]) or 0.0
    credible = [uid for uid in worthy if trust_of[uid] >= middle / 2]
    credible.sort(key=lambda uid: (-credit_of[uid], uid))
    whole = 0.0
    for uid in credible:
        whole += worth_of[uid]
    reference, so_far = 0.0, 0.0
    for uid in credible:
        so_far += worth_of[uid]
        if so_far >= K["referenceShare"] * whole:
            reference = credit_of[uid]
            break
    rows = []
    for m in miners:
        credit, odds, windows, attendance = hotkeys[m["hotkey"]]
        ripe = middle / logistic(K["oddsBound"])
        final = 0.0
        if middle > 0:
            credit_now = max(0.0, credit)
            taken = K["floor"] * reference
            if "shortfall" in K:
                taken = clip(K["shortfall"] * (reference - credit_now), 0, taken)
            above = max(0.0, credit_now - taken)
            final = above * attendance * (1 - ripe * (1 - min(1, logistic(odds) / middle)))
        rows.append({"uid": m["uid"], "credit": credit, "attendance": attendance, "odds": odds, "windows": windows, "trust": logistic(odds), "final": final})
    largest = max([row["final"] for row in rows], default=0.0)
    for row in rows:
        row["weight"] = floor(65535 * row["final"] / largest + 0.5) if largest > 0 else 0
    return plateau, rows


def move(memory, miners, K):
    hotkeys = memory["hotkeys"]
    falls, shown = {}, {}
    for m in miners:
        if "score" in m and m["reason"] in ("accepted", "loss-not-lowered"):
            f = clip((m["score"]["noise"] + m["score"]["own"]) / 2, -1, 1)
            shown[m["uid"]] = (1 / m.get("one of", 1)) * f
            falls[m["uid"]] = shown[m["uid"]] if m["reason"] == "accepted" else min(0, shown[m["uid"]])
    trust = {m["uid"]: logistic(hotkeys[m["hotkey"]][1]) for m in miners}
    credit_of = {m["uid"]: hotkeys[m["hotkey"]][0] for m in miners}
    trusted = sorted(f for uid, f in falls.items() if trust[uid] > K["trustedAbove"])
    plateau = len(trusted) > 0 and trusted[(len(trusted) - 1) // 2] <= 0
    gained, squares = 0.0, 0.0
    for uid in sorted(falls):
        gained += max(0, falls[uid])
        squares += max(0, falls[uid]) * max(0, falls[uid])
    typical = squares / gained if gained > 0 else 0.0
    scale = typical if memory["scale"] == 0 else (1 - K["scaleAlpha"]) * memory["scale"] + K["scaleAlpha"] * typical
    unit = max(typical, K["scaleShare"] * scale)
    margins = {m["uid"]: m["score"]["margin"] for m in miners if m["uid"] in falls}
    usual = usual_margin([(margins[uid], max(0, credit_of[uid]) * trust[uid]) for uid in sorted(falls)])
    decided = usual is not None and usual > 0 and usual >= K["decidedMargin"]
    def credit_now(uid, falls=falls):
        c = clip(falls[uid] / unit, -K["windowBound"], K["windowBound"]) if unit > 0 else 0
        return c * (clip((K["marginSlope"] * margins[uid]) / usual, 0, 1) if decided else 1)

    young = all(trust[uid] <= K["trustedAbove"] for uid in trust)
    mean = 0.0
    for uid in sorted(falls):
        mean += max(0, credit_now(uid, shown))
    mean = mean / len(falls) if falls else 0.0
    for m in miners:
        entry = hotkeys[m["hotkey"]]
        uid = m["uid"]
        if uid not in falls:
            if m["reason"] in ABSENT:
                if entry[2] > 0:
                    entry[3] += K["attendanceAlpha"] * (0 - entry[3])
                continue
            entry[3] += K["attendanceAlpha"] * (1 - entry[3])
            entry[2] += 1
            entry[0] += max(K["alpha"], 1 / entry[2]) * (0 - entry[0])
            if m["reason"] == "copied":
                entry[1] = clip(entry[1] - K["oddsTheft"], -K["oddsBound"], K["oddsBound"])
            continue
        entry[3] += K["attendanceAlpha"] * (1 - entry[3])
        if plateau:
            continue
        if young and entry[2] == 0 and credit_now(uid, shown) > 0:
            entry[0] = min(mean, K["priorRatio"] * credit_now(uid, shown))
            entry[2] = floor((K["priorWindows"] * entry[0]) / mean)
        entry[2] += 1
        entry[0] += max(K["alpha"], 1 / entry[2]) * (credit_now(uid) - entry[0])
        if usual > 0:
            a = min(K["oddsMargin"], usual / 2)
            step = clip((a * margins[uid] - a * a / 2) / K["oddsVariance"], -K["oddsFall"], K["oddsRise"])
            entry[1] = clip(entry[1] + step, -K["oddsBound"], K["oddsBound"])
        elif entry[1] < K["oddsStart"]:
            entry[1] = entry[1] + K["oddsReturn"] * (K["oddsStart"] - entry[1])
    if not plateau:
        memory["scale"] = scale
    return plateau


class Luck:
    """Numbers without meaning, the same everywhere."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 11) / 2**53

    def around(self, middle, width):
        return middle + width * (self.next() + self.next() + self.next() - 1.5)


def miner(luck, uid, at):
    hotkey = "0x%064x" % (100 + uid if uid == 5 and at >= 20 else uid + 1)
    here = {"uid": uid, "hotkey": hotkey}
    chance = luck.next()
    own, noise, margin = luck.around(0.02, 0.005), luck.around(0.015, 0.005), luck.around(5.5, 2)
    if uid == 3:
        own, noise, margin = own / 2, noise / 2, luck.around(3, 2)
    if uid == 4:
        own, noise, margin = luck.around(0.012, 0.01), luck.around(0.012, 0.01), luck.around(0, 1.3)
    if 24 <= at < 29:
        own, noise = luck.around(-0.001, 0.004), luck.around(-0.001, 0.004)
    if uid == 6 and at % 7 == 0:
        own, noise, margin = -3.5, 1.25, -1000.0
    if uid == 7:
        if chance < 0.5 or at < 9:
            return {**here, "reason": ABSENT[at % 2]}
        if chance < 0.8:
            return {**here, "reason": ("copied", "malformed", "replayed", "not-finite")[at % 4]}
    if chance < 0.06:
        return {**here, "reason": "no-commitment"}
    score = {"own": own, "noise": noise, "margin": margin}
    if noise > 0 and uid < 3 and at % 11 == 5:
        return {**here, "reason": "accepted", "score": score, "one of": 3}
    return {**here, "reason": "accepted" if noise > 0 else "loss-not-lowered", "score": score}


def same_work(ties, a, b):
    """Whether a chain of proven ties leads from a to b."""
    reached, grew = {a}, True
    while grew:
        grew = False
        for x, y in ties:
            if (x in reached) != (y in reached):
                reached |= {x, y}
                grew = True
    return b in reached


def compare(uids, overlaps, margins, maximum):
    """overlaps[i][j] of the i-th and j-th uid; margins[i][j]: of i's update on j's own pages (None: not finite)."""
    n = len(uids)
    at = {uid: i for i, uid in enumerate(uids)}
    holds = lambda a, b: margins[at[a]][at[b]] is not None and margins[at[a]][at[b]] >= PROOF
    pairs = [(uids[i], uids[j]) for i in range(n) for j in range(n) if uids[i] < uids[j] and overlaps[i][j] >= maximum]
    pairs.sort(key=lambda p: (-overlaps[at[p[0]]][at[p[1]]], p[0], p[1]))
    made, ties, copied, count = [], [], {}, dict.fromkeys(uids, 0)
    while True:
        for a, b in pairs:
            tired = count[a] == MOST or count[b] == MOST
            if (a, b) in made or tired or a in copied or b in copied or same_work(ties, a, b):
                continue
            break
        else:
            break
        made.append((a, b))
        count[a] += 1
        count[b] += 1
        if holds(a, b) and holds(b, a):
            ties.append((a, b))
        elif holds(a, b) and holds(b, b):
            copied[a] = b
        elif holds(b, a) and holds(a, a):
            copied[b] = a
    groups = []
    for a in sorted(uids):
        group = [b for b in sorted(uids) if b not in copied and same_work(ties, a, b)]
        if a not in copied and len(group) > 1 and group not in groups:
            groups.append(group)
    return {"made": made, "copied": sorted(copied.items()), "groups": groups}


def crowd(seed):
    """Some uids, of which some hold the work of others."""
    luck = Luck(seed)
    uids = sorted({int(luck.next() * 60) for _ in range(2 + seed % 13)})
    n = len(uids)
    if n < 2:
        uids = [1, 2]
        n = 2
    overlaps = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i):
            overlaps[i][j] = overlaps[j][i] = [0.3, 0.5, 0.75, 1.0, luck.next()][int(luck.next() * 5)]
    worker = [int(luck.next() * (1 + n // 2)) if seed % 3 else int(luck.next() * n) for _ in uids]
    margins = []
    for i in range(n):
        row = []
        for j in range(n):
            held = i == j or worker[i] == worker[j] or luck.next() < 0.1
            row.append(luck.around(5.5, 3) if held else luck.around(0, 3))
        margins.append(row)
    if seed % 4 == 0:
        margins[0][n - 1] = None
    return {"uids": uids, "overlaps": overlaps, "margins": margins, "maximumOverlap": 0.5, **compare(uids, overlaps, margins, 0.5)}


def play(seed, K, length=40):
    luck, memory, windows = Luck(seed), {"scale": 0.0, "hotkeys": {}}, []
    for at in range(length):
        miners = [miner(luck, uid, at) for uid in range(8)]
        is_null = at in (0, 13, 14, 33)
        plateau, rows = window(memory, miners, is_null, K)
        windows.append({"isNull": is_null, "miners": miners, "plateau": plateau, "scale": memory["scale"], "rows": rows})
    return {"constants": K, "windows": windows}


def main():
    points = [0.0, 1.0, -1.0, -2.0, 3.0, -3.0, 0.1, 2.875, -0.34657359, 20.0, -20.0, 37.5, 699.5, -700.0, 1e-12]
    vectors = {
        "source": "test/reference/credit.py, a restatement of docs/gauntlet.md, sections 2 and 15; doubles as their shortest decimal text",
        "logistic": [[x, logistic(x)] for x in points],
        "runs": [play(1, DEFAULTS), play(2, OTHERS), play(3, {**DEFAULTS, "floor": 0.22, "shortfall": 1}, 12)],
        "crowds": [crowd(seed) for seed in range(60)],
    }
    print(json.dumps(vectors, separators=(",", ":")))


main()
