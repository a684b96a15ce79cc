package exchange

import "io"

// source feeds the decoder byte by byte and stops it when a token or a block is too long. Its precision is
// that of its buffer.
type source struct {
	r            io.Reader
	buffer       []byte
	at, end      int
	before       int64 // bytes in the buffers before this one
	token, block int64 // offsets that are too far; 0: none
	err          error
}

func (s *source) offset() int64 { return s.before + int64(s.at) }

// ReadByte is what the decoder reads by.
func (s *source) ReadByte() (byte, error) {
	if s.at == s.end {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	b := s.buffer[s.at]
	s.at++
	return b, nil
}

// Read is there because the decoder asks for an io.Reader.
func (s *source) Read(p []byte) (int, error) {
	if s.at == s.end {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.buffer[s.at:s.end])
	s.at += n
	return n, nil
}

func (s *source) fill() error {
	if s.err != nil {
		return s.err
	}
	s.before += int64(s.end)
	s.at, s.end = 0, 0
	if s.token > 0 && s.before > s.token || s.block > 0 && s.before > s.block {
		s.err = refuseLong(0)
		return s.err
	}
	for range 100 {
		n, err := s.r.Read(s.buffer)
		s.end, s.err = n, err
		if n > 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
	s.err = io.ErrNoProgress
	return s.err
}
