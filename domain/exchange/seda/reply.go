package seda

import (
	"encoding/hex"
	"io"
	"slices"
	"strings"

	"livret/domain/exchange"
)

// Reply is what the archives answer to a transfer.
type Reply struct {
	To      string   // identifier of the message that they answer
	Code    string   // "OK", "WARNING", or why not
	Digests []string // SHA-256 of the objects that they received, in lower-case hexadecimal
}

// Accepted tells whether they took what was sent in their charge.
func (r Reply) Accepted() bool { return r.Code == "OK" || r.Code == "WARNING" }

// Received tells whether an object of that digest is among those received.
func (r Reply) Received(digest string) bool {
	return slices.Contains(r.Digests, digest)
}

// namespaces is what those of all versions 2 begin with.
const namespaces = "fr:gouv:culture:archivesdefrance:seda:v2."

// ReadReply reads a message ArchiveTransferReply. Another file, and one that does not say what it answers, is an
// *exchange.FileRefused by "accuse-illisible". Digests of another algorithm are left out: they can not be compared.
func ReadReply(r io.Reader) (Reply, error) {
	var reply Reply
	x, err := exchange.Open(r)
	if err != nil {
		return reply, err
	}
	root, err := x.Root()
	if err != nil {
		return reply, err
	}
	if root.Name != "ArchiveTransferReply" || !strings.HasPrefix(root.Space, namespaces) {
		return reply, unreadable(root.Line)
	}
	for e := range x.Children() {
		switch e.Name {
		case "ReplyCode":
			reply.Code, _ = text(x)
		case "MessageRequestIdentifier":
			reply.To, _ = text(x)
		case "DataObjectPackage":
			reply.objects(x)
		}
	}
	if err := x.Close(); err != nil {
		return reply, err
	}
	if reply.To == "" {
		return reply, unreadable(root.Line)
	}
	return reply, nil
}

func text(x *exchange.Reader) (string, bool) {
	s, only := x.Text()
	return strings.TrimSpace(s), only
}

// objects reads digests, in groups or not.
func (r *Reply) objects(x *exchange.Reader) {
	for e := range x.Children() {
		switch e.Name {
		case "DataObjectGroup":
			r.objects(x)
		case "BinaryDataObject":
			for field := range x.Children() {
				algorithm, _ := field.Attr("algorithm")
				if field.Name != "MessageDigest" || algorithm != Algorithm {
					continue
				}
				if digest, only := text(x); only && len(digest) == 64 {
					if _, err := hex.DecodeString(digest); err == nil {
						r.Digests = append(r.Digests, strings.ToLower(digest))
					}
				}
			}
		}
	}
}

func unreadable(line int) error {
	return exchange.Refuse(line, "accuse-illisible", "Ce fichier n’est pas la réponse d’un service d’archives à un transfert (ArchiveTransferReply, SEDA 2).", "Demandez-la au service d’archives.")
}
