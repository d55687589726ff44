# SPDX-License-Identifier: Apache-2.0
"""The bytes in docs/PROTOCOL.md, chapter 10, are what it says: lengths, and the envelope's SHA-256 as in the receipt beside it."""
import hashlib
import os
import re
import sys

page = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/PROTOCOL.md"), encoding="utf-8").read()
chapter = page[page.index("## 10. Bytes"):page.index("## 11.")]
blocks = chapter.split("```")[1::2]


def bytes_of(block):
    """Groups of two hexadecimal digits at the start of each line, up to where the words begin (two spaces or more)."""
    out = ""
    for line in block.splitlines():
        if re.match(r"\s*[0-9a-f]{2}( |$)", line):
            for group in re.split(r"\s{2,}", line.strip()):
                if not re.fullmatch(r"[0-9a-f]{2}( [0-9a-f]{2})*", group):
                    break
                out += group.replace(" ", "")
    return bytes.fromhex(out)


envelope = bytes_of(blocks[0])
receipt = blocks[1][blocks[1].index("2a 20"):]
digest = bytes_of(receipt)[2:34]
if len(envelope) != 182 or hashlib.sha256(envelope).digest() != digest:
    sys.exit("the envelope of the example has %d bytes and SHA-256 %s; the receipt says %s" %
             (len(envelope), hashlib.sha256(envelope).hexdigest(), digest.hex()))
