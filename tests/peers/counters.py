#!/usr/bin/env python3
"""How many tokens a text is to a tokenizer.json: ours against the tokenizers of Hugging Face.

  counters.py CORPUS --tool build/release/tests/peers/peers_counters

Trains tokenizers of the kinds that are read (GPT-2, Llama 3, Llama 2 with and without a normalizer,
digits apart, added tokens) on help pages, and compares the counts of each page.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import unicodedata

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer

ROOT = pathlib.Path(__file__).parent.parent.parent
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
          r"|\s+(?!\S)|\s+")


def byte_level(pre_tokenizer):
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizer
    return tokenizer, dict(initial_alphabet=pre_tokenizers.ByteLevel.alphabet())


def characters(normalizer, pre_tokenizer):
    tokenizer = Tokenizer(BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizer
    return tokenizer, dict(special_tokens=["<unk>"] + [f"<0x{n:02X}>" for n in range(256)], limit_alphabet=300)


def kinds():
    split = pre_tokenizers.Split(Regex(LLAMA3), "isolated")
    yield "GPT-2", byte_level(pre_tokenizers.ByteLevel(add_prefix_space=False))
    yield "GPT-2, a space first", byte_level(pre_tokenizers.ByteLevel(add_prefix_space=True))
    yield "Llama 3", byte_level(pre_tokenizers.Sequence([
        split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]))
    yield "digits apart", byte_level(pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]))
    yield "Metaspace", characters(None, pre_tokenizers.Metaspace(prepend_scheme="first"))
    yield "Metaspace, unsplit", characters(None, pre_tokenizers.Metaspace(prepend_scheme="always", split=False))
    yield "Llama 2", characters(normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]),
                                pre_tokenizers.Split("▁", "merged_with_next"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=pathlib.Path)
    parser.add_argument("--tool", default=ROOT / "build/release/tests/peers/peers_counters")
    parser.add_argument("--pages", type=int, default=1500)
    options = parser.parse_args()
    files = sorted(file for file in options.corpus.rglob("*") if file.suffix in {".page", ".html", ".po"})
    files = files[::max(1, len(files) // options.pages)]
    texts = [unicodedata.normalize("NFC", file.read_text(errors="replace"))[:20_000] for file in files]
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
    failed = 0
    for name, (tokenizer, training) in kinds():
        tokenizer.train_from_iterator(texts[::7], BpeTrainer(vocab_size=6000, show_progress=False, **training))
        if name == "Llama 2":
            tokenizer.pre_tokenizer = pre_tokenizers.Sequence([])  # as the released file has none
        if name == "GPT-2":
            tokenizer.add_tokens([AddedToken("  ", normalized=False), AddedToken("    ", normalized=False)])
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "tokenizer.json"
            tokenizer.save(str(file))
            if name == "Llama 3":
                model = json.loads(file.read_text())
                model["model"]["ignore_merges"] = True
                file.write_text(json.dumps(model))
                tokenizer = Tokenizer.from_file(str(file))
            counted = subprocess.run([options.tool, file], input=lines, check=True, stdout=subprocess.PIPE).stdout
        ours = [int(line) for line in counted.split()]
        theirs = [len(one.ids) for one in tokenizer.encode_batch(texts, add_special_tokens=False)]
        wrong = sum(a != b for a, b in zip(ours, theirs))
        failed += wrong > 0 or len(ours) != len(theirs)
        print(f"counters: {name}: {len(texts)} texts, {sum(theirs)} tokens; {wrong} texts counted otherwise")
    sys.exit(failed > 0)


main()
