package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sort"
	"strings"
	"sync"
)

// Request is the body of POST /get-online-features, as Feast's clients send it.
type Request struct {
	Features         []string         `json:"features"`
	FeatureService   string           `json:"feature_service"`
	Entities         map[string][]any `json:"entities"`
	FullFeatureNames bool             `json:"full_feature_names"`
}

// Column is one join key or feature of the answer, for all rows.
type Column struct {
	Values          []any    `json:"values"`
	Statuses        []string `json:"statuses"`
	EventTimestamps []string `json:"event_timestamps,omitempty"`
}

// Answer is column-major: results[i] belongs to metadata.feature_names[i].
type Answer struct {
	Results  []Column `json:"results"`
	Metadata struct {
		FeatureNames []string `json:"feature_names"`
	} `json:"metadata"`
}

// ViewFeatures are the features asked of one view, and the hash fields that hold them, the timestamp's last.
type ViewFeatures struct {
	Name     string
	Features []string
	Fields   []string
}

// fieldNames remembers hashes: a server is asked for the same few hundred features all day. Bounded, since names come from clients.
var fieldNames = struct {
	sync.RWMutex
	byFeature map[string]string
}{byFeature: map[string]string{}}

const mostFieldNames = 100_000

func fieldName(view, feature string) string {
	name := view + ":" + feature
	fieldNames.RLock()
	field, ok := fieldNames.byFeature[name]
	fieldNames.RUnlock()
	if ok {
		return field
	}
	field = FieldName(view, feature)
	fieldNames.Lock()
	defer fieldNames.Unlock()
	if len(fieldNames.byFeature) < mostFieldNames {
		fieldNames.byFeature[name] = field
	}
	return field
}

// GroupByView splits "view:feature" references, views in the order of their first mention.
func GroupByView(references []string) ([]ViewFeatures, error) {
	var views []ViewFeatures
	index := map[string]int{}
	for _, reference := range references {
		view, feature, ok := strings.Cut(reference, ":")
		if !ok || view == "" || feature == "" {
			return nil, fmt.Errorf("feature reference %q is not of the form view:feature", reference)
		}
		at, known := index[view]
		if !known {
			at = len(views)
			index[view] = at
			views = append(views, ViewFeatures{Name: view})
		}
		views[at].Features = append(views[at].Features, feature)
		views[at].Fields = append(views[at].Fields, fieldName(view, feature))
	}
	for i := range views {
		views[i].Fields = append(views[i].Fields, "_ts:"+views[i].Name)
	}
	return views, nil
}

// ParseRequest reads and checks a body; numbers stay exact.
func ParseRequest(body []byte) (Request, error) {
	var request Request
	decoder := json.NewDecoder(strings.NewReader(string(body)))
	decoder.UseNumber()
	if err := decoder.Decode(&request); err != nil {
		return request, fmt.Errorf("the body is not a feature request: %w", err)
	}
	if request.Entities == nil {
		return request, fmt.Errorf("the body has no entities")
	}
	return request, nil
}

// BuildAnswer joins the rows: entities that are not in the store are PRESENT and null, as Feast answers them on Redis.
func BuildAnswer(request Request, views []ViewFeatures, found []ViewRows) (*Answer, error) {
	answer := &Answer{}
	joinKeys := make([]string, 0, len(request.Entities))
	for name := range request.Entities {
		joinKeys = append(joinKeys, name)
	}
	sort.Strings(joinKeys)
	for _, name := range joinKeys {
		values := request.Entities[name]
		answer.add(name, Column{values, repeat("PRESENT", len(values)), repeat(epoch, len(values))})
	}
	for i, view := range views {
		times := make([]string, len(found[i]))
		for row, cells := range found[i] {
			times[row] = epoch
			if stored, ok := cells[len(cells)-1].(string); ok {
				times[row] = DecodeTimestamp(stored)
			}
		}
		for j, feature := range view.Features {
			values := make([]any, len(found[i]))
			for row, cells := range found[i] {
				stored, _ := cells[j].(string)
				value, err := DecodeValue(stored)
				if err != nil {
					return nil, fmt.Errorf("%s:%s: %w", view.Name, feature, err)
				}
				values[row] = value
			}
			name := feature
			if request.FullFeatureNames {
				name = view.Name + "__" + feature
			}
			answer.add(name, Column{values, repeat("PRESENT", len(values)), times})
		}
	}
	return answer, nil
}

func (a *Answer) add(name string, column Column) {
	a.Metadata.FeatureNames = append(a.Metadata.FeatureNames, name)
	a.Results = append(a.Results, column)
}

func repeat(text string, count int) []string {
	texts := make([]string, count)
	for i := range texts {
		texts[i] = text
	}
	return texts
}

// Detail writes an error as Feast's clients expect one: JSON with a detail.
func Detail(status int, message string) (int, []byte) {
	body, _ := json.Marshal(map[string]string{"detail": message})
	return status, body
}

// Unsupported says what this example leaves out.
func Unsupported(request Request) (int, []byte) {
	if request.FeatureService != "" {
		return Detail(http.StatusNotFound, fmt.Sprintf("feature service %s is not known: this server reads no registry; name the features", request.FeatureService))
	}
	if len(request.Features) == 0 {
		return Detail(http.StatusUnprocessableEntity, "no features are named")
	}
	return 0, nil
}
