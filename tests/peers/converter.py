#!/usr/bin/env python3
"""llama.cpp's converter takes an exported folder as it is; the file is held against the folder.

    tests/peers/converter.py --export DIR --converter PATH/convert_hf_to_gguf.py

Names, shapes and values of tensors, pieces, types, special ids, chat template. Where the package llama_cpp is
installed, also llama.cpp's own token ids, logits and greedy continuation.
"""

import argparse
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile

import gguf
import numpy as np
import sentencepiece
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from export import LINES, SPECIALS
from tokens import reka_ids

NORMAL, UNKNOWN, CONTROL, UNUSED, BYTE = 1, 2, 3, 5, 6
LAYER = {"attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
         "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj", "ffn_norm": "post_attention_layernorm",
         "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}


def interleaved(weight, heads):
    """Rows of q or k in the order that llama.cpp rotates: pairs stand side by side."""
    return weight.reshape(heads, 2, weight.shape[0] // heads // 2, -1).swapaxes(1, 2).reshape(weight.shape)


def expected_tensors(folder, config):
    theirs = {}
    for path in sorted(folder.glob("*.safetensors")):
        theirs |= {name: tensor.float().numpy() for name, tensor in load_file(path).items()}
    names = {"token_embd": "model.embed_tokens", "output_norm": "model.norm"}
    if not config["tie_word_embeddings"]:
        names["output"] = "lm_head"
    for i in range(config["num_hidden_layers"]):
        names |= {f"blk.{i}.{ours}": f"model.layers.{i}.{name}" for ours, name in LAYER.items()}
    heads = {"attn_q": config["num_attention_heads"], "attn_k": config["num_key_value_heads"]}
    tensors = {}
    for name, source in names.items():
        weight = theirs.pop(source + ".weight")
        kind = name.split(".")[-1]
        tensors[name + ".weight"] = interleaved(weight, heads[kind]) if kind in heads else weight
    assert not theirs, f"not converted: {sorted(theirs)}"
    return tensors


def check_tensors(reader, folder, config):
    expected = expected_tensors(folder, config)
    found = {tensor.name: tensor.data.astype(np.float32).reshape(tensor.shape[::-1]) for tensor in reader.tensors}
    found.pop("rope_freqs.weight", None)
    assert set(found) == set(expected), f"tensors: {sorted(set(found) ^ set(expected))}"
    unequal = [name for name in expected if not np.array_equal(found[name], expected[name])]
    assert not unequal, f"values: {unequal}"
    return f"{len(found)} tensors equal"


def check_tokenizer(reader, folder, config):
    value = lambda key: reader.fields[f"tokenizer.{key}"].contents()
    model = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    added = json.loads((folder / "tokenizer_config.json").read_text())["added_tokens_decoder"]
    pieces, types = value("ggml.tokens"), value("ggml.token_type")
    size = model.get_piece_size()
    assert pieces[:size] == [model.id_to_piece(i) for i in range(size)], "pieces differ"
    assert len(pieces) == config["vocab_size"], f"{len(pieces)} pieces for {config['vocab_size']} rows"
    for i, found in enumerate(types):
        kinds = [UNUSED] if i >= size else [BYTE] if model.is_byte(i) else [NORMAL]
        if str(i) in added:
            kinds = [UNKNOWN, CONTROL] if i == 0 else [CONTROL]
        assert found in kinds, f"{pieces[i]}: type {found}, expected {kinds}"
    template = (folder / "chat_template.jinja").read_text()
    assert value("chat_template") == template, "chat template differs"
    assert value("ggml.eos_token_id") == config["eos_token_id"], "eos differs"
    assert not value("ggml.add_bos_token") and not value("ggml.add_eos_token"), "adds bos or eos"
    assert not value("ggml.add_space_prefix"), "adds a space"
    return f"{size} pieces, types, chat template equal"


def check_runtime(options, path):
    """llama.cpp itself, in fp32 with an fp32 cache."""
    import llama_cpp
    llama = llama_cpp.Llama(str(path), n_ctx=512, logits_all=True, verbose=False, n_threads=2,
                            type_k=llama_cpp.GGML_TYPE_F32, type_v=llama_cpp.GGML_TYPE_F32)
    for flags in ([], ["--specials"]):
        lines = LINES + SPECIALS
        ours = reka_ids(options, lines, *flags)
        theirs = [llama.tokenize(line.encode(), add_bos=False, special=bool(flags)) for line in lines]
        unequal = [line for line, a, b in zip(lines, ours, theirs) if a != b]
        assert not unequal, f"ids: {unequal}"
    tokenizer = AutoTokenizer.from_pretrained(options.export)
    model = AutoModelForCausalLM.from_pretrained(options.export, dtype=torch.float32)
    ids = tokenizer(" ".join(LINES), add_special_tokens=False)["input_ids"][:256]
    llama.eval(ids)
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0].numpy()
        greedy = model.generate(torch.tensor([ids]), max_new_tokens=24, do_sample=False, eos_token_id=[])[0, len(ids):]
    worst = np.abs(llama.scores[:len(ids)] - logits).max()
    assert worst <= 1e-3, f"logits differ by {worst}"
    continued = [int(np.argmax(llama.scores[llama.n_tokens - 1]))]
    while len(continued) < 24:
        llama.eval(continued[-1:])
        continued.append(int(np.argmax(llama.scores[llama.n_tokens - 1])))
    assert continued == greedy.tolist(), f"greedy: {continued} and {greedy.tolist()}"
    return (f"llama.cpp: ids of {2 * len(lines)} lines and 24 greedy tokens equal, "
            f"{logits.size} logits differ by at most {worst:.1e}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--export", required=True)
    parser.add_argument("--converter", required=True, help="convert_hf_to_gguf.py")
    parser.add_argument("--reka", default="build/release/bin/reka")
    options = parser.parse_args()
    folder = pathlib.Path(options.export)
    config = json.loads((folder / "config.json").read_text())
    with tempfile.TemporaryDirectory() as temporary:
        path = pathlib.Path(temporary) / "model.gguf"
        command = [sys.executable, options.converter, str(folder), "--outfile", str(path), "--outtype", "f32"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"converter: {' '.join(command)}: {done.stderr}")
        reader = gguf.GGUFReader(path)
        try:
            results = [check_tensors(reader, folder, config), check_tokenizer(reader, folder, config)]
            if importlib.util.find_spec("llama_cpp"):
                results.append(check_runtime(options, path))
        except AssertionError as error:
            sys.exit(f"converter: {folder}: {error}")
    print("converter: " + "; ".join(results))


if __name__ == "__main__":
    main()
