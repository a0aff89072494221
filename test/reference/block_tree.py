"""Block trees written once more from docs/protocol.md#block-trees, without a look at the code of src/protocol.

python3 test/reference/block_tree.py writes test/fixtures/block-trees.json: roots of bytes that follow from their number alone, byte i
being (i * i >> 7) mod 256, and the digest of the last block of each.
"""

import hashlib
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))
BLOCK = 1 << 20


def b2(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def leaves(data):
    return [b2(b"assay/block/1" + data[at : at + BLOCK]) for at in range(0, len(data), BLOCK)]


def top(digests):
    """By halving at the largest power of two below the number: the same tree as pairing row by row."""
    if len(digests) == 1:
        return digests[0]
    half = 1
    while half * 2 < len(digests):
        half *= 2
    return b2(b"assay/node/1" + top(digests[:half]) + top(digests[half:]))


def root(data):
    return b2(b"assay/tree/1" + len(data).to_bytes(8, "little") + top(leaves(data)))


def drawn(count):
    return bytes((i * i >> 7) & 255 for i in range(count))


def vector(count):
    data = drawn(count)
    return {"bytes": count, "last": "0x" + leaves(data)[-1].hex(), "root": "0x" + root(data).hex()}


if __name__ == "__main__":
    sizes = [1, 33, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 5 * BLOCK + 100]
    made = {"source": "python3 test/reference/block_tree.py", "trees": [vector(size) for size in sizes]}
    with open(os.path.join(HERE, "..", "fixtures", "block-trees.json"), "w") as file:
        file.write(json.dumps(made, indent=1) + "\n")
