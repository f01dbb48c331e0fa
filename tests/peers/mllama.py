#!/usr/bin/env python3
"""Decoder with gated cross-attention layers against transformers' MllamaForCausalLM, same random weights and states.

    tests/peers/mllama.py [--tool build/release/tests/peers/peers_mllama]
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import load_file
from transformers import MllamaForCausalLM
from transformers.models.mllama.configuration_mllama import MllamaTextConfig

HEADS, KV_HEADS, DIM, HIDDEN, BLOCKS, PLACES, THETA = 6, 2, 48, 80, 4, [1, 3], 500000.0
SIZE = DIM // HEADS


def numbers():
    """Mllama counts cross-attention layers among the others -> (of blocks, of gated layers)."""
    blocks, gated, number = [], {}, 0
    for block in range(BLOCKS):
        if block in PLACES:
            gated[block] = number
            number += 1
        blocks.append(number)
        number += 1
    return blocks, gated


def feed_forward(ours, prefix, to):
    gate, up = ours[prefix + "feed_forward.gate_up.weight"].split(HIDDEN)
    return {to + "mlp.gate_proj.weight": gate, to + "mlp.up_proj.weight": up,
            to + "mlp.down_proj.weight": ours[prefix + "feed_forward.down.weight"],
            to + "post_attention_layernorm.weight": ours[prefix + "feed_forward_norm.weight"],
            to + "input_layernorm.weight": ours[prefix + "attention_norm.weight"]}


def weights(ours):
    # Mllama's embedding has eight rows more, for its own specials.
    embedding = torch.cat([ours["decoder.embedding.weight"], torch.zeros(8, DIM)])
    theirs = {"model.embed_tokens.weight": embedding, "model.norm.weight": ours["decoder.norm.weight"],
              "lm_head.weight": ours["decoder.head.weight"]}
    blocks, gated = numbers()
    for block, number in enumerate(blocks):
        prefix, to = f"decoder.blocks.{block}.", f"model.layers.{number}."
        q, k, v = ours[prefix + "attention.qkv.weight"].split([DIM, KV_HEADS * SIZE, KV_HEADS * SIZE])
        theirs |= feed_forward(ours, prefix, to) | {
            to + "self_attn.q_proj.weight": q, to + "self_attn.k_proj.weight": k, to + "self_attn.v_proj.weight": v,
            to + "self_attn.o_proj.weight": ours[prefix + "attention.output.weight"]}
    for place, number in gated.items():
        prefix, to = f"layers.{place}.", f"model.layers.{number}."
        k, v = ours[prefix + "key_value.weight"].chunk(2)
        theirs |= feed_forward(ours, prefix, to) | {
            to + "cross_attn.q_proj.weight": ours[prefix + "query.weight"], to + "cross_attn.k_proj.weight": k,
            to + "cross_attn.v_proj.weight": v, to + "cross_attn.o_proj.weight": ours[prefix + "output.weight"],
            to + "cross_attn.q_norm.weight": ours[prefix + "query_norm.weight"],
            to + "cross_attn.k_norm.weight": ours[prefix + "key_norm.weight"],
            to + "cross_attn_attn_gate": ours[prefix + "attention_gate.weight"],
            to + "cross_attn_mlp_gate": ours[prefix + "feed_forward_gate.weight"]}
    return theirs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tool", default="build/release/tests/peers/peers_mllama")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "small.safetensors"
        subprocess.run([options.tool, path], check=True)
        ours = load_file(path)
    _, gated = numbers()
    config = MllamaTextConfig(
        vocab_size=ours["logits"].shape[1], hidden_size=DIM, intermediate_size=HIDDEN,
        num_hidden_layers=BLOCKS + len(gated), num_attention_heads=HEADS, num_key_value_heads=KV_HEADS,
        cross_attention_layers=list(gated.values()), rms_norm_eps=1e-5, hidden_act="silu", pad_token_id=0,
        rope_parameters={"rope_type": "default", "rope_theta": THETA}, tie_word_embeddings=False,
        bos_token_id=0, eos_token_id=0)
    # Without a mask, transformers' other kernels would let the n-th token see the first n states alone.
    config._attn_implementation = "eager"
    model = MllamaForCausalLM(config).eval()
    model.load_state_dict(weights(ours))
    with torch.no_grad():
        logits = model(input_ids=ours["tokens"][None], cross_attention_states=ours["states"][None]).logits[0]
    worst = (logits - ours["logits"]).abs().max().item()
    print(f"mllama: {logits.numel()} logits up to {logits.abs().max():.1f} differ by at most {worst:.1e}")
    sys.exit(not worst <= 1e-3)


if __name__ == "__main__":
    main()
