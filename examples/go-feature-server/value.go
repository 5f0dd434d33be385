package main

import (
	"fmt"
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// DecodeValue turns a serialized feast.types.Value into what encoding/json writes; field numbers as in Feast's Value.proto.
// NaN and infinities become nil, since JSON has no such numbers.
func DecodeValue(stored string) (any, error) {
	if stored == "" {
		return nil, nil
	}
	number, kind, size := protowire.ConsumeTag([]byte(stored))
	if size < 0 {
		return nil, fmt.Errorf("a stored value is no protobuf message: %w", protowire.ParseError(size))
	}
	rest := []byte(stored)[size:]
	if number >= 11 && number <= 18 {
		content, size := protowire.ConsumeBytes(rest)
		if size < 0 {
			return nil, protowire.ParseError(size)
		}
		return decodeList(content, number-10)
	}
	value, size := decodeScalar(rest, number, kind)
	if size < 0 {
		return nil, fmt.Errorf("a stored value of type number %d cannot be read: %w", number, protowire.ParseError(size))
	}
	return value, nil
}

// decodeScalar reads one element; 1 bytes, 2 string, 3 int32, 4 int64, 5 double, 6 float, 7 bool, 8 unix timestamp.
func decodeScalar(rest []byte, number protowire.Number, kind protowire.Type) (any, int) {
	switch {
	case number == 1:
		value, size := protowire.ConsumeBytes(rest)
		return value, size
	case number == 2:
		value, size := protowire.ConsumeString(rest)
		return value, size
	case number == 3 || number == 4 || number == 8:
		value, size := protowire.ConsumeVarint(rest)
		return int64(value), size
	case number == 5:
		value, size := protowire.ConsumeFixed64(rest)
		return finite(math.Float64frombits(value)), size
	case number == 6:
		value, size := protowire.ConsumeFixed32(rest)
		return finite(float64(math.Float32frombits(value))), size
	case number == 7:
		value, size := protowire.ConsumeVarint(rest)
		return value != 0, size
	}
	return nil, protowire.ConsumeFieldValue(number, kind, rest)
}

func finite(value float64) any {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return nil
	}
	return value
}

func decodeList(content []byte, element protowire.Number) (any, error) {
	values := []any{}
	for len(content) > 0 {
		_, kind, size := protowire.ConsumeTag(content)
		if size < 0 {
			return nil, protowire.ParseError(size)
		}
		content = content[size:]
		items := content
		if packed := kind == protowire.BytesType && element > 2; packed {
			if items, size = protowire.ConsumeBytes(content); size < 0 {
				return nil, protowire.ParseError(size)
			}
			content = content[size:]
			for len(items) > 0 {
				value, size := decodeScalar(items, element, kind)
				if size < 0 {
					return nil, protowire.ParseError(size)
				}
				values = append(values, value)
				items = items[size:]
			}
			continue
		}
		value, size := decodeScalar(content, element, kind)
		if size < 0 {
			return nil, protowire.ParseError(size)
		}
		values = append(values, value)
		content = content[size:]
	}
	return values, nil
}

const epoch = "1970-01-01T00:00:00Z"

// DecodeTimestamp turns a serialized google.protobuf.Timestamp into RFC 3339; the epoch when there is none.
func DecodeTimestamp(stored string) string {
	var seconds, nanos uint64
	for rest := []byte(stored); len(rest) > 0; {
		number, _, size := protowire.ConsumeTag(rest)
		if size < 0 {
			return epoch
		}
		value, valueSize := protowire.ConsumeVarint(rest[size:])
		if valueSize < 0 {
			return epoch
		}
		if number == 1 {
			seconds = value
		} else {
			nanos = value
		}
		rest = rest[size+valueSize:]
	}
	return time.Unix(int64(seconds), int64(nanos)).UTC().Format(layoutFor(nanos))
}

// layoutFor shows 0, 3, 6 or 9 fraction digits, as protobuf's JSON does.
func layoutFor(nanos uint64) string {
	switch {
	case nanos == 0:
		return "2006-01-02T15:04:05Z"
	case nanos%1e6 == 0:
		return "2006-01-02T15:04:05.000Z"
	case nanos%1e3 == 0:
		return "2006-01-02T15:04:05.000000Z"
	}
	return "2006-01-02T15:04:05.000000000Z"
}
