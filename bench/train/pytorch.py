"""PyTorch's side of bench/train.ts: the same Llama, batch and AdamW at PyTorch's best (SDPA, fused AdamW, one product for query, key and
value and one for gate and up, torch.compile on request). One JSON request a line on standard input, one JSON answer a line on standard output.

Run: python pytorch.py FOLDER THREADS eager|compile     FOLDER holds model.json and theta.bin, which bench/train.ts writes.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

FOLDER, THREADS, MODE = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
torch.set_num_threads(THREADS)
torch.manual_seed(0)
MODEL = json.loads((FOLDER / "model.json").read_text())
CONFIG, OPTIMIZER = MODEL["config"], MODEL["optimizer"]
LAYERS, HEADS, WIDTH, HIDDEN = (CONFIG[key] for key in ("layers", "heads", "width", "hidden"))
CONTEXT, EPSILON, SIZE = CONFIG["context"], CONFIG["normEpsilon"], CONFIG["width"] // CONFIG["heads"]
KEY_VALUE_HEADS = CONFIG["keyValueHeads"]
KEY_VALUE_WIDTH = SIZE * KEY_VALUE_HEADS


def parameters_of(flat):
    """The manifest's tensors; neighbours that one product reads (query, key, value; gate, up) are one parameter."""
    tensors = {}
    for name, shape, offset in MODEL["tensors"]:
        count = int(np.prod(shape))
        tensors[name] = torch.from_numpy(flat[offset : offset + count].reshape(shape).copy())
    joined = {}
    for i in range(LAYERS):
        at, up = f"layers.{i}.attention", f"layers.{i}.feedForward"
        joined[f"{at}.qkv"] = torch.cat([tensors.pop(f"{at}.{part}") for part in ("query", "key", "value")])
        joined[f"{up}.gateUp"] = torch.cat([tensors.pop(f"{up}.{part}") for part in ("gate", "up")])
    return {name: tensor.requires_grad_() for name, tensor in {**tensors, **joined}.items()}


def rotary_tables():
    frequencies = CONFIG["ropeBase"] ** (-torch.arange(0, SIZE, 2, dtype=torch.float64) / SIZE)
    angles = torch.outer(torch.arange(CONTEXT, dtype=torch.float64), frequencies)
    return angles.cos().float(), angles.sin().float()


COSINES, SINES = rotary_tables()
P = parameters_of(np.fromfile(FOLDER / "theta.bin", dtype=np.float32))
# What a node of Assay holds beside the trained copy, so that memory is compared like with like: theta and the error feedback.
HELD = [tensor.detach().clone() for tensor in P.values()], [torch.zeros_like(tensor).fill_(0.0) for tensor in P.values()]


def rotate(x):
    a, b = x.chunk(2, -1)
    return torch.cat([a * COSINES - b * SINES, b * COSINES + a * SINES], -1)


def loss_of(ids, targets, reduction):
    batch = ids.shape[0]
    x = F.embedding(ids, P["embedding"])
    for i in range(LAYERS):
        at, up = f"layers.{i}.attention", f"layers.{i}.feedForward"
        h = F.rms_norm(x, (WIDTH,), P[f"{at}.norm"], EPSILON)
        q, k, v = F.linear(h, P[f"{at}.qkv"]).split([WIDTH, KEY_VALUE_WIDTH, KEY_VALUE_WIDTH], -1)
        q = rotate(q.view(batch, CONTEXT, HEADS, SIZE).transpose(1, 2))
        k = rotate(k.view(batch, CONTEXT, KEY_VALUE_HEADS, SIZE).transpose(1, 2))
        v = v.view(batch, CONTEXT, KEY_VALUE_HEADS, SIZE).transpose(1, 2)
        grouped = KEY_VALUE_HEADS != HEADS
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=grouped)
        x = x + F.linear(y.transpose(1, 2).reshape(batch, CONTEXT, WIDTH), P[f"{at}.output"])
        h = F.rms_norm(x, (WIDTH,), P[f"{up}.norm"], EPSILON)
        gate, rise = F.linear(h, P[f"{up}.gateUp"]).split(HIDDEN, -1)
        x = x + F.linear(F.silu(gate) * rise, P[f"{up}.down"])
    x = F.rms_norm(x, (WIDTH,), P["norm"], EPSILON)
    logits = F.linear(x, P["embedding"])
    return F.cross_entropy(logits.view(-1, CONFIG["vocabulary"]), targets.reshape(-1), reduction=reduction)


MATRICES = [tensor for tensor in P.values() if tensor.dim() > 1]
GAINS = [tensor for tensor in P.values() if tensor.dim() == 1]
ADAMW = torch.optim.AdamW(
    [{"params": MATRICES, "weight_decay": OPTIMIZER["weightDecay"]}, {"params": GAINS, "weight_decay": 0.0}],
    betas=(OPTIMIZER["beta1"], OPTIMIZER["beta2"]),
    eps=OPTIMIZER["epsilon"],
    fused=True,
)
TRAIN = torch.compile(loss_of, dynamic=False) if MODE == "compile" else loss_of
EVALUATE = torch.compile(loss_of, dynamic=False) if MODE == "compile" else loss_of


def sequences(name):
    tokens = torch.from_numpy(np.fromfile(FOLDER / name, dtype=np.int32).astype(np.int64)).view(-1, CONTEXT + 1)
    return tokens[:, :-1].contiguous(), tokens[:, 1:].contiguous()


def train(request):
    """Steps over consecutive batches of a file, at one learning rate."""
    ids, targets = sequences(request["tokens"])
    batch, losses = request["batch"], []
    for group in ADAMW.param_groups:
        group["lr"] = request["learningRate"]
    for step in range(ids.shape[0] // batch):
        rows = slice(step * batch, (step + 1) * batch)
        ADAMW.zero_grad(set_to_none=True)
        loss = TRAIN(ids[rows], targets[rows], "mean")
        loss.backward()
        torch.nn.utils.clip_grad_norm_(P.values(), OPTIMIZER["clip"], foreach=True)
        ADAMW.step()
        losses.append(loss.detach())
    return [loss.item() for loss in losses]


@torch.no_grad()
def evaluate(request):
    """Mean loss of each sequence, `batch` at a time."""
    ids, targets = sequences(request["tokens"])
    batch, means = request["batch"], []
    for first in range(0, ids.shape[0], batch):
        rows = slice(first, first + batch)
        means.append(EVALUATE(ids[rows], targets[rows], "none").view(-1, CONTEXT).mean(1))
    return torch.cat(means).tolist()


def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


CALLS = {"train": train, "evaluate": evaluate}
print(json.dumps({"version": torch.__version__, "threads": torch.get_num_threads(), "pid": os.getpid()}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    wall, cpu = time.perf_counter(), time.process_time()
    losses = CALLS[request["call"]](request)
    taken = {"wallMs": 1e3 * (time.perf_counter() - wall), "cpuMs": 1e3 * (time.process_time() - cpu)}
    print(json.dumps({**taken, "losses": losses, "peakBytes": peak_bytes()}), flush=True)
