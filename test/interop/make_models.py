"""Makes small random models of transformers and what they compute, as a user of ours might bring one.

usage: make_models.py FOLDER. Writes FOLDER/<name>/ for each case and FOLDER/models.json: for each its class, token ids and
the logits of every position. FOLDER test/fixtures/hugging-face makes what the unit tests read (npm run interop installs what this
needs; any Python with torch and transformers 5 will do). The folders with "sharded" in their name hold several files and an index, "bf16" and "fp16" 16-bit
values (the logits are then those of the same values in float32), "old" a GPT-2 file as the first ones are: without
"transformer." and with the tables that followed from the configuration.
"""

import json
import os
import sys

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

transformers.logging.set_verbosity_error()
VOCABULARY = 64
CONTEXT = 8
LLAMA = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "vocab_size": VOCABULARY,
    "max_position_embeddings": CONTEXT,
}
GPT2 = {"n_embd": 16, "n_layer": 2, "n_head": 4, "n_positions": CONTEXT, "vocab_size": VOCABULARY}


def llama(**more):
    return LlamaForCausalLM(LlamaConfig(**{**LLAMA, **more}))


CASES = {
    "llama": lambda: llama(tie_word_embeddings=True),
    "llama grouped untied": lambda: llama(
        num_key_value_heads=2,
        tie_word_embeddings=False,
        rope_parameters={"rope_type": "default", "rope_theta": 500000.0},
    ),
    "llama sharded": lambda: llama(num_key_value_heads=1, tie_word_embeddings=False),
    "llama bf16": lambda: llama(num_key_value_heads=2, tie_word_embeddings=True).bfloat16(),
    "llama fp16": lambda: llama(num_key_value_heads=4, tie_word_embeddings=False).half(),
    "gpt2": lambda: GPT2LMHeadModel(GPT2Config(**GPT2)),
    "gpt2 untied": lambda: GPT2LMHeadModel(GPT2Config(**GPT2, tie_word_embeddings=False, n_inner=40)),
    "gpt2 old": lambda: GPT2LMHeadModel(GPT2Config(**GPT2)),
}


def disturb(model):
    """Gains, biases and tables as a trained model has them: none at the value that a fresh one begins with."""
    for parameter in model.parameters():
        with torch.no_grad():
            parameter.add_(0.1 * torch.randn_like(parameter))


def aged(folder):
    """The names of the first GPT-2 files."""
    path = os.path.join(folder, "model.safetensors")
    tensors = {name.removeprefix("transformer."): value for name, value in load_file(path).items()}
    for layer in range(GPT2["n_layer"]):
        tensors[f"h.{layer}.attn.bias"] = torch.tril(torch.ones(1, 1, CONTEXT, CONTEXT))
        tensors[f"h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
    save_file(tensors, path)


def make(name, build, root):
    model = build().eval()
    disturb(model)
    folder = os.path.join(root, name.replace(" ", "-"))
    model.save_pretrained(folder, **({"max_shard_size": "6KB"} if "sharded" in name else {}))
    if "old" in name:
        aged(folder)
    model = model.float()
    ids = torch.randint(0, VOCABULARY, (1, CONTEXT))
    with torch.no_grad():
        logits = model(ids).logits
    os.remove(os.path.join(folder, "generation_config.json"))
    return {
        "folder": os.path.basename(folder),
        "class": type(model).__name__,
        "ids": ids[0].tolist(),
        "logits": logits[0].tolist(),
    }


if __name__ == "__main__":
    torch.manual_seed(7)
    made = [make(name, build, sys.argv[1]) for name, build in CASES.items()]
    versions = {"torch": torch.__version__, "transformers": transformers.__version__}
    with open(os.path.join(sys.argv[1], "models.json"), "w") as file:
        file.write(json.dumps({"source": "python3 test/interop/make_models.py test/fixtures/hugging-face", **versions, "cases": made}) + "\n")
