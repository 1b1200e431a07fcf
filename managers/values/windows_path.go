package values

import (
	"strings"

	"mpbridge/pickle"
)

// flavour tells paths apart that are never equal: all of one flavour may be.
type flavour byte

const (
	posix   flavour = 'p'
	windows flavour = 'w'
)

// comparedPath returns what equality and order see of a path: its flavour and its text, for Windows in small letters.
// A Path and a PurePath of one text are equal.
func comparedPath(o *pickle.Object) (f flavour, text string, ok bool) {
	if p, ok := pathOf(o); ok {
		return posix, p.text, true
	}
	g, args, ok := classOf(o)
	module, _, _ := strings.Cut(g.Module, ".")
	if !ok || module != "pathlib" || o.Kind != pickle.Reduce || o.HasState ||
		g.Name != "PureWindowsPath" && g.Name != "WindowsPath" {
		return 0, "", false
	}
	var p windowsPath
	for _, a := range args {
		part, isText := pickle.Text(a)
		if !isText {
			return 0, "", false
		}
		p.join(strings.ReplaceAll(part, "/", `\`))
	}
	return windows, p.folded(), true
}

// windowsPath is a path as ntpath.join puts it together. See Lib/ntpath.py.
type windowsPath struct{ drive, rest string }

func (p *windowsPath) join(part string) {
	drive, rest := splitDrive(part)
	switch {
	case strings.HasPrefix(rest, `\`):
		if drive != "" {
			p.drive = drive
		}
		p.rest = rest
	case drive != "" && !strings.EqualFold(drive, p.drive):
		p.drive, p.rest = drive, rest
	default:
		if p.rest != "" && !strings.HasSuffix(p.rest, `\`) {
			p.rest += `\`
		}
		p.rest += rest
	}
}

// splitDrive takes off a letter with its colon, or a server and what it shares.
func splitDrive(path string) (drive, rest string) {
	if len(path) >= 2 && path[1] == ':' {
		return path[:2], path[2:]
	}
	if !strings.HasPrefix(path, `\\`) {
		return "", path
	}
	server, share, ok := strings.Cut(path[2:], `\`)
	if !ok {
		return path, ""
	}
	share, rest, ok = strings.Cut(share, `\`)
	if ok {
		rest = `\` + rest
	}
	return `\\` + server + `\` + share, rest
}

func (p *windowsPath) folded() string {
	root := ""
	if strings.HasPrefix(p.rest, `\`) || strings.HasPrefix(p.drive, `\\`) {
		root = `\`
	}
	var kept []string
	for part := range strings.SplitSeq(p.rest, `\`) {
		if part != "" && part != "." {
			kept = append(kept, part)
		}
	}
	return strings.ToLower(p.drive + root + strings.Join(kept, `\`))
}
