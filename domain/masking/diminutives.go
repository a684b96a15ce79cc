package masking

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed diminutives.txt
var diminutivesText string

// diminutives maps a folded first name to its usual short forms. It is read once and never changes.
var diminutives = sync.OnceValue(func() map[string][]string {
	all := make(map[string][]string)
	for line := range strings.Lines(diminutivesText) {
		if names := strings.Fields(line); len(names) > 1 && names[0] != "#" {
			all[names[0]] = append(all[names[0]], names[1:]...)
		}
	}
	return all
})
