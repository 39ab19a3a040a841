#!/usr/bin/env python3
"""Checks that one journal is in the transparency log, with a client of the formats that Ganhe's makers did not write.

    pip install metamorphic-log
    TOKEN=... python3 check_journal.py BASE VKEY JOURNAL [KEPT_CHECKPOINT]

BASE is the server, VKEY the public key of the log as you were given it, JOURNAL the id of a journal that you may see, and
KEPT_CHECKPOINT a file with a checkpoint that you kept earlier. docs/TRANSPARENCY-LOG.md explains each step.
"""

import hashlib
import json
import os
import sys
import urllib.request

import metamorphic_log as client

WIDTH = 256


def fetch(url, token=None):
    request = urllib.request.Request(url)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request) as answer:
        return answer.read()


class Tree:
    """The tree of one size, read from the tiles."""

    def __init__(self, base, size):
        self.base, self.size, self.tiles = base, size, {}

    def tile(self, level, number):
        if (level, number) not in self.tiles:
            width = min(WIDTH, (self.size >> (8 * level)) - number * WIDTH)
            groups = [f"{number % 1000:03}"]
            rest = number // 1000
            while rest:
                groups.insert(0, f"x{rest % 1000:03}")
                rest //= 1000
            partial = "" if width == WIDTH else f".p/{width}"
            data = fetch(f"{self.base}/log/tile/{level}/{'/'.join(groups)}{partial}")
            if len(data) != 32 * width:
                raise SystemExit(f"tile {level}/{number} holds {len(data)} bytes, not {32 * width}")
            self.tiles[level, number] = [data[at : at + 32] for at in range(0, len(data), 32)]
        return self.tiles[level, number]

    def root(self, first, last):
        """The root over the leaves from first to before last."""
        count = last - first
        level = 0
        while count >= WIDTH ** (level + 1) and count % WIDTH ** (level + 1) == 0:
            level += 1
        if count == WIDTH**level:
            number = first // count
            return self.tile(level, number // WIDTH)[number % WIDTH]
        split = 1 << (count - 1).bit_length() - 1
        left, right = self.root(first, first + split), self.root(first + split, last)
        return hashlib.sha256(b"\x01" + left + right).digest()

    def inclusion(self, position, first, last):
        """The hashes beside the way from a leaf up to the root, from the leaf on."""
        if last - first == 1:
            return []
        split = 1 << (last - first - 1).bit_length() - 1
        if position < first + split:
            return self.inclusion(position, first, first + split) + [self.root(first + split, last)]
        return self.inclusion(position, first + split, last) + [self.root(first, first + split)]


def main():
    base, vkey, journal = sys.argv[1:4]
    kept = sys.argv[4] if len(sys.argv) > 4 else None

    # The checkpoint is what the operator has signed.
    note = fetch(f"{base}/log/checkpoint").decode()
    head = client.checkpoint_verify(note, [vkey])
    print(f"checkpoint of {head.origin}: {head.size} leaves, root {head.root.hex()}")

    # The leaf is the hash of the journal's text, computed here and not believed.
    proof = json.loads(fetch(f"{base}/api/v1/journals/{journal}/proof?wait=5", os.environ.get("TOKEN")))
    text = proof["canonical"].encode()
    leaf = hashlib.sha256(b"\x00" + text).digest()
    if f"\nid {journal}\n".encode() not in text:
        raise SystemExit("the text is of another journal")
    if proof["tree_size"] > head.size:
        note = proof["checkpoint"]
        head = client.checkpoint_verify(note, [vkey])

    # The proof is made here from the public tiles, and once more taken as the server made it.
    tree = Tree(base, head.size)
    own = tree.inclusion(proof["position"], 0, head.size)
    client.checkpoint_verify_inclusion(note, [vkey], proof["position"], leaf, own)
    given = [bytes.fromhex(digits) for digits in proof["inclusion"]]
    client.checkpoint_verify_inclusion(proof["checkpoint"], [vkey], proof["position"], leaf, given)
    print(f"journal {journal} is leaf {proof['position']}")

    # Today's log must begin with the log of the day before.
    if kept:
        with open(kept, encoding="utf-8") as file:
            older = file.read()
        size = client.checkpoint_verify(older, [vkey]).size
        answer = json.loads(fetch(f"{base}/log/proof/consistency?from={size}&to={head.size}"))
        hashes = [bytes.fromhex(digits) for digits in answer["hashes"]]
        client.checkpoint_verify_consistency(older, note, [vkey], hashes)
        print(f"the log extends the kept checkpoint of {size} leaves")


if __name__ == "__main__":
    main()
