package main

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"reflect"
	"testing"
)

// Bytes that a real Feast 0.66 wrote to Redis; source and licence: test/fixtures/feast/README.md of this repository.
type recording struct {
	Ops []struct {
		Op     string
		KeyHex string            `json:"key_hex"`
		Fields []json.RawMessage `json:"fields"`
	}
	FieldHashHex map[string]string `json:"field_hash_hex"`
}

func readRecording(t *testing.T) recording {
	t.Helper()
	content, err := os.ReadFile("../../test/fixtures/feast/redis.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded recording
	if err := json.Unmarshal(content, &recorded); err != nil {
		t.Fatal(err)
	}
	return recorded
}

func TestEntityKeysAreThoseThatFeastWrote(t *testing.T) {
	recorded := readRecording(t)
	for _, row := range []struct {
		entities string
		key      string
	}{
		{`{"driver_id": [1001]}`, recorded.Ops[0].KeyHex},
		{`{"driver_id": [1001], "customer_id": ["c1"]}`, recorded.Ops[3].KeyHex},
	} {
		request, err := ParseRequest([]byte(`{"features": [], "entities": ` + row.entities + `}`))
		if err != nil {
			t.Fatal(err)
		}
		keys, err := EntityKeys(request.Entities)
		if err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(append(keys[0], "golden"...)); got != row.key {
			t.Errorf("%s: key %s, Feast wrote %s", row.entities, got, row.key)
		}
	}
}

func TestFieldNamesAreThoseThatFeastWrote(t *testing.T) {
	for feature, hash := range readRecording(t).FieldHashHex {
		view := "driver_hourly_stats"
		if feature == "cust_driver:trips" {
			view, feature = "cust_driver", "trips"
		}
		if got := hex.EncodeToString([]byte(FieldName(view, feature))); got != hash {
			t.Errorf("%s:%s is field %s, Feast wrote %s", view, feature, got, hash)
		}
	}
}

func TestValues(t *testing.T) {
	for _, row := range []struct {
		stored string
		want   any
	}{
		{"", nil},
		{"350000003f", 0.5},
		{"299a9999999999b93f", 0.1},
		{"2064", int64(100)},
		{"20ffffffffffffffff7f", int64(9223372036854775807)},
		{"18ffffffffffffffffff01", int64(-1)},
		{"120161", "a"},
		{"3801", true},
		{"0a0201ff", []byte{1, 255}},
		{"82010a0a080000803f00000040", []any{1.0, 2.0}},
		{"6206" + "0a01610a0162", []any{"a", "b"}},
		{"350000c07f", nil}, // NaN
	} {
		stored, err := hex.DecodeString(row.stored)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeValue(string(stored))
		if err != nil || !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: %#v (%v), want %#v", row.stored, got, err, row.want)
		}
	}
}

func FuzzValuesNeverPanic(f *testing.F) {
	f.Add("82010a0a080000803f00000040")
	f.Add("2064")
	f.Fuzz(func(t *testing.T, stored string) {
		if value, err := DecodeValue(stored); err == nil {
			if _, err := json.Marshal(value); err != nil {
				t.Errorf("%x: decoded to what JSON cannot hold: %v", stored, err)
			}
		}
		DecodeTimestamp(stored)
	})
}

func TestTimestamps(t *testing.T) {
	stored, _ := hex.DecodeString("08c0bfb7d306")
	for _, row := range []struct{ stored, want string }{
		{string(stored), "2026-08-01T12:00:00Z"},
		{"", epoch},
		{string(stored) + "\x10\x80\xca\xb5\xee\x01", "2026-08-01T12:00:00.500Z"},
		{"\xff", epoch},
	} {
		if got := DecodeTimestamp(row.stored); got != row.want {
			t.Errorf("%x: %s, want %s", row.stored, got, row.want)
		}
	}
}
