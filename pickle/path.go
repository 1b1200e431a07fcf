package pickle

import "strings"

// Path is a path of the module pathlib.
type Path struct {
	Class   string // PosixPath, PurePosixPath, WindowsPath or PureWindowsPath
	Text    string // of a path of Windows as equality sees it: in small letters
	Windows bool   // paths of Windows and others are never equal; all of one kind may be
}

// PathOf reads a path, which is pickled as its parts.
func PathOf(o *Object) (p Path, ok bool) {
	g, args, ok := o.class()
	module, _, _ := strings.Cut(g.Module, ".")
	if !ok || module != "pathlib" || o.Kind != Reduce || o.HasState {
		return p, false
	}
	p.Class = g.Name
	switch g.Name {
	case "PosixPath", "PurePosixPath":
		p.Text, ok = posixPath(args)
	case "WindowsPath", "PureWindowsPath":
		p.Windows = true
		p.Text, ok = foldedPath(args)
	default:
		ok = false
	}
	return p, ok
}

func posixPath(parts Tuple) (string, bool) {
	var joined []string // with a slash between each two that needs one
	for _, a := range parts {
		part, isText := Text(a)
		switch {
		case !isText:
			return "", false
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
	return cleanPath(strings.Join(joined, ""), "/"), true
}

func foldedPath(parts Tuple) (string, bool) {
	var p windowsPath
	for _, a := range parts {
		part, isText := Text(a)
		if !isText {
			return "", false
		}
		p.join(strings.ReplaceAll(part, "/", `\`))
	}
	return p.folded(), true
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

// splitDrive splits off a letter with its colon, or a server and what it shares.
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

// cleanPath is str() of a path: without what means nothing, and with backslashes on Windows.
func cleanPath(path, sep string) string {
	if sep != "/" {
		path = strings.ReplaceAll(path, "/", sep)
	}
	root := path[:len(path)-len(strings.TrimLeft(path, sep))]
	if sep == "/" && len(root) > 2 {
		root = sep // two slashes mean something in POSIX, three do not
	}
	var kept []string
	for part := range strings.SplitSeq(path, sep) {
		if part != "" && part != "." {
			kept = append(kept, part)
		}
	}
	switch clean := root + strings.Join(kept, sep); {
	case clean == "":
		return "."
	case sep != "/" && len(kept) == 1 && strings.HasSuffix(clean, ":") && strings.HasSuffix(path, sep):
		return clean + sep // the root of a drive
	default:
		return clean
	}
}
