#!/usr/bin/env python3
"""Second verifier of a livret archive: python3's standard library and openssl, written from docs/format.md alone.
usage: verifier.py ARCHIVE [POLICY [ROOTS.pem]]     exit: 0 VALID, 1 INVALID, 2 INDETERMINATE (no policy, or no root, of yours)"""
import base64, hashlib, hmac, json, re, struct, subprocess, sys, tempfile, zipfile
def sha(*parts): return hashlib.sha256(b"".join(parts)).digest()
node, lp32 = lambda left, right: sha(b"\1", left, right), lambda b: struct.pack(">I", len(b)) + b
def need(holds, said):
    if not holds: raise SystemExit((print("INVALID:", said), 1)[1])
def half(size): return 1 << ((size - 1).bit_length() - 1)                   # RFC 6962, 2.1: where a tree is cut
def root_from(n, size, leaf, proof):                                       # RFC 6962, 2.1.1
    if size == 1: return None if proof else leaf
    need(proof, "an inclusion proof is too short"); k = half(size)
    if n < k: return node(root_from(n, k, leaf, proof[:-1]) or b"", proof[-1])
    return node(proof[-1], root_from(n - k, size - k, leaf, proof[:-1]) or b"")
def roots_from(m, n, older, proof, whole=True):                            # RFC 6962, 2.1.2: of both trees
    if m == n: return (older, older) if whole and not proof else (proof[0], proof[0]) if len(proof) == 1 and not whole else (b"", b"")
    need(proof and 0 < m < n, "a consistency proof is too short"); k, last = half(n), proof[-1]
    if m <= k: a, b = roots_from(m, k, older, proof[:-1], whole); return a, node(b, last)
    a, b = roots_from(m - k, n - k, older, proof[:-1], False); return node(last, a), node(last, b)
def ed25519(public, message, signature):
    with tempfile.NamedTemporaryFile() as k, tempfile.NamedTemporaryFile() as m, tempfile.NamedTemporaryFile() as s:
        for f, b in ((k, bytes.fromhex("302a300506032b6570032100") + public), (m, message), (s, signature)): f.write(b); f.flush()
        return subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", k.name, "-rawin", "-in", m.name, "-sigfile", s.name], capture_output=True).returncode == 0
def signed(note, keys):                                                    # C2SP signed-note: the lines of its text
    text, _, signatures = note.decode().partition("\n\n"); text += "\n"
    for name, public, tag in keys:
        for m in (re.fullmatch("— (\\S+) (\\S+)", line) for line in signatures.splitlines()):
            if m and m[1] == name and (raw := base64.b64decode(m[2]))[:4] == tag and ed25519(public, text.encode(), raw[4:]): return text.split("\n")
    need(False, "not signed by the ledger's key")
def checkpoint(note, keys, origin):                                        # C2SP tlog-checkpoint
    lines = signed(note, keys); need(len(lines) == 5 and lines[0] == origin, "checkpoint of another ledger"); return int(lines[1]), base64.b64decode(lines[2])
def parse(leaf):                                                           # docs/format.md, "Header"
    at, out = 17, []
    for kind in "s8s":
        n = struct.unpack(">H", leaf[at:at + 2])[0] if kind == "s" else 8
        at += 2 if kind == "s" else 0
        out.append(leaf[at:at + n].decode() if kind == "s" else struct.unpack(">Q", leaf[at:at + 8])[0]); at += n
    need(len(leaf) == at + 2 + 16 + 16 + 8 + 64 and leaf[0] == 1, "leaf of another form")
    return leaf[1:17], out[0], out[1], out[2]
sys.excepthook = lambda kind, *_: print("INVALID: malformed archive:", kind.__name__)  # and exit 1
archive = zipfile.ZipFile(sys.argv[1]); names = archive.namelist()
need(len(set(names)) == len(names), "a file stands twice"); files = {n: archive.read(n) for n in names}
for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
    listed = dict(reversed(l.split("  ", 1)) for l in files[manifest].decode().splitlines())
    need(all(sha(files.get(n, b"")).hex() == h for n, h in listed.items()), "manifest")
    need(set(listed) == {n for n in names if n.startswith("data/") == (manifest[0] == "m") and n != "tagmanifest-sha256.txt"}, "a file that no manifest lists")
d = json.loads(files["data/dossier.json"])
policy = open(sys.argv[2]).read() if len(sys.argv) > 2 else files["data/politique.txt"].decode(); keys = []
for name, tag, key in re.findall(r"^log (\S+?)\+([0-9a-f]{8})\+(\S+)", policy, re.M):
    raw = base64.b64decode(key); need(raw[0] == 1, "key of another kind"); keys.append((name, raw[1:], bytes.fromhex(tag)))
origin, ledger = "livret/" + d["ledger"], bytes.fromhex(d["ledger"].replace("-", ""))
size, root = checkpoint(files[f"data/checkpoints/{d['size']}.note"], keys, origin); need(size == d["size"], "checkpoint of another size")
if seal := files.get("signature.note"): need(signed(seal, keys) == [origin + "/archive", base64.b64encode(sha(files["manifest-sha256.txt"])).decode(), ""], "the archive is not the one that the ledger signed")
links = {l["from"]: [base64.b64decode(h) for h in l["proof"]] for l in d.get("consistency") or []}
for n in names:
    if (m := re.fullmatch(r"data/checkpoints/(\d+)\.note", n)) and int(m[1]) != size:
        older, r = checkpoint(files[n], keys, origin)
        need(older == int(m[1]) and roots_from(older, size, r, links.get(older, [])) == (r, root), "the ledger forked")
said, opened, unsure = {s["stream"]: s for s in d["streams"]}, {}, "" if seal else "the archive as a whole is not signed"
gone, seen, stamps = d.get("destroyed") or [], [(v["event"]["stream"], v["event"]["sequence"]) for v in d.get("views") or []], [n for n in names if n.endswith(".tst")]
need({n[11:-6] for n in names if n.startswith("data/faits/")} == set(said), "streams that are not said, or said and not there")
for stream, scope in said.items():
    for i, line in enumerate(files[f"data/faits/{stream}.jsonl"].splitlines(), 1):
        e = json.loads(line); leaf = base64.b64decode(e["leaf"]); of, s, seq, kind = parse(leaf)
        need((of, s, seq) == (ledger, stream, i) and type(e["index"]) is int and e["index"] < size and (i == 1 or last < e["index"]), f"{stream}: event {i} is missing or elsewhere"); last = e["index"]
        need(root_from(e["index"], size, sha(b"\0", leaf), [base64.b64decode(h) for h in e["proof"]]) == root, f"{stream}: event {i} is not in the tree")
        if e.get("opening") is not None:
            o = base64.b64decode(e["opening"])
            need(sha(b"livret/commit/v1", lp32(leaf[:-64]), lp32(o[:32]), lp32(o[32:])) == leaf[-64:-32], f"{stream}: event {i} was changed")
            at = 34 + struct.unpack(">H", o[32:34])[0] + 40; n = struct.unpack(">I", o[at:at + 4])[0]
            opened[stream, i] = kind, json.loads(o[at + 4:at + 4 + n])
        elif stream[:9] != "identity-" and stream not in gone: unsure = "a content that is neither of identity nor destroyed is withheld"
    need(0 < len(files[f"data/faits/{stream}.jsonl"].splitlines()) == scope["last"], f"{stream}: incomplete")
def livret(candidate): k, p = opened.get((candidate, 1), ("", {})); return "record-" + p["livret"] if k == "candidate.CandidateRegistered" else ""
for stream, scope in said.items():
    need(stream[:10] != "candidate-" or livret(stream) in said, f"{stream}: the candidate of another livret")
    if c := scope.get("closing"):
        k, p = opened.get((c["stream"], c["sequence"]), ("", {})); need(k in ("candidate.LivretExamined", "candidate.LivretTransmitted") and livret(c["stream"]) == stream and 0 < p["recordVersion"] <= scope["last"], f"{stream}: closed by nothing")
    elif stream[:7] == "record-" and stream not in gone: unsure = "no act closes the livret"
if set({(s, p["deliberation"], p["group"]): (s, i) for (s, i), (k, p) in sorted(opened.items()) if k == "candidate.LivretExamined"}.values()) - set(seen): unsure = "an examination without its dossier"
for stream in gone:
    need(not any(s == stream for s, _ in opened), f"{stream}: said destroyed, and shown")
    if not any(k == "retention.KeysDestroyed" and s == "retention-" + stream.partition("-")[2] and any(x["class"] == stream.split("-")[0] for x in p["keys"]) for (s, _), (k, p) in opened.items()): unsure = f"{stream}: destroyed by nobody"
for v in d.get("views") or []:
    kind, p = opened.get((v["event"]["stream"], v["event"]["sequence"]), ("", {}))
    need(kind == "candidate.LivretExamined" and p["projection"] == v["projection"], f"{v['what']}: not an examination")
    need(hmac.new(base64.b64decode(p["salt"]), files.get("data/" + v["file"], b""), "sha256").digest() == base64.b64decode(p["viewHash"]), f"{v['what']}: not what the jury saw")
    visas = [q for (s, i), (k, q) in sorted(opened.items()) if k == "candidate.PresidentVisaGiven" and s == v["event"]["stream"] and q["group"] == p["group"] and q["deliberation"] == p["deliberation"] and i > v["event"]["sequence"]]
    need(not visas or visas[0]["viewHash"] == p["viewHash"] and visas[0]["recordVersion"] == p["recordVersion"], f"{v['what']}: a visa for something else")
    if not visas: unsure = "no visa of the president"
if len(sys.argv) < 3 or stamps and len(sys.argv) < 4: unsure = "keys that nobody but the archive vouches for"
elif len(sys.argv) > 3 and not stamps or not re.search(r"^quorum\s+none\b", policy, re.M): unsure = "you ask for a timestamp that is not there, or for witnesses, at whom this verifier does not look"
if unsure: print("INDETERMINATE:", unsure); sys.exit(2)
for n in stamps:
    text, _, signatures = files[n.replace("horodatage", "checkpoints").replace(".tst", ".note")].decode().partition("\n\n"); bare = text + "\n\n" + "".join(l + "\n" for l in signatures.split("\n") if l.startswith(f"— {origin} "))   # without cosignatures
    with tempfile.NamedTemporaryFile() as t, tempfile.NamedTemporaryFile() as c:
        for f, b in ((t, files[n]), (c, bare.encode())): f.write(b); f.flush()
        need(subprocess.run(["openssl", "ts", "-verify", "-data", c.name, "-in", t.name, "-token_in", "-CAfile", sys.argv[3]], capture_output=True).returncode == 0, "timestamp")
print(f"VALID: {len(opened)} events opened, under a checkpoint of {size}")
