package projections

import "encoding/binary"

// JoinLabels is the labels of a row in one value, each preceded by its length: what a store keeps beside the row, so that
// it knows which labels a new version of the row no longer has.
func JoinLabels(labels [][]byte) []byte {
	joined := []byte{}
	for _, label := range labels {
		joined = append(binary.AppendUvarint(joined, uint64(len(label))), label...)
	}
	return joined
}

// CutLabels takes apart what JoinLabels made.
func CutLabels(joined []byte) [][]byte {
	var labels [][]byte
	for len(joined) > 0 {
		n, used := binary.Uvarint(joined)
		if used <= 0 || n > uint64(len(joined)-used) {
			return labels
		}
		labels = append(labels, joined[used:used+int(n)])
		joined = joined[used+int(n):]
	}
	return labels
}
