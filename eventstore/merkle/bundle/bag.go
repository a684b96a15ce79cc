package bundle

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// Limits of what is read: a bundle comes from an adverse party.
const (
	maxFiles = 4096
	maxBytes = 256 << 20 // of all files together
)

const declaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

// files are those of a bag by name, "data/…" for its payload.
type files map[string][]byte

// write writes a bag: its payload, the manifests, and the signature over the first of them, in the order of names and at
// no date.
func (f files) write(w io.Writer, seal func(manifest []byte) ([]byte, error)) error {
	f["bagit.txt"] = []byte(declaration)
	f["bag-info.txt"] = fmt.Appendf(nil, "Payload-Oxum: %d.%d\n", f.payloadBytes(), len(f.payload()))
	f["manifest-sha256.txt"] = f.manifest(f.payload())
	signature, err := seal(f["manifest-sha256.txt"])
	if err != nil {
		return err
	}
	if signature != nil {
		f[sealFile] = signature
	}
	f["tagmanifest-sha256.txt"] = f.manifest(f.tags())
	z := zip.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(f)) {
		out, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err == nil {
			_, err = out.Write(f[name])
		}
		if err != nil {
			return err
		}
	}
	return z.Close()
}

// tags are the files beside the payload that the second manifest lists.
func (f files) tags() []string {
	tags := []string{"bag-info.txt", "bagit.txt", "manifest-sha256.txt"}
	if _, signed := f[sealFile]; signed {
		tags = append(tags, sealFile)
	}
	return tags
}

func (f files) payload() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(f)), func(name string) bool { return !strings.HasPrefix(name, "data/") })
}

func (f files) payloadBytes() (n int) {
	for _, name := range f.payload() {
		n += len(f[name])
	}
	return n
}

func (f files) manifest(names []string) []byte {
	var b bytes.Buffer
	for _, name := range names {
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(f[name]), name)
	}
	return b.Bytes()
}

// readFiles reads a zip. It fails with ErrMalformed for anything that could be read in two ways, or that asks for
// more than is reasonable.
func readFiles(r io.ReaderAt, size int64) (files, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if len(z.File) > maxFiles {
		return nil, fmt.Errorf("%w: %d files", ErrMalformed, len(z.File))
	}
	all, left := make(files), int64(maxBytes)
	for _, entry := range z.File {
		name := entry.Name
		if _, twice := all[name]; twice || name != path.Clean(name) || path.IsAbs(name) || strings.HasPrefix(name, "..") || strings.ContainsAny(name, "\\\n") {
			return nil, fmt.Errorf("%w: the name of a file", ErrMalformed)
		}
		content, err := entry.Open()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		data, err := io.ReadAll(io.LimitReader(content, left+1))
		content.Close()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		if left -= int64(len(data)); left < 0 {
			return nil, fmt.Errorf("%w: too large", ErrMalformed)
		}
		all[name] = data
	}
	return all, nil
}

// sound tells whether the bag is whole: each file as its manifest says, and none that no manifest lists.
func (f files) sound() bool {
	return string(f["bagit.txt"]) == declaration &&
		bytes.Equal(f["manifest-sha256.txt"], f.manifest(f.payload())) &&
		bytes.Equal(f["tagmanifest-sha256.txt"], f.manifest(f.tags())) &&
		string(f["bag-info.txt"]) == fmt.Sprintf("Payload-Oxum: %d.%d\n", f.payloadBytes(), len(f.payload())) &&
		len(f) == len(f.payload())+len(f.tags())+1
}
