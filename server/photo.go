package server

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"

	"rasad/city"
)

const (
	maxPixels = 40_000_000 // of a photo, before it is opened: what a telephone takes, with room
	maxSide   = 2048       // pixels of the longer side of what is kept
	quality85 = 85         // of the JPEG that is kept
)

// photo opens a JPEG or PNG, turns it upright, makes it small enough to look at and
// writes it anew as a JPEG: what is kept is its pixels and nothing that its camera
// had to say. The error is a fault that says in words what is wrong with it.
func photo(body []byte) (kept []byte, size image.Point, err error) {
	cfg, kind, err := image.DecodeConfig(bytes.NewReader(body))
	switch {
	case err != nil || kind != "jpeg" && kind != "png":
		return nil, size, fault{code: "photo", cause: city.Refuse(city.ErrInvalid, city.Text{FA: "این پرونده نه JPEG است و نه PNG؛ عکس JPEG یا PNG بفرستید", EN: "photo: it is neither JPEG nor PNG"})}
	case cfg.Width < 1 || cfg.Height < 1 || cfg.Width > maxPixels/cfg.Height:
		return nil, size, fault{code: "photo", cause: city.Refuse(city.ErrInvalid, city.Text{FA: "این عکس %v در %v پیکسل است؛ عکسی تا ۴۰ مگاپیکسل بفرستید", EN: "photo: it has %d by %d pixels; at most 40 megapixels are taken"}, cfg.Width, cfg.Height)}
	}
	open := jpeg.Decode
	turn := 1
	if kind == "png" {
		open = png.Decode
	} else {
		turn = orientation(body)
	}
	m, err := open(bytes.NewReader(body))
	if err != nil {
		return nil, size, fault{code: "photo", cause: city.Refuse(city.ErrInvalid, city.Text{FA: "این عکس خراب است؛ دوباره بگیرید یا پروندهٔ اصلی را بفرستید", EN: "photo: it is damaged"})}
	}
	upright := turned(shrunk(m), turn)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, upright, &jpeg.Options{Quality: quality85}); err != nil {
		return nil, size, fmt.Errorf("write photo: %w", err)
	}
	return b.Bytes(), upright.Bounds().Size(), nil
}

// shrunk returns m on white, its longer side at most maxSide.
func shrunk(m image.Image) *image.RGBA {
	size := m.Bounds().Size()
	if long := max(size.X, size.Y); long > maxSide {
		size = image.Pt(max(size.X*maxSide/long, 1), max(size.Y*maxSide/long, 1))
	}
	small := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(small, small.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(small, small.Bounds(), m, m.Bounds(), draw.Over, nil)
	return small
}

// turned returns m as an Exif orientation, 1 to 8, wants it to be looked at.
func turned(m *image.RGBA, orientation int) *image.RGBA {
	if orientation < 2 || orientation > 8 {
		return m
	}
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	size := image.Pt(w, h)
	if orientation >= 5 {
		size = image.Pt(h, w)
	}
	out := image.NewRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			fx, fy := x, y
			if orientation >= 5 {
				fx, fy = y, x
			}
			switch orientation {
			case 2, 6: // mirrored, or a quarter turn to the right
				if orientation == 2 {
					fx = w - 1 - fx
				} else {
					fy = h - 1 - fy
				}
			case 3, 7:
				fx, fy = w-1-fx, h-1-fy
			case 4:
				fy = h - 1 - fy
			case 8:
				fx = w - 1 - fx
			}
			out.SetRGBA(x, y, m.RGBAAt(fx, fy))
		}
	}
	return out
}

// orientation returns the Exif orientation of a JPEG (tag 0x0112 of its first
// directory, CIPA DC-008), 1 where it has none.
func orientation(jpg []byte) int {
	for at := 2; at+4 <= len(jpg) && jpg[at] == 0xFF; {
		marker, length := jpg[at+1], int(binary.BigEndian.Uint16(jpg[at+2:]))
		end := at + 2 + length
		if marker == 0xDA || length < 2 || end > len(jpg) {
			break
		}
		if tiff, ok := bytes.CutPrefix(jpg[at+4:end], []byte("Exif\x00\x00")); ok && marker == 0xE1 {
			return orientationIn(tiff)
		}
		at = end
	}
	return 1
}

func orientationIn(tiff []byte) int {
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(tiff, []byte("II")) {
		order = binary.LittleEndian
	}
	if len(tiff) < 8 {
		return 1
	}
	at := int(order.Uint32(tiff[4:]))
	if at < 8 || at+2 > len(tiff) {
		return 1
	}
	entries := int(order.Uint16(tiff[at:]))
	for i := range entries {
		e := at + 2 + 12*i
		if e+12 > len(tiff) {
			return 1
		}
		if order.Uint16(tiff[e:]) == 0x0112 {
			return int(order.Uint16(tiff[e+8:]))
		}
	}
	return 1
}
