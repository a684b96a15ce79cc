package mark

import (
	"errors"
	"strconv"
)

// ErrJSON says that bytes are not the JSON of a mark. It does not quote them.
var ErrJSON = errors.New("mark: neither hundredths of a point out of 20 nor a state")

// AppendJSON appends the mark as it is kept: an integer of hundredths, or one of the strings "not-marked",
// "absent" and "dispensed".
func (m Mark) AppendJSON(b []byte) []byte {
	switch m.v {
	case 0:
		return append(b, `"not-marked"`...)
	case absent:
		return append(b, `"absent"`...)
	case dispensed:
		return append(b, `"dispensed"`...)
	}
	return strconv.AppendInt(b, int64(m.v)-1, 10)
}

// ReadJSON reads what AppendJSON writes and nothing else: null, 12.5, 1e3 and 2001 are ErrJSON.
func ReadJSON(data []byte) (Mark, error) {
	switch string(data) {
	case `"not-marked"`:
		return Mark{}, nil
	case `"absent"`:
		return Mark{absent}, nil
	case `"dispensed"`:
		return Mark{dispensed}, nil
	}
	if len(data) == 0 || len(data) > 4 || data[0] == '0' && len(data) > 1 {
		return Mark{}, ErrJSON
	}
	h := 0
	for _, c := range data {
		if c < '0' || c > '9' {
			return Mark{}, ErrJSON
		}
		h = h*10 + int(c-'0')
	}
	if h > Max {
		return Mark{}, ErrJSON
	}
	return Mark{int16(h) + 1}, nil
}

// MarshalJSON is AppendJSON.
func (m Mark) MarshalJSON() ([]byte, error) { return m.AppendJSON(make([]byte, 0, 12)), nil }

// UnmarshalJSON is ReadJSON.
func (m *Mark) UnmarshalJSON(data []byte) (err error) {
	*m, err = ReadJSON(data)
	return err
}
