"""Loads exported models as any user of transformers would, and prints what was found as one JSON object.

usage: compare.py CASES.json, a list of {folder, sequences, logits, losses, texts}: token ids [rows][context + 1], the
logits that Assay's engine computes for the first `context` of them, its mean losses, and texts for the tokenizer.
What transformers saves again goes to FOLDER-saved.
"""

import json
import sys

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

transformers.logging.set_verbosity_error()


def compare(case):
    model = AutoModelForCausalLM.from_pretrained(case["folder"]).eval()
    tokenizer = AutoTokenizer.from_pretrained(case["folder"])
    sequences = torch.tensor(case["sequences"])
    with torch.no_grad():
        logits = model(sequences[:, :-1]).logits
    losses = torch.nn.functional.cross_entropy(
        logits.transpose(1, 2).double(), sequences[:, 1:], reduction="none"
    ).mean(dim=1)
    ours = torch.tensor(case["logits"])
    model.save_pretrained(case["folder"] + "-saved")
    generated = model.generate(
        sequences[:1, :4], attention_mask=torch.ones(1, 4, dtype=torch.int64), do_sample=False
    )
    return {
        "class": type(model).__name__,
        "tokenizer": type(tokenizer).__name__,
        "parameters": sum(p.numel() for p in model.parameters()),
        "dtype": str(next(model.parameters()).dtype),
        "logits": (logits - ours).abs().max().item(),
        "largest": ours.abs().max().item(),
        "losses": (losses - torch.tensor(case["losses"])).abs().max().item(),
        "greedy": generated[0, 4:].tolist(),
        "vocabulary": [tokenizer.convert_ids_to_tokens(i) for i in range(256)],
        "ids": [tokenizer(text)["input_ids"] for text in case["texts"]],
        "decoded": [tokenizer.decode(tokenizer(text)["input_ids"]) for text in case["texts"]],
        "special": tokenizer.all_special_tokens,
    }


if __name__ == "__main__":
    torch.manual_seed(0)
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    print(
        json.dumps(
            {
                "torch": torch.__version__,
                "transformers": transformers.__version__,
                "cases": [compare(case) for case in cases],
            }
        )
    )
