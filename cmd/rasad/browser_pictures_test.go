package main

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

const pictures = "../../docs/pictures"

// With RASAD_PICTURES set, the pictures are drawn anew first: make golden.
func TestTheDocumentationHasItsPictures(t *testing.T) {
	wall, _, _, phone := sizes()
	phone.dots = 2
	desk := deskSizes()[2]
	list := []struct {
		name, path string
		size       size
	}{
		{"door-fa", "/?lang=fa", desk},
		{"dept-fa", "/dept/urban-services?lang=fa", phone},
		{"parks-en", "/dept/parks?lang=en", desk},
		{"case-fa", "/dept/urban-services/cases/5166?lang=fa", phone},
		{"shift-fa", "/dept/urban-services/shifts/current?lang=fa", desk},
		{"media-fa", "/media?lang=fa", desk},
		{"operate-fa", "/operate?lang=fa", desk},
		{"wall-fa", "/wall/hall", wall},
		{"wall-en", "/wall/hall-en", wall},
		{"phone-fa", "/wall/hall", phone},
		{"phone-en", "/wall/hall-en", phone},
	}
	if os.Getenv("RASAD_PICTURES") != "" {
		b := newBrowser(t)
		p := demoAt(t, "2027-03-24T18:40")
		for _, x := range list {
			w := b.open(t, p.url+x.path, x.size)
			if strings.HasPrefix(x.path, "/wall/") {
				w.ready()
			} else {
				w.settled("main h1")
			}
			w.whole()
			shot, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(pictures, x.name+".png"), smaller(t, shot), 0o644); err != nil { //nolint:gosec // a picture for everyone
				t.Fatal(err)
			}
		}
	}
	for _, x := range list {
		b, err := os.ReadFile(filepath.Join(pictures, x.name+".png"))
		if err != nil {
			t.Error(err)
			continue
		}
		got, err := png.DecodeConfig(bytes.NewReader(b))
		dots := int64(max(1, x.size.dots))
		if err != nil || int64(got.Width) != x.size.w*dots || int64(got.Height) != x.size.h*dots || len(b) > 700_000 {
			t.Errorf("%s: %d bytes, %d by %d dots, %v; want %d by %d and at most 700 kB", x.name, len(b), got.Width, got.Height, err, x.size.w*dots, x.size.h*dots)
		}
	}
}

// smaller drops the lowest bit of red and green and the two lowest of blue, which
// no eye sees and which take a fifth of the file.
func smaller(t *testing.T, shot []byte) []byte {
	t.Helper()
	from, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	m := image.NewNRGBA(from.Bounds())
	draw.Draw(m, m.Bounds(), from, m.Bounds().Min, draw.Src)
	for i, v := range m.Pix {
		switch i % 4 { // red, green, blue, alpha
		case 2:
			m.Pix[i] = v&0xfc | v>>6
		case 0, 1:
			m.Pix[i] = v&0xfe | v>>7
		}
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
