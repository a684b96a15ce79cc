package web

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"livret/cmd/livret/instance"
	"livret/domain"
	"livret/domain/mark"
	"livret/eventstore/ledger"
	"livret/projections/changes"
	"livret/projections/family"
	"livret/projections/jury"
	"livret/projections/statistics"
)

// documents are what an audience is shown of a subject that is present.
var documents = map[string]reflect.Type{
	instance.FamilyAudience:     reflect.TypeFor[family.Livret](),
	instance.JuryAudience:       reflect.TypeFor[jury.Dossier](),
	instance.StatisticsAudience: reflect.TypeFor[statistics.Publication](),
}

// schemas is the registry of all that other software reads: by the rules by which the API describes itself.
func schemas() huma.Registry {
	registry := huma.NewMapRegistry("#/components/schemas/", schemaName)
	registry.RegisterTypeAlias(reflect.TypeFor[mark.Mark](), reflect.TypeFor[markSchema]())
	return registry
}

// asyncAPI describes the feed (AsyncAPI 3.0) and, as schemas, every event of the vocabulary: what a consumer is sent, and
// what an archive or a bundle that is opened holds.
func asyncAPI() ([]byte, error) {
	vocabulary, err := ledger.Vocabulary()
	if err != nil {
		return nil, err
	}
	registry := schemas()
	messages, channels, operations := map[string]any{}, map[string]any{}, map[string]any{}
	all := map[string]any{}
	for _, audience := range instance.Audiences() {
		ofChannel := map[string]any{}
		for _, state := range changes.States() {
			name := "livret." + audience + "." + string(state)
			message := messageID(audience, string(state))
			messages[message] = map[string]any{"name": name, "contentType": "application/cloudevents+json", "payload": ref("schemas", message)}
			ofChannel[message] = ref("messages", message)
			all[message] = envelopeSchema(registry, audience, state)
		}
		channels[audience] = map[string]any{"address": "/feed/" + audience, "messages": ofChannel}
		operations["follow"+title(audience)] = map[string]any{
			"action": "send", "channel": ref("", "channels/"+audience), "security": []any{ref("securitySchemes", "token")},
			"bindings": map[string]any{"http": map[string]any{"method": "GET", "bindingVersion": "0.3.0"}},
		}
	}
	events := map[string]any{}
	for _, kind := range sorted(vocabulary.Kinds()) {
		schema := registry.Schema(reflect.TypeOf(kind.Sample), true, "")
		events[kind.Type] = map[string]any{"schema": kind.Schema, "payload": schema}
	}
	for name, schema := range registry.Map() {
		all[name] = schema
	}
	return json.MarshalIndent(map[string]any{
		"asyncapi": "3.0.0",
		"info": map[string]any{"title": "livret", "version": "1",
			"description": "Ce qui est advenu des livrets, des candidats et des publications. Chaque message est un CloudEvent 1.0 ; il se reprend de « after »."},
		"channels": channels, "operations": operations,
		"components": map[string]any{"schemas": all, "messages": messages,
			"securitySchemes": map[string]any{"token": map[string]any{"type": "http", "scheme": "bearer"}}},
		"x-events": events,
	}, "", " ")
}

// envelopeSchema is that of a CloudEvent of one audience and state, as eventOf makes it.
func envelopeSchema(registry huma.Registry, audience string, state changes.State) map[string]any {
	text := map[string]any{"type": "string"}
	properties := map[string]any{
		"specversion": map[string]any{"const": "1.0"}, "id": text, "subject": text, "after": text,
		"source": map[string]any{"const": "/feed/" + audience}, "type": map[string]any{"const": "livret." + audience + "." + string(state)},
	}
	required := []string{"specversion", "id", "source", "type", "subject", "after"}
	if state == changes.Present {
		properties["datacontenttype"] = map[string]any{"const": "application/json"}
		properties["data"] = registry.Schema(documents[audience], true, "")
		required = append(required, "datacontenttype", "data")
	}
	return map[string]any{"type": "object", "additionalProperties": false, "properties": properties, "required": required}
}

func messageID(audience, state string) string { return "Change" + title(audience) + title(state) }

func title(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

func ref(kind, name string) map[string]any {
	if kind != "" {
		kind = "components/" + kind + "/"
	}
	return map[string]any{"$ref": "#/" + kind + name}
}

func sorted(kinds []domain.Kind) []domain.Kind {
	slices.SortFunc(kinds, func(a, b domain.Kind) int { return strings.Compare(a.Type, b.Type) })
	return kinds
}

// describeFeed serves the description.
func (s *Site) describeFeed(mux *http.ServeMux) error {
	document, err := asyncAPI()
	mux.HandleFunc("GET /asyncapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/vnd.aai.asyncapi+json;version=3.0.0")
		w.Write(document)
	})
	return err
}
