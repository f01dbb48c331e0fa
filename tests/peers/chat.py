#!/usr/bin/env python3
"""Conversations as `reka data build` writes them into shards, held against the exported chat template.

    tests/peers/chat.py --export DIR

Ids are compared: those of the shard, and those of transformers' apply_chat_template.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

from transformers import AutoTokenizer

from tokens import documents

MEDIA = pathlib.Path(__file__).resolve().parent.parent / "golden" / "media"
PICTURE, SOUND, CLIP = (str(MEDIA / name) for name in ("rgb.png", "tone.ogg", "clip.mp4"))
TOOLS = [{"type": "function", "function": {
    "name": "weather", "description": "Wetter, 天気", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city"]}}},
    {"type": "function", "function": {"name": "clock", "parameters": {"type": "object", "properties": {}}}}]


def says(role, content, **more):
    return {"role": role, "content": content, **more}


def text(value):
    return {"type": "text", "text": value}


def calls(*pairs):
    return [{"type": "function", "function": {"name": name, "arguments": arguments}} for name, arguments in pairs]


IMAGE, AUDIO, VIDEO = ({"type": "image", "image": PICTURE}, {"type": "audio", "audio": SOUND},
                       {"type": "video", "video": CLIP})
CHATS = {
    "one turn": [says("user", "What is this?"), says("assistant", "A test.")],
    "system": [says("system", "Be brief."), says("user", "Hi"), says("assistant", "Hello.")],
    "developer": [says("developer", "Be brief."), says("user", "Hi"), says("assistant", "Hello.")],
    "many turns": [says("user", "Größe?\n\n- a\n- b"), says("assistant", "  3,5 °C\n"), says("user", "日本語 👩🏽‍💻"),
                   says("assistant", "```\n\tx = 1\n```"), says("user", ""), says("assistant", "…")],
    "texts in parts": [says("user", [text("Which"), text(""), text("letter?")]),
                       says("assistant", [text("A"), text("or B")])],
    "image": [says("user", [IMAGE, text("What is it?")]), says("assistant", "A square.")],
    "image between texts": [says("user", [text("This"), IMAGE, text("or"), text("that"), IMAGE]),
                            says("assistant", "This.")],
    "image_url": [says("user", [{"type": "image_url", "image_url": {"url": PICTURE}}]), says("assistant", "Grey.")],
    "audio and video": [says("user", [AUDIO, VIDEO, text("Same?")]), says("assistant", "No.")],
    "control characters": [says("user", "a\r\nb\rc\x01\x7f\x85\x1f\t\v\fd"), says("assistant", "e\r")],
    "control characters in parts": [says("user", [text("\x01"), text("a\r"), text("\nb")]), says("assistant", "c")],
    "tools of odd names": [says("user", "a\r\n"),
                           says("assistant", "\x7f", tool_calls=calls(('say "hi" \\ \n\x7f', {"a\x7f": "\r\x01"}),
                                                                     ("say", '{\r\n"a": 1}'))),
                           says("tool", "\r\x01done"), says("assistant", "Yes.")],
    "tools": [says("user", "Weather?"),
              says("assistant", None, tool_calls=calls(("weather", '{"city": "Köln"}'))),
              says("tool", "rain"), says("assistant", "Rain.")],
    "tools and system": [says("system", "Be brief."), says("user", "Weather and time?"),
                         says("assistant", "I look.", tool_calls=calls(("weather", {"city": "Rom", "days": 2}),
                                                                       ("clock", {}))),
                         says("tool", "sun"), says("tool", "12:00"), says("assistant", "Sun, noon."),
                         says("user", "Thanks"), says("assistant", "!")],
}


def shard_ids(options, record, folder):
    folder = pathlib.Path(folder)
    (folder / "chat.jsonl").write_text(json.dumps(record, ensure_ascii=False) + "\n")
    (folder / "chat.yaml").write_text(
        f"data:\n  folder: {folder}/shards\n  packages: {folder}\n"
        f"  tokenizer: {{type: file, path: {pathlib.Path(options.export).resolve()}}}\n"
        "  sources:\n    chat:\n      reader: {type: chat, path: chat.jsonl}\n      licence: none\n")
    command = [options.reka, "data", "build", str(folder / "chat.yaml")]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"chat: {' '.join(command)}: {done.stderr}")
    found = [ids for shard in folder.glob("shards/*.shard") for ids in documents(shard)]
    if len(found) != 1:
        sys.exit(f"chat: {len(found)} samples of one conversation: {done.stdout}{done.stderr}")
    return found[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--export", required=True)
    parser.add_argument("--reka", default="build/release/bin/reka")
    options = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(options.export)
    equal = 0
    for name, messages in CHATS.items():
        tools = TOOLS if name.startswith("tools") else None
        with tempfile.TemporaryDirectory() as folder:
            ours = shard_ids(options, {"messages": messages} | ({"tools": tools} if tools else {}), folder)
        theirs = tokenizer.apply_chat_template(messages, tools=tools, tokenize=False)
        ids = tokenizer(theirs, add_special_tokens=False)["input_ids"] + [tokenizer.eos_token_id]
        if ids == ours:
            equal += 1
        else:
            print(f"  {name}:\n    reka   {tokenizer.decode(ours)!r}\n    theirs {theirs!r}\n    {ours}\n    {ids}")
    print(f"chat: {equal} of {len(CHATS)} conversations give equal ids")
    sys.exit(equal != len(CHATS))


if __name__ == "__main__":
    main()
