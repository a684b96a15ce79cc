package bundle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"livret/eventstore"
)

// Write writes the bundle as a zip.
func (b *Bundle) Write(w io.Writer) error {
	f := make(files)
	dossier, err := json.MarshalIndent(b.Dossier, "", " ")
	if err != nil {
		return err
	}
	f[dossierFile] = append(dossier, '\n')
	for stream, events := range b.Events {
		var lines bytes.Buffer
		for _, event := range events {
			line, err := json.Marshal(event)
			if err != nil {
				return err
			}
			lines.Write(append(line, '\n'))
		}
		f[eventsDir+string(stream)+".jsonl"] = lines.Bytes()
	}
	for size, signed := range b.Checkpoints {
		f[fmt.Sprintf("%s%d.note", checkpointsDir, size)] = signed
	}
	for size, token := range b.Stamps {
		f[fmt.Sprintf("%s%d.tst", stampsDir, size)] = token
	}
	f[policyFile] = b.Policy
	if b.Roots != nil {
		f[rootsFile] = b.Roots
	}
	for name, data := range b.Others {
		if _, twice := f["data/"+name]; twice {
			return fmt.Errorf("bundle: %s stands twice", name)
		}
		f["data/"+name] = data
	}
	return f.write(w, b.seal)
}

// Read reads a bundle. It fails with ErrMalformed; whether what it says holds is for Verify. Sound is false if the bag's
// manifests are not those of its files.
func Read(r io.ReaderAt, size int64) (b *Bundle, sound bool, err error) {
	f, err := readFiles(r, size)
	if err != nil {
		return nil, false, err
	}
	b = &Bundle{
		Events: make(map[eventstore.StreamID][]Proven), Checkpoints: make(map[int64][]byte), Stamps: make(map[int64][]byte),
		Policy: f[policyFile], Roots: f[rootsFile], Others: make(map[string][]byte), Seal: f[sealFile], manifest: f["manifest-sha256.txt"],
	}
	if err := strictly(f[dossierFile], &b.Dossier); err != nil || b.Dossier.Format != Format {
		return nil, false, fmt.Errorf("%w: its dossier", ErrMalformed)
	}
	for name, data := range f {
		if err := b.take(name, data); err != nil {
			return nil, false, err
		}
	}
	return b, f.sound(), nil
}

// take takes in one file.
func (b *Bundle) take(name string, data []byte) error {
	if stream, ok := between(name, eventsDir, ".jsonl"); ok {
		for line := range bytes.Lines(data) {
			var p Proven
			if err := strictly(line, &p); err != nil {
				return fmt.Errorf("%w: a line of %s", ErrMalformed, name)
			}
			b.Events[eventstore.StreamID(stream)] = append(b.Events[eventstore.StreamID(stream)], p)
		}
		return nil
	}
	for into, shape := range map[*map[int64][]byte][2]string{&b.Checkpoints: {checkpointsDir, ".note"}, &b.Stamps: {stampsDir, ".tst"}} {
		if text, ok := between(name, shape[0], shape[1]); ok {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil || strconv.FormatInt(n, 10) != text {
				return fmt.Errorf("%w: the name of %s", ErrMalformed, name)
			}
			(*into)[n] = data
			return nil
		}
	}
	if other, ok := strings.CutPrefix(name, "data/"); ok && name != dossierFile && name != policyFile && name != rootsFile {
		b.Others[other] = data
	}
	return nil
}

func between(name, prefix, suffix string) (string, bool) {
	rest, ok := strings.CutPrefix(name, prefix)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(rest, suffix)
}

// strictly reads one JSON value: an unknown field would be something that one reader sees and another does not.
func strictly(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return ErrMalformed
	}
	return nil
}
