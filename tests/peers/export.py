#!/usr/bin/env python3
"""Holds an exported folder against transformers: token ids, log-probabilities in fp32, chat format.

    pip install torch transformers sentencepiece protobuf jinja2
    tests/peers/export.py --export runs/quickstart/export [--lines corpus.txt]

The scores come from `reka score`, the ids of lines with special symbols from `reka tokenize`.
"""

import argparse
import json
import subprocess
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

LINES = [
    "The keyboard has 104 keys.",
    "Größe: 3,5 °C – für Übermut",
    "日本語のテキスト。한국어 문장입니다",
    "Привет, мир! שלום עולם مرحبا",
    "ภาษาไทย हिन्दी தமிழ் ქართული",
    "<b>bold</b> &amp; <i>more</i>",
    "  two   three\t\ttabs  ",
    "for (int i = 0; i < 10; ++i) { x[i] *= 2; }",
    "👩🏽‍💻🏳️‍🌈🎉 e\u0301 \u200d",
    "1234567890 3.14159 10,000",
]
SPECIALS = ["<|endoftext|>", "a<sep>b", "human: <image></image> what?<sep>assistant:", "<extra_id_7> [S2S]"]
CHAT = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": [{"type": "text", "text": "Which"}, {"type": "text", "text": "letter?"}]},
    {"role": "assistant", "content": "A."},
    {"role": "user", "content": "Sure?"},
]
CHAT_TEXT = "system: Be brief.\n\n<sep>human: Which letter?<sep>assistant: A.\n\n<sep>human: Sure?<sep>assistant:"


def run(command, text):
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def compare_scores(lines, scores, tokenizer, model):
    """-> (largest difference of log-probabilities, lines whose ids differ)."""
    worst, different = 0.0, []
    for line, score in zip(lines, scores, strict=True):
        ids = tokenizer(line, add_special_tokens=False)["input_ids"]
        if ids != score["ids"]:
            different.append(line)
            continue
        if len(ids) < 2:
            continue
        with torch.no_grad():
            logits = model(torch.tensor([ids])).logits[0].float()
        theirs = torch.log_softmax(logits, -1)[:-1].gather(1, torch.tensor(ids[1:])[:, None])[:, 0]
        ours = torch.tensor(score["logprobs"][1:])
        worst = max(worst, (theirs - ours).abs().max().item())
    return worst, different


def compare_specials(options, tokenizer):
    """Lines whose special symbols transformers and reka do not see alike."""
    ours = run([options.reka, "tokenize", "--tokenizer", options.export, "--specials"], "\n".join(SPECIALS) + "\n")
    return [text for text, ids in zip(SPECIALS, ours, strict=True)
            if tokenizer(text, add_special_tokens=False)["input_ids"] != ids]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--export", required=True)
    parser.add_argument("--reka", default="build/release/bin/reka")
    parser.add_argument("--lines", help="a text file, each line of which is compared, too")
    parser.add_argument("--most", type=int, default=2000, help="lines of that file")
    options = parser.parse_args()

    lines = list(LINES)
    if options.lines:
        with open(options.lines, encoding="utf-8") as file:
            lines += [line.rstrip("\n") for line, _ in zip(file, range(options.most)) if line.strip()]
    tokenizer = AutoTokenizer.from_pretrained(options.export)
    model = AutoModelForCausalLM.from_pretrained(options.export, dtype=torch.float32)
    records = "".join(json.dumps({"text": line}) + "\n" for line in lines)
    scores = run([options.reka, "score", "--model", options.export], records)

    worst, different = compare_scores(lines, scores, tokenizer, model)
    checks = {
        f"ids of {len(lines)} lines": not different or different[:3],
        "ids of special symbols": not (unlike := compare_specials(options, tokenizer)) or unlike,
        f"log-probabilities within 1e-3 (largest difference {worst:.2g})": worst <= 1e-3,
        "chat format": tokenizer.apply_chat_template(CHAT, tokenize=False, add_generation_prompt=True) == CHAT_TEXT,
        "stop ids": model.generation_config.eos_token_id == tokenizer.convert_tokens_to_ids(["<|endoftext|>", "<sep>"]),
    }
    for name, good in checks.items():
        print(f"{'ok    ' if good is True else 'FAILED'} {name}{'' if good is True else f': {good}'}")
    sys.exit(any(good is not True for good in checks.values()))


if __name__ == "__main__":
    main()
