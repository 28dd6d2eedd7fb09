"""Files that are spoiled at random: read, or refused in one line, within seconds and without filling the memory."""

from __future__ import annotations

import json
import random
import time
import tracemalloc

import pytest

from tests.fuzz.targets import ARABIC, TARGETS, holds

#: What has broken readers of such files before, somewhere.
TOKENS = [
    b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b"\\ud800", "\u202e".encode(), b"[" * 2_000, b"{" * 2_000, b'{"a":' * 500,
    b"9" * 5_000, b"1e999", b"NaN", b"-Infinity", b"null", b"true", b"../../etc/passwd", b"/dev/zero", b"=cmd()", b",", b"\r",
    b"\n",     b"<" * 500, b"<div>" * 500, b"&#x110000;", b"<!--", b"<script>", b"(a+)+$", b"*" * 200, "ـ".encode() * 500,
    "ًٌٍَُِّْ".encode() * 50, b"a" * 20_000, b" " * 20_000, "،".encode() * 3_000,
]  # fmt: skip


def spoiled(seeds: list[bytes], draws: random.Random) -> bytes:
    """Flip, cut, double, splice, and put tokens in."""
    data = bytearray(draws.choice(seeds))
    for _ in range(draws.randint(1, 4)):
        at = draws.randint(0, len(data))
        end = min(len(data), at + draws.choice([1, 4, 64, 1_000]))
        kind = draws.randrange(6)
        if kind == 0 and data:
            data[draws.randrange(len(data))] ^= 1 << draws.randrange(8)
        elif kind == 1:
            del data[at:end]
        elif kind == 2:
            data[at:at] = data[at:end] * draws.choice([1, 2, 50])
        elif kind == 3:
            data[at:at] = draws.choice(TOKENS)
        elif kind == 4:
            data[at:end] = draws.randbytes(end - at)
        else:
            other = draws.choice(seeds)
            data[at:] = other[draws.randint(0, len(other)) :]
    return bytes(data)


ODD = [
    None,
    True,
    False,
    -1,
    0,
    1,
    2**31,
    2**63,
    2**70,
    -(2**70),
    0.5,
    1e308,
    -1e-308,
    "",
    "x",
    "\0",
    "../x",
    "ـ" * 999,
    [],
    {},
    [[]],
    [1],
    ["a"] * 999,
]


def odd(text: str, draws: random.Random) -> str:
    """Put something else into one place of a JSON, take one away, or name one otherwise."""
    try:
        whole = json.loads(text)
    except ValueError:
        return text
    places = []

    def walk(node) -> None:
        for key in node if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], dict | list):
                walk(node[key])

    if not isinstance(whole, dict | list):
        return text
    walk(whole)
    for node, key in draws.sample(places, min(len(places), draws.randint(1, 2))):
        try:
            if draws.random() < 0.7:
                node[key] = draws.choice(ODD)
            elif draws.random() < 0.5:
                del node[key]
            elif isinstance(node, dict):
                node[draws.choice(["", "x", "0", "text"])] = node.pop(key)
        except (KeyError, IndexError):  # gone with the place that was changed before
            continue
    return json.dumps(whole, ensure_ascii=draws.random() < 0.5)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["jsonl", "topics_json", "classifier_json", "manifest", "records", "headlines", "mark"])
def test_json_that_says_something_else_is_read_or_refused(name):
    seeds, draws = TARGETS[name][1](), random.Random(name)
    start = time.monotonic()
    while time.monotonic() - start < 3:
        lines = (
            draws.choice(seeds).decode().split("\n")
            if name in {"jsonl", "records", "headlines"}
            else [draws.choice(seeds).decode()]
        )
        at = draws.randrange(len(lines))
        lines[at] = odd(lines[at], draws)
        holds(name, "\n".join(lines).encode("utf-8", "surrogatepass"))


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_spoiled_files_are_read_or_refused(name):
    seeds, draws = TARGETS[name][1](), random.Random(name)
    for seed in seeds:
        holds(name, seed)
    start = time.monotonic()
    done = 0
    while done < 200 and time.monotonic() - start < 8:
        data = spoiled(seeds, draws)
        began = time.monotonic()
        holds(name, data)
        assert time.monotonic() - began < 10
        done += 1
    assert done > 20


@pytest.mark.slow
@pytest.mark.parametrize("name", ["text", "page", "jsonl", "csv"])
@pytest.mark.parametrize("token", range(len(TOKENS)))
def test_no_text_takes_time_without_end(name, token):
    """A token by the hundred thousand, between two sentences."""
    many = TOKENS[token] * max(1, 300_000 // len(TOKENS[token]))
    data = ARABIC.encode() + many + b"\n" + ARABIC.encode()
    data = {
        "page": b"<html><body><p>" + data + b"</p></body></html>",
        "csv": b"text\n" + data,
        "jsonl": b'{"text": "' + data + b'"}',
    }.get(name, data)
    start = time.monotonic()
    holds(name, data)
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_and_noise(name):
    draws = random.Random(0)
    for data in (b"", b"\0", b"\n", draws.randbytes(50), draws.randbytes(5_000)):
        holds(name, data)


def test_memory_stays_bounded():
    tracemalloc.start()
    try:
        holds("jsonl", b'{"text": "' + b"a" * 3_000_000 + b'"}')
        assert tracemalloc.get_traced_memory()[1] < 200e6
    finally:
        tracemalloc.stop()
