#!/usr/bin/python3
"""MessagePack vectors by an implementation that is not ours (Debian's python3-msgpack).

vectors.py           prints the vectors: description, bytes in hex, value, separated by tabs
vectors.py --decode  reads lines of hex, prints the value of each

A value is JSON: null, true, false, {"int": "1"}, {"f64": bits}, {"f32": bits}, {"str": text}, {"bin": hex},
{"array": [values]}, {"map": [[key, value]]}, {"ext": [type, hex]}.
"""
import json
import struct
import sys

import msgpack


class Single(float):
    """A float that is packed with 32 bits."""


def tag(value):
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, Single):
        return {"f32": struct.pack(">f", value).hex()}
    if isinstance(value, float):
        return {"f64": struct.pack(">d", value).hex()}
    if isinstance(value, str):
        return {"str": value}
    if isinstance(value, bytes):
        return {"bin": value.hex()}
    if isinstance(value, list):
        return {"array": [tag(item) for item in value]}
    if isinstance(value, Pairs):
        return {"map": [[tag(key), tag(item)] for key, item in value.items]}
    if isinstance(value, msgpack.ExtType):
        return {"ext": [value.code, value.data.hex()]}
    if isinstance(value, msgpack.Timestamp):
        return {"ext": [-1, value.to_bytes().hex()]}
    raise TypeError(type(value))


class Pairs:
    """A map whose keys may be anything and keep their order."""

    def __init__(self, items):
        self.items = items


def pack(value):
    if isinstance(value, Single):
        return msgpack.packb(float(value), use_single_float=True)
    if isinstance(value, list):
        return msgpack.Packer().pack_array_header(len(value)) + b"".join(pack(item) for item in value)
    if isinstance(value, Pairs):
        header = msgpack.Packer().pack_map_header(len(value.items))
        return header + b"".join(pack(key) + pack(item) for key, item in value.items)
    return msgpack.packb(value, use_bin_type=True)


def vectors():
    yield "nil", None
    yield "true", True
    yield "false", False
    edges = {0, 1, 31, 32, 100}
    for bits in (7, 8, 15, 16, 31, 32, 63, 64):
        edges |= {2**bits - 1, 2**bits, -(2**bits), -(2**bits) - 1, -(2**bits) + 1}
    edges |= {-1, -31, -32, -33}
    for value in sorted(v for v in edges if -(2**63) <= v < 2**64):
        yield "integer", value
    for value in (0.0, -0.0, 1.5, 0.1, -1e300, 5e-324, float("inf"), float("-inf")):
        yield "double", value
    for value in (0.0, 1.5, -3.25, 2.0**-149, float("inf")):
        yield "single", Single(value)
    for length in (0, 1, 31, 32, 255, 256, 300):
        yield f"text of {length} bytes", "x" * length
    for text in ("\u00e9", "\u20ac" * 10, "\u20ac" * 11, "\U0001f600", "\u0000", "a\u00e9\u20ac\U0001f600" * 8):
        yield "text beyond ASCII", text
    for length in (0, 1, 255, 256):
        yield f"{length} bytes", bytes(i & 255 for i in range(length))
    for length in (0, 1, 15, 16, 17):
        yield f"array of {length}", list(range(length))
        yield f"map of {length}", Pairs([(i, str(i)) for i in range(length)])
    for length in (0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 255, 256):
        yield f"extension of {length} bytes", msgpack.ExtType(5, b"\x07" * length)
    for seconds, nanoseconds in ((0, 0), (1, 0), (2**32 - 1, 0), (2**32, 0), (1, 100), (2**34 - 1, 999999900), (2**34, 0), (-1, 0), (-62135596800, 0), (253402300799, 999999900)):
        yield "timestamp", msgpack.Timestamp(seconds, nanoseconds)
    yield "nested", [1, [2, [3, Pairs([("a", [None, True, b"\x00"]), (7, Pairs([]))])]], "end"]


def main():
    if sys.argv[1:] == ["--decode"]:
        for line in sys.stdin:
            value = msgpack.unpackb(
                bytes.fromhex(line.strip()), raw=False, strict_map_key=False, object_pairs_hook=lambda items: Pairs(list(items)), timestamp=0
            )
            print(json.dumps(tag(value), separators=(",", ":")))
        return
    for description, value in vectors():
        print(description, pack(value).hex(), json.dumps(tag(value), separators=(",", ":")), sep="\t")


main()
