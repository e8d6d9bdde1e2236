package fa_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"rasad/city/fa"
)

func TestDigitsOfEveryKeyboardAreRead(t *testing.T) {
	for in, want := range map[string]string{
		"۱۲٬۳۴۵٫۶":   "12345.6",
		"٠١٢٣٤٥٦٧٨٩": "0123456789",
		"12.5":       "12.5",
		"منطقه ۱۲":   "منطقه 12",
		"":           "",
	} {
		if got := fa.Latin(in); got != want {
			t.Errorf("Latin(%q) = %q, want %q", in, got, want)
		}
	}
	if !fa.HasDigits("سال ۱۴۰۵") || !fa.HasDigits("٣") || fa.HasDigits("1405") {
		t.Error("HasDigits does not tell Persian digits from Latin ones")
	}
}

func TestDigitsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[0-9:./ -]{0,20}`).Draw(t, "s")
		if got := fa.Latin(fa.Digits(s)); got != s {
			t.Fatalf("Latin(Digits(%q)) = %q", s, got)
		}
	})
}

func TestNumbersAreWrittenAsReadersWriteThem(t *testing.T) {
	for _, tc := range []struct{ number, fa, en string }{
		{"0", "۰", "0"},
		{"999", "۹۹۹", "999"},
		{"1203", "۱٬۲۰۳", "1,203"},
		{"1234567", "۱٬۲۳۴٬۵۶۷", "1,234,567"},
		{"82.35", "۸۲٫۳۵", "82.35"},
		{"-1203.5", "\u200E\u2212۱٬۲۰۳٫۵", "-1,203.5"},
		{"n/a", "n/a", "n/a"},
		{"1e5", "1e5", "1e5"},
		{"", "", ""},
		{"5.", "5.", "5."},
	} {
		if got := fa.Number(tc.number, "fa"); got != tc.fa {
			t.Errorf("Number(%q, fa) = %q, want %q", tc.number, got, tc.fa)
		}
		if got := fa.Number(tc.number, "en"); got != tc.en {
			t.Errorf("Number(%q, en) = %q, want %q", tc.number, got, tc.en)
		}
	}
}

func TestCleanTakesOutWhatHidesAndKeepsWhatReads(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"Persian with a non-joiner stays", "می‌شود", "می‌شود"},
		{"the hamza of the ezafe stays", "خانهٔ مشروطه", "خانهٔ مشروطه"},
		{"a non-joiner behind a mark stays", "خانهٔ‌ما", "خانهٔ‌ما"},
		{"a non-joiner at an edge goes", "\u200Cنوروز\u200C", "نوروز"},
		{"a non-joiner before a space goes", "می\u200C شود", "می شود"},
		{"a non-joiner between Latin letters goes", "a\u200Cb", "ab"},
		{"a non-joiner behind a mark of a Latin letter goes", "y\u0301\u200Cآ", "\u00FDآ"},
		{"a non-joiner behind a marked letter stays", "مثلا\u064B\u200Cها", "مثلا\u064B\u200Cها"},
		{"a non-joiner before a mark goes", "آ\u200C\u0654\u064Bب", "آ\u064B\u0654ب"},
		{"two non-joiners are one", "می\u200C\u200Cشود", "می‌شود"},
		{"overrides go", "\u202Egnp.exe\u202C", "gnp.exe"},
		{"isolates and marks of direction go", "\u2066\u200F12\u2069\u200E", "12"},
		{"controls go, line breaks are spaces", "a\x1b[31m\nb\x00", "a[31m b"},
		{"a byte order mark and a soft hyphen go", "\uFEFFhe\u00ADllo", "hello"},
		{"a joiner of emoji goes", "👨\u200D👩", "👨👩"},
		{"composed", "cafe\u0301", "café"},
		{"three marks on a letter", "ا\u064B\u064C\u064D\u064E\u064F", "ا\u064B\u064C\u064D"},
		{"tags and selectors go", "a\uFE0F\U000E0041", "a"},
		{"broken UTF-8 shows", "a\xFFb", "a\uFFFDb"},
		{"nothing stays nothing", " \u200C ", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := fa.Clean(tc.in); got != tc.want {
				t.Errorf("Clean(%q) = %q, want %q", tc.in, got, tc.want)
			}
		})
	}
	if got := utf8.RuneCountInString(fa.Clean(strings.Repeat("آ", 2000))); got != fa.MaxRunes {
		t.Errorf("a long text keeps %d characters, want %d", got, fa.MaxRunes)
	}
}

func TestLinesKeepTheirBreaksAndTheirLength(t *testing.T) {
	long := strings.Repeat("آب ", 400)
	for in, want := range map[string]string{
		"یک\r\nدو\n\nسه\n": "یک\nدو\n\nسه", " یک \t دو \n": "یک   دو", "یک\u202E\nدو\u200B": "یک\nدو", long: strings.TrimSpace(long), "\n \n": "",
	} {
		if got := fa.Lines(in); got != want {
			t.Errorf("Lines(%+q) = %+q, want %+q", in, got, want)
		}
	}
}

func TestWhatIsCleanStaysAsItIs(t *testing.T) {
	alphabet := []rune("آابپ‌ت یک\u0654\u064Bxy\u200F\u202Eé 12۳\u0301\u200D")
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOfN(rapid.SampledFrom(alphabet), 0, 30).Draw(t, "s"))
		once := fa.Clean(s)
		if twice := fa.Clean(once); twice != once {
			t.Fatalf("Clean(%+q) = %+q, and again %+q", s, once, twice)
		}
		if !norm.NFC.IsNormalString(once) || strings.ContainsAny(once, "\u200F\u202E\u200D") {
			t.Fatalf("Clean(%+q) = %+q", s, once)
		}
	})
}

func TestUncleanNamesTheLetter(t *testing.T) {
	for in, want := range map[string]string{
		"مسجد شیخ لطف‌الله": "",
		"خانهٔ مشروطه":      "",
		"Naqsh-e Jahan":     "",
		"پارك":              "ک (U+06A9)",
		"باغ پرندگاني":      "ی (U+06CC)",
		"حتى":               "ی (U+06CC)",
		"a\u200Cb":          "U+200C",
		"\u202Eabc":         "U+202E",
		"a\tb":              "U+0009",
	} {
		got := fa.Unclean(in)
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("Unclean(%q) = %q, want it to name %q", in, got, want)
		}
	}
}

func TestSpellingsOfOneNameHaveOneKey(t *testing.T) {
	for _, spellings := range [][]string{
		{"سی‌وسه‌پل", "سي و سه پل", "سیوسه پل", "  سی‌وسه‌پل\t"},
		{"خانهٔ مشروطه", "خانه مشروطه", "خانة مشروطة", "خــانه مشروطه"},
		{"مسجد شیخ لطف‌الله", "مسجد شيخ لطف الله"},
		{"آتشگاه", "اتشگاه", "آتشگــاه"},
		{"منطقه ۱۲", "منطقه ١٢", "منطقه 12"},
		{"Bourke Street", "bourke street ", "BOURKE STREET"},
		{"نائین", "نایین"},
	} {
		for _, s := range spellings[1:] {
			if fa.Key(s) != fa.Key(spellings[0]) {
				t.Errorf("Key(%q) = %q, Key(%q) = %q", s, fa.Key(s), spellings[0], fa.Key(spellings[0]))
			}
		}
	}
	if fa.Key("پل خواجو") == fa.Key("پل شهرستان") || fa.Key("منطقه ۱") == fa.Key("منطقه ۲") {
		t.Error("different names have one key")
	}
	long := strings.Repeat("کوچه ", fa.MaxRunes)
	if fa.Key(long+"۱") == fa.Key(long+"۲") || fa.Key(long+"١\u200F") != fa.Key(long+"1") {
		t.Error("a key ends before its name does")
	}
}

func TestFiguresStandInOnePiece(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{fa.Isolate("Khaju"), "\u2068Khaju\u2069"},
		{fa.Figure("1203", "fa"), "\u2066۱٬۲۰۳\u2069"},
		{fa.Figure("1203", "en"), "\u20661,203\u2069"},
		{fa.Percent("87.3", "fa"), "\u2067\u061C۸۷٫۳٪\u2069"},
		{fa.Percent("-2", "fa"), "\u2066\u200E\u2212۲٪\u2069"},
		{fa.Percent("87.3", "en"), "\u206687.3%\u2069"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %+q, want %+q", tc.got, tc.want)
		}
	}
}

func ExampleNumber() {
	fmt.Println(fa.Number("1203.5", "fa"))
	fmt.Println(fa.Number("1203.5", "en"))
	// Output:
	// ۱٬۲۰۳٫۵
	// 1,203.5
}
