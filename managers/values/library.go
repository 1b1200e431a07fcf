package values

import (
	"math/big"
	"strings"

	"mpbridge/pickle"
)

// uuidOf reads a uuid.UUID.
func uuidOf(o *pickle.Object) (id [16]byte, ok bool) {
	if !o.IsA("uuid", "UUID") || o.Attrs() == nil {
		return id, false
	}
	v, _ := o.Attrs().Get("int")
	if v == nil {
		v, _ = o.Attrs().Get(pickle.ByteString("int"))
	}
	if !isInt(v) {
		return id, false
	}
	n := bigOf(v)
	if n.Sign() < 0 || n.BitLen() > 128 {
		return id, false
	}
	n.FillBytes(id[:])
	return id, true
}

// path is a path of the module pathlib.
type path struct{ class, text string }

// pathOf reads a path, which is pickled as its parts.
func pathOf(o *pickle.Object) (p path, ok bool) {
	g, args, ok := classOf(o)
	module, _, _ := strings.Cut(g.Module, ".")
	if !ok || module != "pathlib" || o.Kind != pickle.Reduce || o.HasState {
		return p, false
	}
	if g.Name != "PosixPath" && g.Name != "PurePosixPath" {
		return p, false // those of Windows have rules of their own
	}
	var joined []string // with a slash between each two that needs one
	for _, a := range args {
		part, isText := pickle.Text(a)
		switch {
		case !isText:
			return p, false
		case part == "":
			if len(joined) == 0 || strings.HasSuffix(joined[len(joined)-1], "/") {
				continue
			}
			part = "/"
		case strings.HasPrefix(part, "/"):
			joined = nil
		case len(joined) > 0 && !strings.HasSuffix(joined[len(joined)-1], "/"):
			joined = append(joined, "/")
		}
		joined = append(joined, part)
	}
	return path{g.Name, cleanPath(strings.Join(joined, ""))}, true
}

// cleanPath leaves out empty parts and single dots, as PurePosixPath does, but not double ones.
func cleanPath(text string) string {
	root := text[:len(text)-len(strings.TrimLeft(text, "/"))]
	if len(root) > 2 {
		root = "/" // exactly two have a meaning of their own
	}
	var kept []string
	for _, part := range strings.Split(text, "/") {
		if part != "" && part != "." {
			kept = append(kept, part)
		}
	}
	if len(kept) == 0 && root == "" {
		return "."
	}
	return root + strings.Join(kept, "/")
}

func fractionText(n any) (num, den string, err error) {
	r, _ := n.(*big.Rat)
	if num, err = intText(r.Num()); err != nil {
		return "", "", err
	}
	den, err = intText(r.Denom())
	return num, den, err
}
