package server

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	strict "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rasad/city"
	"rasad/city/fa"
)

// A saying is what huma, or our decoder, says of a value that does not fit. Where the
// words have a verb, it stands for what comes behind the beginning.
type saying struct {
	begins string
	words  city.Text
}

// The beginnings of what our decoder says.
const (
	saidTwice   = "a name stands twice before byte "
	saidNotJSON = "no JSON from byte "
	saidNoPlace = "no value that fits at "
)

// sayings lists what is said of a field, in the words of people. The Persian
// words come behind the name of the field.
func sayings() []saying {
	return []saying{
		{"unexpected property", city.Text{FA: "شناخته نیست؛ آن را بردارید", EN: "nobody knows this field; leave it out"}},
		{"expected required property ", city.Text{FA: "فیلد %v را ندارد؛ آن را بفرستید", EN: "%v is missing"}},
		{"required ", city.Text{FA: "نیامده است؛ آن را بفرستید", EN: "it is missing"}},
		{"request body is required", city.Text{FA: "خالی است؛ یک شیء JSON بفرستید", EN: "want a JSON object"}},
		{"expected value to be one of ", city.Text{FA: "باید یکی از این‌ها باشد: %v", EN: "want one of %v"}},
		{"expected number >= ", city.Text{FA: "باید دست‌کم %v باشد", EN: "want at least %v"}},
		{"expected number <= ", city.Text{FA: "باید حداکثر %v باشد", EN: "want at most %v"}},
		{"expected length >= ", city.Text{FA: "باید دست‌کم %v نویسه داشته باشد", EN: "want at least %v characters"}},
		{"expected length <= ", city.Text{FA: "باید حداکثر %v نویسه داشته باشد؛ کوتاه‌ترش کنید", EN: "want at most %v characters"}},
		{"expected array length >= ", city.Text{FA: "باید دست‌کم %v مورد داشته باشد", EN: "want at least %v items"}},
		{"expected array length <= ", city.Text{FA: "باید حداکثر %v مورد داشته باشد", EN: "want at most %v items"}},
		{"expected boolean", city.Text{FA: "باید true یا false باشد", EN: "want true or false"}},
		{"invalid boolean", city.Text{FA: "باید true یا false باشد", EN: "want true or false"}},
		{"expected integer", city.Text{FA: "باید عدد صحیح باشد", EN: "want a whole number"}},
		{"invalid integer", city.Text{FA: "باید عدد صحیح باشد", EN: "want a whole number"}},
		{"expected number", city.Text{FA: "باید عدد باشد", EN: "want a number"}},
		{"expected string", city.Text{FA: "باید متن باشد", EN: "want a text"}},
		{"expected array", city.Text{FA: "باید فهرست باشد", EN: "want a list"}},
		{"expected object", city.Text{FA: "باید شیء JSON باشد", EN: "want a JSON object"}},
		{saidTwice, city.Text{FA: "نامی را دو بار دارد (پیش از بایت %v)؛ هر نام را یک بار بفرستید", EN: "a name stands twice before byte %v; send each once"}},
		{saidNotJSON, city.Text{FA: "از بایت %v به بعد JSON درست به UTF-8 نیست", EN: "from byte %v on it is no JSON in UTF-8"}},
		{saidNoPlace, city.Text{FA: "در %v مقداری دارد که جایش آنجا نیست", EN: "the value at %v does not fit"}},
	}
}

// fieldNames gives the fields that people fill in the names that they know.
func fieldNames() map[string]string {
	return map[string]string{
		"body": "بدنهٔ درخواست", "note": "توضیح", "why": "دلیل", "text": "متن جست‌وجو", "name": "نام", "login": "نام کاربری", "password": "گذرواژه",
		"role": "نقش", "departments": "واحدها", "lang": "زبان", "days": "شمار روزها", "opens": "آنچه توکن باز می‌کند", "class": "ردهٔ توکن",
	}
}

// fieldName returns what a Persian sentence calls the place that huma names such as
// body.note or query.sort.
func fieldName(location string) string {
	name := location[strings.LastIndexByte(location, '.')+1:]
	bare, _, _ := strings.Cut(name, "[")
	switch known := fieldNames()[bare]; {
	case bare == "body":
		return known
	case known != "":
		return known + " (" + fa.Isolate(name) + ")"
	default:
		return fa.Isolate(clipped(name))
	}
}

// misfit says in both languages what is wrong with the value at a place, which huma
// has said in its own words.
func misfit(location, message string) *city.RefusalError {
	if location == "" {
		location = "body"
	}
	words, args := city.Text{FA: "پذیرفتنی نیست؛ قالب درست آن در openapi.json آمده است", EN: escaped(message)}, []any(nil)
	for _, s := range sayings() {
		rest, ok := strings.CutPrefix(message, s.begins)
		if !ok {
			continue
		}
		words = s.words
		if strings.Contains(words.EN, "%") {
			args = []any{plainly(rest)}
		}
		break
	}
	return city.Refuse(city.ErrInvalid, city.Text{
		FA: escaped(fieldName(location)) + " " + words.FA, EN: escaped(clipped(location)) + ": " + words.EN,
	}, args...)
}

// plainly returns what huma puts behind a beginning as a number or a short text.
func plainly(rest string) any {
	rest = strings.Trim(strings.TrimSuffix(rest, " to be present"), `"`)
	if n, err := strconv.Atoi(rest); err == nil {
		return n
	}
	return rest
}

// escaped returns a text as a format that writes it.
func escaped(text string) string { return strings.ReplaceAll(text, "%", "%%") }

// A wrongField is one thing that is wrong with a request.
type wrongField struct {
	Location string `json:"location"`
	Message  string `json:"message" doc:"in the caller's language"`
}

// invalid is what huma found wrong with a request: the list, and the first of it as the
// error.
func invalid(e *huma.ErrorModel, lang string) (list any, err error) {
	switch e.Status {
	case http.StatusRequestEntityTooLarge:
		return nil, fault{code: "too_large"}
	case http.StatusUnsupportedMediaType, http.StatusNotAcceptable:
		return nil, fault{code: "encoding"}
	case http.StatusRequestTimeout:
		return nil, fault{code: "slow"}
	}
	fields := make([]wrongField, len(e.Errors))
	for i, d := range e.Errors {
		fields[i] = wrongField{d.Location, misfit(d.Location, d.Message).In(lang, shown)}
	}
	first := misfit("", strings.ToLower(e.Detail))
	if len(e.Errors) > 0 {
		first = misfit(e.Errors[0].Location, e.Errors[0].Message)
	}
	return struct {
		Errors []wrongField `json:"errors"`
	}{fields}, first
}

// unmarshal takes no name twice, no name in another case, and nothing that is not
// UTF-8: what two readers could understand in two ways. Its errors are sayings.
func unmarshal(b []byte, v any) error {
	err := strict.Unmarshal(b, v)
	var form *jsontext.SyntacticError
	var value *strict.SemanticError
	switch {
	case errors.As(err, &form) && errors.Is(err, jsontext.ErrDuplicateName):
		return errors.New(saidTwice + strconv.FormatInt(form.ByteOffset, 10))
	case errors.As(err, &form):
		return errors.New(saidNotJSON + strconv.FormatInt(form.ByteOffset, 10))
	case errors.As(err, &value):
		return errors.New(saidNoPlace + clipped(string(value.JSONPointer)))
	case err != nil:
		return fmt.Errorf("read JSON: %w", err)
	}
	return nil
}
