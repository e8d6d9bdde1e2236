package file

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"rasad/city/fa"
)

// Decode reads one YAML document strictly into what into points at: every key
// must be known and stand once, every value be of its type. The error is a
// *FaultsError with everything that is wrong, each with its place and a caret, and
// wraps city.ErrInvalid. into is then half filled.
//
// Fields are named by their yaml tag, as in `yaml:"slot"`, or by their name in
// lower case; "-" leaves one out and ",inline" takes the fields of a struct in. A
// key that is not there leaves its field as it was. Beside the plain kinds there
// are durations (15m, 36h, 60d) and whatever reads itself from text
// (encoding.TextUnmarshaler). ",single" lets a list of one be written without
// brackets; ",short" lets a whole struct be written as that one field, and a map as
// one value, which then stands under the key "".
func Decode(name string, src []byte, into any) error {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return fmt.Errorf("decode %s: want a pointer, got %T", name, into)
	}
	r := newReport(name, string(src))
	if root := parse(r, src); root != nil {
		(&decoder{report: r}).value(root, v.Elem(), "$", option{})
	}
	return r.err()
}

// A number is a decimal number exactly as it was written.
type number string

// A decoder fills Go values from a tree, and remembers where each came from.
type decoder struct {
	*report

	where  map[string]spot // by path, such as "$.places[3].name.fa"; nil where nobody asks
	failed map[string]bool // paths of what could not be read; nil where nobody asks
	path   string          // of the value that is being read
}

// wrong is a fault of the value that is being read: it stays empty.
func (d *decoder) wrong(n ast.Node, format string, args ...any) {
	if d.failed != nil {
		d.failed[d.path] = true
	}
	d.fault(start(n), format, args...)
}

// An option is what a field's tag says beside its name.
type option struct{ single, short, inline bool }

// later is what a schema's struct says about keys that a later version will know.
type later interface{ later() []string }

func (d *decoder) value(n ast.Node, v reflect.Value, path string, opt option) {
	d.path = path
	if d.where != nil {
		d.where[path] = start(n)
	}
	if n.Type() == ast.NullType {
		d.wrong(n, "has no value: write one, or leave the key out")
		return
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, v.Elem(), path, opt)
		return
	}
	if u, ok := reflect.TypeAssert[encoding.TextUnmarshaler](v.Addr()); ok {
		d.readsItself(n, u)
		return
	}
	switch {
	case v.Type() == reflect.TypeFor[time.Duration]():
		d.duration(n, v)
	case v.Type() == reflect.TypeFor[number]():
		v.SetString(d.numeral(n))
	default:
		d.kind(n, v, path, opt)
	}
}

func (d *decoder) kind(n ast.Node, v reflect.Value, path string, opt option) {
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, v, path)
	case reflect.Map:
		d.mapping(n, v, path, opt)
	case reflect.Slice:
		d.list(n, v, path, opt)
	case reflect.Array:
		d.array(n, v, path)
	case reflect.String:
		if s, ok := d.text(n); ok {
			v.SetString(s)
		}
	case reflect.Bool:
		s := n.GetToken().Value
		if n.Type() != ast.BoolType || (s != "true" && s != "false") {
			d.wrong(n, "want true or false, got %s", describe(n))
			return
		}
		v.SetBool(s == "true")
	default:
		d.number(n, v)
	}
}

func (d *decoder) structure(n ast.Node, v reflect.Value, path string) {
	fields := fieldsOf(v)
	pairs, ok := pairsOf(n)
	if !ok {
		for _, f := range fields {
			if f.opt.short {
				d.value(n, f.value, path, option{single: f.opt.single})
				return
			}
		}
		d.wrong(n, "want keys and values (%s), got %s", strings.Join(names(fields), ", "), describe(n))
		return
	}
	met := map[string]bool{}
	for _, pair := range pairs {
		key, ok := d.key(pair, met)
		if !ok {
			continue
		}
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == key })
		if i >= 0 {
			d.value(pair.Value, fields[i].value, path+"."+key, fields[i].opt)
			continue
		}
		if l, ok := reflect.TypeAssert[later](v); ok && slices.Contains(l.later(), key) {
			d.fault(start(pair.Key), "%s: not yet supported", key)
			continue
		}
		hint := nearest(key, names(fields))
		switch {
		case hint != "":
		case pair.Value.Type() == ast.NullType:
			hint = ": a comma between braces begins a new key; a text with a comma stands in quotes"
		default:
			hint = ": want one of " + strings.Join(names(fields), ", ")
		}
		d.fault(start(pair.Key), "unknown key %q%s", clip(key), hint)
	}
}

// key reads a key and holds that it stands once.
func (d *decoder) key(pair *ast.MappingValueNode, met map[string]bool) (string, bool) {
	s, ok := pair.Key.(*ast.StringNode)
	if !ok {
		d.fault(start(pair.Key), "want a word as key, got %s", describe(pair.Key))
		return "", false
	}
	if met[s.Value] {
		d.fault(start(pair.Key), "key %q stands there already", clip(s.Value))
		return "", false
	}
	met[s.Value] = true
	return s.Value, true
}

func (d *decoder) mapping(n ast.Node, v reflect.Value, path string, opt option) {
	pairs, ok := pairsOf(n)
	if _, scalar := n.(ast.ScalarNode); scalar && opt.short {
		elem := reflect.New(v.Type().Elem()).Elem()
		d.value(n, elem, path, option{})
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.Zero(v.Type().Key()), elem)
		return
	}
	if !ok || v.Type().Key().Kind() != reflect.String {
		d.wrong(n, "want keys and values, got %s", describe(n))
		return
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(pairs)))
	met := map[string]bool{}
	for _, pair := range pairs {
		if key, ok := d.key(pair, met); ok {
			elem := reflect.New(v.Type().Elem()).Elem()
			d.value(pair.Value, elem, path+"."+key, option{})
			v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), elem)
		}
	}
}

func (d *decoder) list(n ast.Node, v reflect.Value, path string, opt option) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		if !opt.single {
			d.wrong(n, "want a list, got %s", describe(n))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		d.value(n, v.Index(0), path+"[0]", option{})
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values)))
	for i, item := range seq.Values {
		d.value(item, v.Index(i), fmt.Sprintf("%s[%d]", path, i), option{})
	}
}

func (d *decoder) array(n ast.Node, v reflect.Value, path string) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok || len(seq.Values) != v.Len() {
		d.wrong(n, "want a list of %d, got %s", v.Len(), describe(n))
		return
	}
	for i, item := range seq.Values {
		at := fmt.Sprintf("%s[%d]", path, i)
		d.value(item, v.Index(i), at, option{})
		if d.failed[at] {
			d.failed[path] = true // a pair that lacks an end is none
		}
	}
}

// text reads a text. A bare 137 or true is none: it must stand in quotes, so that
// nobody wonders what it is.
func (d *decoder) text(n ast.Node) (string, bool) {
	switch x := n.(type) {
	case *ast.StringNode:
		return x.Value, true
	case *ast.LiteralNode:
		return x.Value.Value, true
	}
	switch n.Type() {
	case ast.IntegerType, ast.FloatType, ast.BoolType, ast.InfinityType, ast.NanType:
		d.wrong(n, "want a text, got %s: put it in quotes", describe(n))
	default:
		d.wrong(n, "want a text, got %s", describe(n))
	}
	return "", false
}

func (d *decoder) readsItself(n ast.Node, u encoding.TextUnmarshaler) {
	if _, flow := n.(ast.ScalarNode); !flow {
		d.wrong(n, "want one value, got %s", describe(n))
		return
	}
	s := n.GetToken().Value
	if l, ok := n.(*ast.LiteralNode); ok {
		s = l.Value.Value
	}
	if err := u.UnmarshalText([]byte(s)); err != nil {
		d.wrong(n, "%s", err)
	}
}

// numeral reads a decimal number as it was written, "" where it is none.
func (d *decoder) numeral(n ast.Node) string {
	s := n.GetToken().Value
	quoted := n.GetToken().Type == token.DoubleQuoteType || n.GetToken().Type == token.SingleQuoteType
	_, isScalar := n.(ast.ScalarNode)
	isScalar = isScalar && n.Type() != ast.LiteralType
	latin := fa.Latin(s)
	switch {
	case isScalar && isNumeral(s) && !quoted:
		return s
	case isScalar && latin != s && isNumeral(latin):
		d.wrong(n, "write the number with Latin digits: %s", latin)
	case isScalar && isNumeral(s):
		d.wrong(n, "want a number, got a text: leave the quotes out")
	case n.Type() == ast.IntegerType || n.Type() == ast.FloatType:
		d.wrong(n, "%s is not written as a decimal number: want such as 1200 or 82.35", clip(s))
	default:
		d.wrong(n, "want a number, got %s", describe(n))
	}
	return ""
}

// isNumeral reports whether s is a plain decimal number: no sign but a minus, no
// leading zeros, no exponent.
func isNumeral(s string) bool {
	whole, part, pointed := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	return len(s) <= 40 && digits(whole) && (whole == "0" || whole[0] != '0') && (!pointed || digits(part))
}

func digits(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

func (d *decoder) number(n ast.Node, v reflect.Value) {
	s := d.numeral(n)
	if s == "" {
		return
	}
	var err error
	switch {
	case v.CanInt():
		var i int64
		if i, err = strconv.ParseInt(s, 10, v.Type().Bits()); err == nil {
			v.SetInt(i)
		}
	case v.CanUint():
		var u uint64
		if u, err = strconv.ParseUint(s, 10, v.Type().Bits()); err == nil {
			v.SetUint(u)
		}
	case v.CanFloat():
		var f float64
		if f, err = strconv.ParseFloat(s, v.Type().Bits()); err == nil {
			v.SetFloat(f)
		}
	default:
		d.wrong(n, "cannot be kept in a Go %s", v.Type())
		return
	}
	switch {
	case err == nil:
	case strings.Contains(s, "."):
		d.wrong(n, "want a whole number, got %s", s)
	default:
		d.wrong(n, "%s is out of range", s)
	}
}
