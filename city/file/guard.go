package file

import "github.com/goccy/go-yaml/token"

// What a file may ask of the parser: deeper it would overflow the stack, and its
// time grows with the square of the keys of a block and of the missing values.
const (
	maxFlow   = 32   // nested brackets and braces
	maxDashes = 8    // "- - - -" on one line
	maxKeys   = 1000 // in one block
	maxEmpty  = 100  // keys and list items without a value: each is a fault anyway
)

// A guard counts, token by token, what would make the parser recurse or work
// without bound.
type guard struct {
	flow         []token.Type // the brackets and braces that are open
	line, dashes int
	empty        int
	keys         []int // by column, in the blocks that are open
}

// see looks at the token i, and says in words what is too much of it.
func (g *guard) see(tokens token.Tokens, i int) string {
	t := tokens[i]
	if t.Position.Line != g.line {
		g.line, g.dashes = t.Position.Line, 0
		if column := max(t.Position.Column, 0); len(g.flow) == 0 && column+1 < len(g.keys) {
			clear(g.keys[column+1:]) // the blocks further in have ended
		}
	}
	if g.lacksValue(tokens, i) {
		if g.empty++; g.empty > maxEmpty {
			return "has no value, like a hundred before it: write one, or leave the key out"
		}
	}
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		if g.flow = append(g.flow, t.Type); len(g.flow) > maxFlow {
			return "is nested too deeply"
		}
	case token.SequenceEndType, token.MappingEndType:
		g.flow = g.flow[:max(len(g.flow)-1, 0)]
	case token.SequenceEntryType:
		if g.dashes++; g.dashes > maxDashes {
			return "is nested too deeply"
		}
	case token.MappingValueType:
		return g.key(tokens, i)
	default: // a word
	}
	return ""
}

// key counts the key before the colon i.
func (g *guard) key(tokens token.Tokens, i int) string {
	if len(g.flow) > 0 || i == 0 {
		return ""
	}
	column := min(max(tokens[i-1].Position.Column, 0), 2*maxIndent)
	for len(g.keys) <= column {
		g.keys = append(g.keys, 0)
	}
	if g.keys[column]++; g.keys[column] > maxKeys {
		return "is one of more than a thousand keys in one block: no file here needs so many"
	}
	return ""
}

// lacksValue reports whether nothing stands behind the colon or dash i, or whether
// i is a word between braces that has no colon.
func (g *guard) lacksValue(tokens token.Tokens, i int) bool {
	t, next := tokens[i], i+1
	for next < len(tokens) && tokens[next].Type == token.CommentType {
		next++
	}
	ends := next == len(tokens) || tokens[next].Type == token.CollectEntryType ||
		tokens[next].Type == token.MappingEndType || tokens[next].Type == token.SequenceEndType
	switch {
	case len(g.flow) > 0:
		return ends && g.emptyInFlow(tokens, i, next)
	case t.Type != token.MappingValueType && t.Type != token.SequenceEntryType:
		return false
	case ends:
		return true
	default:
		column := t.Position.Column
		if t.Type == token.MappingValueType && i > 0 {
			column = tokens[i-1].Position.Column
		}
		after := tokens[next]
		list := t.Type == token.MappingValueType && after.Type == token.SequenceEntryType && after.Position.Column == column
		return after.Position.Line != t.Position.Line && after.Position.Column <= column && !list
	}
}

// emptyInFlow is lacksValue between brackets and braces, where a comma or an end
// stands at next. A comma before the end is a habit of many, and nothing missing.
func (g *guard) emptyInFlow(tokens token.Tokens, i, next int) bool {
	switch tokens[i].Type {
	case token.MappingValueType:
		return true
	case token.CollectEntryType:
		return next < len(tokens) && tokens[next].Type == token.CollectEntryType
	case token.SequenceStartType, token.MappingStartType, token.SequenceEndType, token.MappingEndType, token.CommentType:
		return false
	default: // a word: in braces it wants a colon
		before := token.UnknownType
		if i > 0 {
			before = tokens[i-1].Type
		}
		return g.flow[len(g.flow)-1] == token.MappingStartType && (before == token.MappingStartType || before == token.CollectEntryType)
	}
}
