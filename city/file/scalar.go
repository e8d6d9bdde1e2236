package file

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"rasad/city/fa"
)

func (d *decoder) duration(n ast.Node, v reflect.Value) {
	s := n.GetToken().Value
	if n.Type() != ast.StringType {
		d.wrong(n, "want a length of time such as 15m, 36h or 60d, got %s", describe(n))
		return
	}
	got, ok := parseDuration(s)
	switch latin := fa.Latin(s); {
	case ok:
		v.SetInt(int64(got))
	case latin != s:
		d.wrong(n, "write the length of time with Latin digits: %s", latin)
	default:
		d.wrong(n, "%q is no length of time: want such as 15m, 36h or 60d", clip(s))
	}
}

// parseDuration reads Go's durations, and days, which are 24 hours here.
func parseDuration(s string) (time.Duration, bool) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseInt(days, 10, 32)
		if err != nil || n < 0 || n > 100_000 {
			return 0, false
		}
		return time.Duration(n) * 24 * time.Hour, true
	}
	got, err := time.ParseDuration(s)
	return got, err == nil && got >= 0
}

// start returns where a node begins: a block of keys and values at its first key.
func start(n ast.Node) spot {
	switch x := n.(type) {
	case *ast.MappingValueNode:
		return start(x.Key)
	case *ast.MappingNode:
		if !x.IsFlowStyle && len(x.Values) > 0 {
			return start(x.Values[0].Key)
		}
	}
	return spotOf(n.GetToken())
}

func pairsOf(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch x := n.(type) {
	case *ast.MappingNode:
		return x.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{x}, true
	default:
		return nil, false
	}
}

// describe says in words what stands where something else was wanted.
func describe(n ast.Node) string {
	switch x := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys and values"
	case *ast.SequenceNode:
		return fmt.Sprintf("a list of %d", len(x.Values))
	case *ast.LiteralNode:
		return "a text"
	case *ast.StringNode:
		return fmt.Sprintf("the text %q", clip(x.Value))
	default:
		return clip(n.GetToken().Value)
	}
}

// A field is a field of a struct that a key may fill.
type field struct {
	name  string
	value reflect.Value
	opt   option
}

func fieldsOf(v reflect.Value) []field {
	var fields []field
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, rest, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		var opt option
		for word := range strings.SplitSeq(rest, ",") {
			switch word {
			case "single":
				opt.single = true
			case "short":
				opt.short = true
			case "inline":
				opt.inline = true
			}
		}
		if opt.inline && v.Field(i).Kind() == reflect.Struct {
			fields = append(fields, fieldsOf(v.Field(i))...)
			continue
		}
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		fields = append(fields, field{name, v.Field(i), opt})
	}
	return fields
}

func names(fields []field) []string {
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = f.name
	}
	return list
}

// clip shortens what is quoted in a message.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
