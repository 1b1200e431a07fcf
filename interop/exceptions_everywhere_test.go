package interop_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"testing"

	"mpbridge/interop"
	"mpbridge/pickle"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// madeException is an exception in a Python: one that was made there, or one that was loaded.
type madeException struct {
	Label, Pickle, Class, Text, Error string
	Bases                             []string
	Seen                              map[string]string
}

// exceptionsOf is what exceptions.py answers.
type exceptionsOf struct {
	Classes      []string
	Made, Loaded []madeException
}

// TestAnExceptionOfAnyPythonLoadsInEveryOther has each Python make instances of all its builtin exceptions,
// with arguments of every kind that they take, and each other load them as a queue would hand them out.
func TestAnExceptionOfAnyPythonLoadsInEveryOther(t *testing.T) {
	sources := map[interop.Version]exceptionsOf{}
	for _, profile := range interop.Profiles() {
		if py, ok := interop.Find()[profile.Version]; ok {
			sources[profile.Version] = ask[exceptionsOf](t, startPeer(t, py, "exceptions.py"), map[string]any{})
			require.Greater(t, len(sources[profile.Version].Made), 100)
		}
	}
	forEachPython(t, func(t *testing.T, py interop.Python) {
		peer := startPeer(t, py, "exceptions.py")
		for from, source := range sources {
			docs := make([]string, len(source.Made))
			for i, made := range source.Made {
				docs[i] = forReader(t, made, py.Profile)
			}
			loaded := ask[exceptionsOf](t, peer, map[string]any{"load": docs}).Loaded
			for i, made := range source.Made {
				where := fmt.Sprintf("%s of Python %s", made.Label, from)
				checkLoaded(t, where, made, loaded[i], sources[py.Profile.Version].Classes)
				if from.Major == py.Profile.Version.Major && made.Class == loaded[i].Class {
					for attribute, value := range loaded[i].Seen {
						if had, ok := made.Seen[attribute]; ok {
							assert.Equal(t, had, value, "%s: %s", where, attribute)
						}
					}
				}
			}
		}
	})
}

// forReader returns the reply with the exception that a reader of the profile is sent.
func forReader(t *testing.T, made madeException, to interop.Profile) string {
	t.Helper()
	doc, err := base64.StdEncoding.DecodeString(made.Pickle)
	require.NoError(t, err)
	raw, err := pickle.ParseRaw(doc)
	require.NoError(t, err)
	doc, err = raw.AppendTagged(nil, "#RETURN", pickle.Dialect{Protocol: to.Protocol, NativeBytes: to.NativeBytes})
	require.NoError(t, err, made.Label)
	return base64.StdEncoding.EncodeToString(doc)
}

// checkLoaded compares an exception with what was made of it where these are the classes of builtins.
func checkLoaded(t *testing.T, where string, made, got madeException, classes []string) {
	t.Helper()
	require.Empty(t, got.Error, where)
	want := []string{made.Class}
	class := pickle.Global{Module: "builtins", Name: made.Class}
	switch {
	case pickle.ExceptionIs(class, nil, pickle.Global{Module: "builtins", Name: "OSError"}):
		want = []string{"OSError", "IOError", "EnvironmentError"} // the errno says more to some
	case !slices.Contains(classes, made.Class):
		want = made.Bases[1:]
	}
	assert.NotEmpty(t, common(want, append(got.Bases, got.Class)), "%s is %s", where, got.Class)
	if want[0] == made.Class && made.Class != "OSError" {
		assert.Equal(t, made.Class, got.Class, where)
	}
}

// common returns what two lists have in common, but for what all exceptions are.
func common(a, b []string) (both []string) {
	for _, s := range a {
		if s != "object" && slices.Contains(b, s) {
			both = append(both, s)
		}
	}
	return both
}
