package identity

import (
	"fmt"
	"io"
	"log/slog"
)

// Redacted keeps the values of the type that embeds it out of logs, errors and panics: whatever prints them
// prints "[redacted]". JSON is not concerned, for it is what gets sealed; so a value of this package must not
// be buried in a structure handed to a JSON log.
type Redacted struct{}

const redacted = "[redacted]"

// String is "[redacted]".
func (Redacted) String() string { return redacted }

// Format writes "[redacted]" for every verb, %d and %#v included, which do not ask String.
func (Redacted) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// LogValue is "[redacted]".
func (Redacted) LogValue() slog.Value { return slog.StringValue(redacted) }
