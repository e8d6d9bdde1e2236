package file

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	yaml "github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// What a file may be.
const (
	maxBytes  = 4 << 20
	maxIndent = 100 // columns before the first character of a line
)

// A spot is a place in a file; the zero spot is the file as a whole.
type spot struct{ line, column int }

func spotOf(t *token.Token) spot {
	if t == nil || t.Position == nil {
		return spot{}
	}
	return spot{t.Position.Line, max(t.Position.Column, 1)}
}

// parse reads src as one YAML document of the plain kind that Rasad's files are:
// no anchors, aliases, tags or directives, nothing nested beyond all need. It
// returns nil where there is a fault; the report has it.
func parse(r *report, src []byte) ast.Node {
	if at, message := unreadable(src); message != "" {
		r.fault(at, "%s", message)
		return nil
	}
	tokens, root, err := scan(string(src))
	if at, message := refused(tokens); message != "" {
		r.fault(at, "%s", message)
		return nil
	}
	if err != nil {
		at, message := syntax(err)
		r.fault(at, "%s", message)
		return nil
	}
	var docs []ast.Node
	for _, d := range root.Docs {
		if d.Body != nil && d.Body.Type() != ast.CommentType && d.Body.Type() != ast.NullType {
			docs = append(docs, d.Body)
		}
	}
	switch len(docs) {
	case 0:
		r.fault(spot{}, "is empty")
		return nil
	case 1:
		return docs[0]
	default:
		r.fault(start(docs[1]), "a second document begins here: want one document in a file")
		return nil
	}
}

// unreadable looks at the bytes alone.
func unreadable(src []byte) (spot, string) {
	if len(src) > maxBytes {
		return spot{}, "is larger than 4 MB"
	}
	if bytes.HasPrefix(src, []byte("\xEF\xBB\xBF")) {
		return spot{1, 1}, "begins with a byte order mark: save the file as UTF-8 without BOM"
	}
	i := -1
	for line := range bytes.SplitSeq(src, []byte{'\n'}) {
		i++
		line = bytes.TrimSuffix(line, []byte{'\r'})
		if !utf8.Valid(line) {
			return spot{i + 1, firstInvalid(line)}, "is not UTF-8: save the file as UTF-8"
		}
		if at := bytes.IndexByte(line, '\r'); at >= 0 {
			return spot{i + 1, utf8.RuneCount(line[:at]) + 1}, "a carriage return alone ends no line: save the file with Unix or Windows line ends"
		}
		if at := bytes.IndexByte(line, 0); at >= 0 {
			return spot{i + 1, utf8.RuneCount(line[:at]) + 1}, "a zero byte: this is no text"
		}
		blank := line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
		if at := bytes.IndexByte(blank, '\t'); at >= 0 {
			return spot{i + 1, at + 1}, "a tab: YAML is indented with spaces"
		}
		if len(blank) > maxIndent && len(blank) < len(line) {
			return spot{i + 1, maxIndent + 1}, "is nested too deeply"
		}
	}
	return spot{}, ""
}

func firstInvalid(line []byte) int {
	column := 1
	for len(line) > 0 {
		r, n := utf8.DecodeRune(line)
		if r == utf8.RuneError && n == 1 {
			break
		}
		line = line[n:]
		column++
	}
	return column
}

var errParser = errors.New("cannot be read as YAML")

// scan runs the parser, and only where the tokens do not make it recurse without
// bound. A panic of the parser is a fault of the file that it met.
func scan(src string) (tokens token.Tokens, root *ast.File, err error) {
	defer func() {
		if recover() != nil {
			root, err = nil, errParser
		}
	}()
	tokens = lexer.Tokenize(src)
	if _, message := refused(tokens); message != "" {
		return tokens, nil, errParser
	}
	root, err = parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	return tokens, root, err
}

// refused looks for what Rasad's files do without, and for what is broken already.
func refused(tokens token.Tokens) (spot, string) {
	var g guard
	for i, t := range tokens {
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			return spotOf(t), "anchors and aliases are not used here: write it out, or use a stream"
		case token.TagType, token.DirectiveType:
			return spotOf(t), "tags and directives are not used here"
		case token.MappingKeyType:
			return spotOf(t), `a key is a plain word here: "?" is not used`
		case token.DocumentHeaderType:
			if i > 0 && tokens[i-1].Type != token.CommentType {
				return spotOf(t), "a second document begins here: want one document in a file"
			}
		case token.InvalidType:
			return spotOf(t), strings.TrimSpace(t.Error)
		default: // the guard looks at the others
		}
		if message := g.see(tokens, i); message != "" {
			return spotOf(t), message
		}
	}
	return spot{}, ""
}

// syntax takes the parser's error apart.
func syntax(err error) (spot, string) {
	if e, ok := errors.AsType[yaml.Error](err); ok {
		return spotOf(e.GetToken()), e.GetMessage()
	}
	return spot{}, err.Error()
}
