package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"sort"

	"github.com/twmb/murmur3"
)

// Feast's ValueType numbers of the join keys that JSON can carry.
const (
	typeString = 2
	typeInt64  = 4
)

// EntityKeys serializes one entity key (Feast's version 3) for each row: the sorted names, then the values in that order.
func EntityKeys(entities map[string][]any) ([][]byte, error) {
	names := make([]string, 0, len(entities))
	for name := range entities {
		names = append(names, name)
	}
	sort.Strings(names)
	prefix := binary.LittleEndian.AppendUint32(nil, uint32(len(names)))
	rows := 0
	for i, name := range names {
		prefix = appendSized(prefix, typeString, []byte(name))
		if i > 0 && len(entities[name]) != rows {
			return nil, fmt.Errorf("all entity rows must have the same columns")
		}
		rows = len(entities[name])
	}
	keys := make([][]byte, rows)
	for row := range keys {
		key := append([]byte(nil), prefix...)
		for _, name := range names {
			var err error
			if key, err = appendValue(key, entities[name][row]); err != nil {
				return nil, fmt.Errorf("join key %s, row %d: %w", name, row, err)
			}
		}
		keys[row] = key
	}
	return keys, nil
}

func appendValue(key []byte, value any) ([]byte, error) {
	switch value := value.(type) {
	case string:
		return appendSized(key, typeString, []byte(value)), nil
	case json.Number:
		integer, err := value.Int64()
		if err != nil {
			return nil, fmt.Errorf("%s is no 64-bit integer", value)
		}
		return appendSized(key, typeInt64, binary.LittleEndian.AppendUint64(nil, uint64(integer))), nil
	}
	return nil, fmt.Errorf("%v is neither a string nor an integer", value)
}

func appendSized(key []byte, valueType uint32, content []byte) []byte {
	key = binary.LittleEndian.AppendUint32(key, valueType)
	key = binary.LittleEndian.AppendUint32(key, uint32(len(content)))
	return append(key, content...)
}

// FieldName is the hash field that Feast keeps a feature under: four bytes, little-endian.
func FieldName(view, feature string) string {
	hash := murmur3.StringSum32(view + ":" + feature)
	return string(binary.LittleEndian.AppendUint32(nil, hash))
}
