"""Checks the published vectors with Python's standard library, and openssl for Ed25519: a second implementation
of docs/format.md, from its text. AES-GCM is not in that library, so what is sealed is only measured and hashed.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import struct
import subprocess
import tempfile
import uuid
import zipfile

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



def need(what, holds):
    global checked
    checked += 1
    if not holds:
        raise SystemExit(what + ": not so")


def root_of(hashes):
    """RFC 6962, 2.1, word for word."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256()
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return sha256(b"\x01", root_of(hashes[:k]), root_of(hashes[k:]))


def included(index, size, leaf, proof):
    """RFC 9162, 2.1.3.2: the root that a proof leads to."""
    at, last, h = index, size - 1, leaf
    for p in proof:
        if last == 0:
            return None
        if at & 1 or at == last:
            h = sha256(b"\x01", p, h)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            h = sha256(b"\x01", h, p)
        at, last = at >> 1, last >> 1
    return h if last == 0 else None


def consistent(first, second, one, two, proof):
    """RFC 9162, 2.1.4.2: whether the tree of one root begins with that of another."""
    if first == second:
        return one == two and not proof
    if first & (first - 1) == 0:
        proof = [one, *proof]
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    a = b = proof[0]
    for p in proof[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            a, b = sha256(b"\x01", p, a), sha256(b"\x01", p, b)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            b = sha256(b"\x01", b, p)
        at, last = at >> 1, last >> 1
    return last == 0 and (a, b) == (one, two)


def signed(note, key):
    """C2SP signed-note: whether the key signed the text."""
    name, tag, encoded = key.split("+", 2)
    public = base64.b64decode(encoded)
    text, _, signatures = note.partition("\n\n")
    text += "\n"
    if public[:1] != b"\x01" or sha256(name.encode(), b"\n", public)[:4].hex() != tag:
        return False
    for line in signatures.splitlines():
        mark, signer, signature = line.split(" ")
        raw = base64.b64decode(signature)
        if mark == "\u2014" and signer == name and raw[:4].hex() == tag:
            with tempfile.TemporaryDirectory() as folder:
                at = pathlib.Path(folder)
                (at / "key").write_bytes(bytes.fromhex("302a300506032b6570032100") + public[1:])
                (at / "text").write_bytes(text.encode())
                (at / "signature").write_bytes(raw[4:])
                return subprocess.run(
                    ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", at / "key", "-rawin", "-in", at / "text",
                     "-sigfile", at / "signature"], capture_output=True).returncode == 0
    return False


for v in load("tree.json"):
    hashes = [sha256(b"\x00", bytes.fromhex(leaf)) for leaf in v["leaves"]]
    for n, h in enumerate(hashes):
        same(f"hash of leaf {n}", h, v["hashes"][n])
    roots = [root_of(hashes[:n]) for n in range(len(hashes) + 1)]
    for n, root in enumerate(roots):
        same(f"root of {n} leaves", root, v["roots"][n])
    for p in v["inclusion"]:
        proof = [bytes.fromhex(h) for h in p["proof"]]
        same(f"leaf {p['index']} of {p['size']}", included(p["index"], p["size"], hashes[p["index"]], proof), v["roots"][p["size"]])
    for p in v["consistency"]:
        proof = [bytes.fromhex(h) for h in p["proof"]]
        need(f"from {p['from']} to {p['size']}", consistent(p["from"], p["size"], roots[p["from"]], roots[p["size"]], proof))
    lines = v["checkpoint"].split("\n")
    need("text of a checkpoint", lines[0] == "livret/" + v["ledger"] and lines[1] == str(len(hashes)) and base64.b64decode(lines[2]) == roots[-1])
    need("signature of a checkpoint", signed(v["checkpoint"], v["key"]))
    need("signature of another checkpoint", not signed(v["checkpoint"].replace("time 2", "time 3"), v["key"]))

with zipfile.ZipFile(HERE / "bundle.zip") as archive:
    files = {name: archive.read(name) for name in archive.namelist()}
key = (HERE / "bundle-policy.txt").read_text().split()[1]
dossier = json.loads(files["data/dossier.json"])
note = files[f"data/checkpoints/{dossier['size']}.note"].decode()
need("signature of the archive's checkpoint", signed(note, key))
root = base64.b64decode(note.split("\n")[2])
for line in files["manifest-sha256.txt"].decode().splitlines():
    digest, name = line.split("  ", 1)
    same(name, sha256(files[name]), digest)
for link in dossier["consistency"]:
    older = files[f"data/checkpoints/{link['from']}.note"].decode()
    need("signature of an older checkpoint", signed(older, key))
    need("continued", consistent(link["from"], dossier["size"], base64.b64decode(older.split("\n")[2]), root, [base64.b64decode(h) for h in link["proof"]]))
for scope in dossier["streams"]:
    facts = [json.loads(line) for line in files[f"data/faits/{scope['stream']}.jsonl"].splitlines()]
    need(scope["stream"] + " is whole", len(facts) == scope["last"])
    for f in facts:
        leaf, opening = base64.b64decode(f["leaf"]), base64.b64decode(f["opening"])
        same("commitment", sha256(b"livret/commit/v1", lp32(leaf[:-64]), lp32(opening[:32]), lp32(opening[32:])), leaf[-64:-32].hex())
        same("place", included(f["index"], dossier["size"], sha256(b"\x00", leaf), [base64.b64decode(h) for h in f["proof"]]), root.hex())

print(f"{checked} values computed as published")
