"""Checks the published vectors with Python's standard library alone: a second implementation of
docs/format.md, from its text. AES-GCM is not in that library, so what is sealed is only measured and hashed.
"""

import hashlib
import hmac
import json
import pathlib
import struct
import uuid

HERE = pathlib.Path(__file__).parent
BUCKETS = (256, 512, 1024, 2048, 4096)


def load(name):
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def lp16(text):
    data = text.encode("utf-8")
    return struct.pack(">H", len(data)) + data


def lp32(data):
    return struct.pack(">I", len(data)) + data


def unid(text):
    return uuid.UUID(text).bytes


def header(h):
    return b"".join((
        b"\x01", unid(h["ledger"]), lp16(h["stream"]), struct.pack(">Q", h["sequence"]), lp16(h["type"]),
        struct.pack(">H", h["schema"]), unid(h["event"]), unid(h["key"]), struct.pack(">q", h["recorded_at"]),
    ))


def content(v):
    data = b"".join((
        lp16(v["role"]), unid(v["person"]), unid(v["cause"]), struct.pack(">q", v["occurred_at"]),
        lp32(v["payload"].encode("utf-8")),
    ))
    size = next((b for b in BUCKETS if len(data) <= b), -(-len(data) // BUCKETS[-1]) * BUCKETS[-1])
    return data.ljust(size, b"\0")


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def mac(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


checked = 0


def same(what, got, want):
    global checked
    checked += 1
    if got != bytes.fromhex(want):
        raise SystemExit(f"{what}: computed {got.hex()}, published {want}")


for v in load("envelope.json"):
    head, plain, salt, sealed = header(v["header"]), content(v), bytes.fromhex(v["salt"]), bytes.fromhex(v["sealed"])
    commit = sha256(b"livret/commit/v1", lp32(head), lp32(salt), lp32(plain))
    same(v["name"] + ": header", head, v["header_bytes"])
    same(v["name"] + ": content", plain, v["content_bytes"])
    same(v["name"] + ": commitment", commit, v["commit"])
    same(v["name"] + ": leaf", head + commit + sha256(sealed), v["leaf"])
    if v["key"]:
        same(v["name"] + ": nonce", sealed[:12], v["nonce"])
        if len(sealed) != 12 + len(salt + plain) + 16:
            raise SystemExit(v["name"] + ": sealed bytes are of another length")
    else:
        same(v["name"] + ": bytes in clear", salt + plain, v["sealed"])

for v in load("key.json"):
    key = bytes.fromhex(v["key"])
    same("fingerprint", sha256(b"livret/keyfp/v1", key), v["fingerprint"])
    for e in v["events"] or ():
        named = bytearray(mac(key, b"livret/eventid/v1", lp16(e["stream"]), unid(e["command"]), struct.pack(">I", e["index"]))[:16])
        named[6], named[8] = named[6] & 0x0F | 0x80, named[8] & 0x3F | 0x80
        same("event id", bytes(named), e["id"].replace("-", ""))

for v in load("wrap.json"):
    ref = sha256(b"livret/kekref/v1", bytes.fromhex(v["kek"]))[:16]
    epoch = struct.pack(">I", v["epoch"])
    same("name of the wrapping key", ref, v["kek_ref"])
    same("bound to a wrap", b"".join((b"livret/wrap/v1", unid(v["id"]), lp16(v["class"]), unid(v["owner"]), ref, epoch)), v["bound"])
    same("bound to a secret", b"livret/secret/v1" + ref + epoch, v["secret_bound"])

for v in load("custody.json"):
    lines = [share.split("\n") for share in v["shares"]]
    for n, share in enumerate(lines):
        body = "\n".join(share[:5]) + "\n"
        same("check of a share", sha256(body.encode("utf-8")), share[5].removeprefix("check "))
        if share[0] != "livret-custody-share-v1" or share[3] != f"share {n + 1} of 2":
            raise SystemExit("a share has another form")
    name = lines[0][1].removeprefix("pair ")
    ref = sha256(b"livret/pairref/v1", lp16(name), bytes.fromhex(v["public"]))[:16]
    same("name of the pair", ref, v["pair_ref"])
    bound = b"".join((unid(v["id"]), lp16(v["class"]), unid(v["owner"])))
    same("bound to a pair", b"livret/pairwrap/v1" + bound + lp16(name) + ref, v["bound"])
    wrapped = bytes.fromhex(v["wrapped"])
    fingerprint = sha256(b"livret/keyfp/v1", bytes.fromhex(v["key"]))
    row = b"livret/row/v1" + bound + lp16(v["state"]) + ref + struct.pack(">I", 0) + fingerprint + struct.pack(">H", len(wrapped)) + wrapped
    same("seal of a row", mac(bytes.fromhex(v["secret"]), row)[:16], v["seal"])

for v in load("blind.json"):
    parts = [p.encode("utf-8") for p in v["parts"]]
    label = b"livret/label/v1"
    if v["kind"]:
        label, parts = b"livret/claim/v1", [v["kind"].encode("utf-8"), *parts]
    same("blind index", mac(bytes.fromhex(v["secret"]), label, struct.pack(">I", len(parts)), *map(lp32, parts)), v["hash"])

print(f"{checked} values computed as published")
