package web

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// operationEntry is one operation of the API on its page, which needs no script and no other site.
type operationEntry struct {
	Method, Path, Summary string
	Parameters            []parameterEntry
	Statuses              []string
}

type parameterEntry struct{ Name, Where, Doc string }

// describe lists the operations, in the order of their paths.
func describe(o *huma.OpenAPI) []operationEntry {
	var all []operationEntry
	for path, item := range o.Paths {
		for method, op := range map[string]*huma.Operation{"GET": item.Get, "PUT": item.Put} {
			if op == nil {
				continue
			}
			e := operationEntry{Method: method, Path: path, Summary: op.Summary, Statuses: slices.Sorted(maps.Keys(op.Responses))}
			for _, p := range op.Parameters {
				e.Parameters = append(e.Parameters, parameterEntry{p.Name, where(p.In), p.Description})
			}
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b operationEntry) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
	})
	return all
}

func where(in string) string {
	switch in {
	case "path":
		return "adresse"
	case "header":
		return "en-tête"
	}
	return in
}
