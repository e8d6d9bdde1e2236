package file_test
import ("testing";"strings";"time";"fmt";"rasad/city/file")
func TestZ(t *testing.T){
 n := 400_000
 var keys strings.Builder
 for i := range n/12 { fmt.Fprintf(&keys, "k%07d: v\n", i) }
 cases := map[string]string{
 "keys": keys.String(),
 "long quoted": "a: \""+strings.Repeat("x",n)+"\"",
 "long plain": "a: "+strings.Repeat("x",n),
 "plain multi": "a: "+strings.Repeat("x\n  ",n/4),
 "quoted multi": "a: \""+strings.Repeat("x\n  ",n/4)+"\"",
 "block": "a: |\n"+strings.Repeat("  x\n",n/4),
 "folded": "a: >\n"+strings.Repeat("  x\n",n/4),
 "comments": strings.Repeat("# x\n",n/4)+"a: b",
 "trailing comments": strings.Repeat("a: b # x\n",n/9),
 "comment between": strings.Repeat("# x\na: b\n",n/9),
 "flow list": "a: ["+strings.Repeat("1,",n/2)+"1]",
 "flow multi": "a: ["+strings.Repeat("1,\n ",n/4)+"1]",
 "flow map": "a: {"+strings.Repeat("b: c, ",n/6)+"}",
 "list": "a:\n"+strings.Repeat("- x\n",n/4),
 "blank": strings.Repeat("\n",n)+"a: b",
 "spaces": "a:"+strings.Repeat(" ",n)+"b",
 "escapes": "a: \""+strings.Repeat("\\u0041",n/6)+"\"",
 "crlf": strings.Repeat("a: b\r\n",n/6),
 "colons": strings.Repeat(":",n), "quotes": "a: "+strings.Repeat("'",n),
 "nested": strings.Repeat("a:\n  b:\n    c: d\n",n/18),
 "cr": strings.Repeat("a: b\r",n/5), "brackets": strings.Repeat("[]",n/2), "docs": strings.Repeat("--- a\n",n/6),
 "keys no value": strings.Repeat("a:\n",n/3), "persian": "a: "+strings.Repeat("پل ",n/5),
 }
 for name, src := range cases { b:=time.Now(); var into map[string]any; _ = into; var s settings; file.Decode("s",[]byte(src),&s); if d:=time.Since(b); d>300*time.Millisecond {t.Log(name, len(src), d)} }
}
