#!/usr/bin/env python3
"""Holds an exported folder against transformers: log-probabilities in fp32, special symbols, stop ids.

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

    lines = [*LINES, " ".join(LINES) * 2]
    if options.lines:
        with open(options.lines, encoding="utf-8") as file:
            lines += [line.rstrip("\n") for line, _ in zip(file, range(options.most)) if line.strip()]
    tokenizer = AutoTokenizer.from_pretrained(options.export)
    model = AutoModelForCausalLM.from_pretrained(options.export, dtype=torch.float32)
    records = "".join(json.dumps({"text": line}) + "\n" for line in lines)
    scores = run([options.reka, "score", "--model", options.export], records)

    worst, different = compare_scores(lines, scores, tokenizer, model)
    stops = tokenizer.convert_tokens_to_ids(["<|endoftext|>", "<sep>"])
    failed = [f"ids of {line!r}" for line in different + compare_specials(options, tokenizer)]
    if not worst <= 1e-3:
        failed.append(f"log-probabilities by {worst}")
    if model.generation_config.eos_token_id != stops:
        failed.append(f"stop ids {model.generation_config.eos_token_id}, not {stops}")
    count = sum(max(len(score["ids"]) - 1, 0) for score in scores)
    if failed:
        sys.exit(f"export: {options.export}: differs: {'; '.join(failed[:5])}")
    print(f"export: {count} log-probabilities of {len(lines)} lines differ by at most {worst:.1e}; "
          f"{len(SPECIALS)} lines with specials and the stop ids equal")


if __name__ == "__main__":
    main()
