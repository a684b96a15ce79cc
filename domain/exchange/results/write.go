package results

import (
	"encoding/csv"
	"io"
)

// Write writes a file that Read reads: UTF-8, semicolons, one header line.
func Write(w io.Writer, lines []Line) error {
	table := csv.NewWriter(w)
	table.Comma = ';'
	if err := table.Write(columns[:]); err != nil {
		return err
	}
	for _, l := range lines {
		if err := table.Write([]string{l.Number, string(l.Group), string(l.Result), string(l.Mention), string(l.Orientation)}); err != nil {
			return err
		}
	}
	table.Flush()
	return table.Error()
}
