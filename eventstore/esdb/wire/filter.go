package wire

import (
	"regexp"
	"slices"
	"strings"
)

// filter chooses events by the name of their stream or by their type. Links are chosen as such, before they are resolved.
type filter struct {
	byType     bool
	prefixes   []string
	regex      *regexp.Regexp
	checkpoint uint64 // a subscription is told how far it came after so many events, chosen or not
}

// expression is how messages write what to choose.
type expression interface {
	GetRegex() string
	GetPrefix() []string
}

// filterFrom reads a filter. Regular expressions are RE2's: those that need what it has not are refused.
func filterFrom[E interface {
	comparable
	expression
}](byStream, byType E, window, multiplier uint32) (*filter, error) {
	var none E
	f := &filter{byType: byType != none, checkpoint: uint64(max(window, 1)) * uint64(max(multiplier, 1))}
	chosen := byStream
	if f.byType {
		chosen = byType
	}
	if chosen == none {
		return nil, ErrInvalid
	}
	f.prefixes = chosen.GetPrefix()
	if regex := chosen.GetRegex(); regex != "" {
		var err error
		if f.regex, err = regexp.Compile(regex); err != nil || len(f.prefixes) > 0 {
			return nil, ErrInvalid
		}
	} else if len(f.prefixes) == 0 {
		return nil, ErrInvalid
	}
	return f, nil
}

// keeps tells whether a record is chosen. No filter chooses all.
func (f *filter) keeps(r *Record) bool {
	if f == nil {
		return true
	}
	name := r.Stream
	if f.byType {
		name = r.Type
	}
	if f.regex != nil {
		return f.regex.MatchString(name)
	}
	return slices.ContainsFunc(f.prefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}
