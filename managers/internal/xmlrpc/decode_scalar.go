package xmlrpc

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"mpbridge/pickle"
)

func (d *decoder) endNil(string) error {
	d.push(nil)
	return nil
}

func (d *decoder) endBoolean(string) error {
	switch string(d.text) {
	case "0":
		d.push(false)
	case "1":
		d.push(true)
	default:
		return ErrBoolean
	}
	return nil
}

// endInt reads what int() reads, except for digits of other scripts and underscores.
func (d *decoder) endInt(string) error {
	s := bytes.TrimSpace(d.text)
	if n, err := strconv.ParseInt(string(s), 10, 64); err == nil {
		d.push(n)
		return nil
	}
	if len(s) > maxDigits {
		return &LimitError{"digits", maxDigits}
	}
	n, ok := new(big.Int).SetString(string(s), 10)
	if !ok {
		return d.invalid("invalid literal for int() with base 10: %+q")
	}
	d.push(n)
	return nil
}

func (d *decoder) endDouble(string) error {
	f, ok := parseFloat(d.text)
	if !ok {
		return d.invalid("could not convert string to float: %+q")
	}
	d.push(f)
	return nil
}

// parseFloat reads what float() reads. Too large a number is an infinity, as in Python.
func parseFloat(text []byte) (float64, bool) {
	s := string(bytes.TrimSpace(text))
	if strings.ContainsAny(s, "xX_") {
		return 0, false // Go has more forms than Python
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil || errors.Is(err, strconv.ErrRange)
}

func (d *decoder) endDecimal(string) error {
	if _, ok := parseFloat(d.text); !ok {
		return &Error{"decimal.InvalidOperation", "[<class 'decimal.ConversionSyntax'>]"}
	}
	d.push(&pickle.Object{
		Kind: pickle.Reduce, Class: pickle.Global{Module: "decimal", Name: "Decimal"},
		Args: pickle.Tuple{string(bytes.TrimSpace(d.text))},
	})
	return nil
}

func (d *decoder) endString(string) error {
	d.push(string(d.text))
	return nil
}

func (d *decoder) endBase64(string) error {
	b, err := decodeBase64(d.text)
	if err != nil {
		return err
	}
	d.push(b)
	return nil
}

// endDateTime gives a datetime, or the wrapper for text that is none.
func (d *decoder) endDateTime(string) error {
	s := string(bytes.TrimSpace(d.text))
	t, err := time.Parse(isoLayout, s)
	if err == nil && len(s) == isoSize && t.Year() > 0 {
		d.push(pickle.NaiveDatetime(t))
		return nil
	}
	d.push(&pickle.Object{
		Kind: pickle.Reduce, Class: pickle.Global{Module: clientModule, Name: "DateTime"},
		Args: pickle.Tuple{s},
	})
	return nil
}

// invalid is a ValueError that quotes the start of the text.
func (d *decoder) invalid(format string) error {
	return &Error{"ValueError", fmt.Sprintf(format, d.text[:min(len(d.text), 40)])}
}
