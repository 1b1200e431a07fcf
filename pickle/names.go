package pickle

import "strings"

// This file has the names of Python 2 and Python 3. Pickles of protocol 2 and below spell names as
// Python 2 does, whoever writes them; here they are always those of Python 3.
//
// Source: Lib/_compat_pickle.py, the union of what CPython's versions have.

// modulePairs are modules, Python 2 first, that map both ways.
var modulePairs = [][2]string{
	{"BaseHTTPServer", "http.server"},
	{"ConfigParser", "configparser"},
	{"Cookie", "http.cookies"},
	{"Dialog", "tkinter.dialog"},
	{"HTMLParser", "html.parser"},
	{"Queue", "queue"},
	{"ScrolledText", "tkinter.scrolledtext"},
	{"SimpleXMLRPCServer", "xmlrpc.server"},
	{"SocketServer", "socketserver"},
	{"Tix", "tkinter.tix"},
	{"Tkconstants", "tkinter.constants"},
	{"Tkdnd", "tkinter.dnd"},
	{"Tkinter", "tkinter"},
	{"__builtin__", "builtins"},
	{"_abcoll", "collections.abc"},
	{"_winreg", "winreg"},
	{"anydbm", "dbm"},
	{"commands", "subprocess"},
	{"cookielib", "http.cookiejar"},
	{"copy_reg", "copyreg"},
	{"dbhash", "dbm.bsd"},
	{"dbm", "dbm.ndbm"},
	{"dumbdbm", "dbm.dumb"},
	{"dummy_thread", "_dummy_thread"},
	{"gdbm", "dbm.gnu"},
	{"htmlentitydefs", "html.entities"},
	{"httplib", "http.client"},
	{"markupbase", "_markupbase"},
	{"repr", "reprlib"},
	{"robotparser", "urllib.robotparser"},
	{"test.test_support", "test.support"},
	{"thread", "_thread"},
	{"tkColorChooser", "tkinter.colorchooser"},
	{"tkCommonDialog", "tkinter.commondialog"},
	{"tkFileDialog", "tkinter.filedialog"},
	{"tkFont", "tkinter.font"},
	{"tkMessageBox", "tkinter.messagebox"},
	{"tkSimpleDialog", "tkinter.simpledialog"},
	{"ttk", "tkinter.ttk"},
	{"urllib2", "urllib.request"},
	{"urlparse", "urllib.parse"},
	{"xmlrpclib", "xmlrpc.client"},
}

// modulesRead are modules of Python 2 that became part of another one: they are read, never
// written.
var modulesRead = [][2]string{
	{"CGIHTTPServer", "http.server"},
	{"DocXMLRPCServer", "xmlrpc.server"},
	{"FileDialog", "tkinter.filedialog"},
	{"SimpleDialog", "tkinter.simpledialog"},
	{"SimpleHTTPServer", "http.server"},
	{"StringIO", "io"},
	{"UserDict", "collections"},
	{"UserList", "collections"},
	{"UserString", "collections"},
	{"_elementtree", "xml.etree.ElementTree"},
	{"cPickle", "pickle"},
	{"cStringIO", "io"},
	{"whichdb", "dbm"},
}

// modulesWritten are modules of Python 3 only: they are written, and read as the others of that
// name. _queue is ours: its one class was in Queue.
var modulesWritten = [][2]string{
	{"bz2", "_bz2"},
	{"dbm", "_dbm"},
	{"functools", "_functools"},
	{"gdbm", "_gdbm"},
	{"pickle", "_pickle"},
	{"Queue", "_queue"},
}

// exceptionNames are exceptions that moved from module exceptions to builtins.
const exceptionNames = "" +
	"ArithmeticError AssertionError AttributeError BaseException BufferError BytesWarning " +
	"DeprecationWarning EOFError EnvironmentError Exception FloatingPointError " +
	"FutureWarning GeneratorExit IOError ImportError ImportWarning IndentationError " +
	"IndexError KeyError KeyboardInterrupt LookupError MemoryError NameError " +
	"NotImplementedError OSError OverflowError PendingDeprecationWarning ReferenceError " +
	"RuntimeError RuntimeWarning StopIteration SyntaxError SyntaxWarning SystemError " +
	"SystemExit TabError TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError " +
	"UnicodeError UnicodeTranslateError UnicodeWarning UserWarning ValueError Warning " +
	"ZeroDivisionError"

// osErrorNames are exceptions of builtins that are an OSError in Python 2.
const osErrorNames = "" +
	"BrokenPipeError ChildProcessError ConnectionAbortedError ConnectionError " +
	"ConnectionRefusedError ConnectionResetError FileExistsError FileNotFoundError " +
	"InterruptedError IsADirectoryError NotADirectoryError PermissionError " +
	"ProcessLookupError TimeoutError"

// contextNames moved from multiprocessing to multiprocessing.context.
const contextNames = "AuthenticationError BufferTooShort ProcessError TimeoutError"

// namePairs are single names that moved: module and name of Python 2, then those of Python 3.
var namePairs = [][4]string{
	{"UserDict", "IterableUserDict", "collections", "UserDict"},
	{"UserList", "UserList", "collections", "UserList"},
	{"UserString", "UserString", "collections", "UserString"},
	{"__builtin__", "intern", "sys", "intern"},
	{"__builtin__", "long", "builtins", "int"},
	{"__builtin__", "reduce", "functools", "reduce"},
	{"__builtin__", "unichr", "builtins", "chr"},
	{"__builtin__", "unicode", "builtins", "str"},
	{"__builtin__", "xrange", "builtins", "range"},
	{"_multiprocessing", "Connection", "multiprocessing.connection", "Connection"},
	{"_socket", "fromfd", "socket", "fromfd"},
	{"itertools", "ifilter", "builtins", "filter"},
	{"itertools", "ifilterfalse", "itertools", "filterfalse"},
	{"itertools", "imap", "builtins", "map"},
	{"itertools", "izip", "builtins", "zip"},
	{"itertools", "izip_longest", "itertools", "zip_longest"},
	{"multiprocessing.forking", "Popen", "multiprocessing.popen_fork", "Popen"},
	{"multiprocessing.process", "Process", "multiprocessing.context", "Process"},
	{"urllib", "ContentTooShortError", "urllib.error", "ContentTooShortError"},
	{"urllib", "getproxies", "urllib.request", "getproxies"},
	{"urllib", "pathname2url", "urllib.request", "pathname2url"},
	{"urllib", "quote", "urllib.parse", "quote"},
	{"urllib", "quote_plus", "urllib.parse", "quote_plus"},
	{"urllib", "unquote", "urllib.parse", "unquote"},
	{"urllib", "unquote_plus", "urllib.parse", "unquote_plus"},
	{"urllib", "url2pathname", "urllib.request", "url2pathname"},
	{"urllib", "urlcleanup", "urllib.request", "urlcleanup"},
	{"urllib", "urlencode", "urllib.parse", "urlencode"},
	{"urllib", "urlopen", "urllib.request", "urlopen"},
	{"urllib", "urlretrieve", "urllib.request", "urlretrieve"},
	{"urllib2", "HTTPError", "urllib.error", "HTTPError"},
	{"urllib2", "URLError", "urllib.error", "URLError"},
	{"whichdb", "whichdb", "dbm", "whichdb"},
}

// namesRead are read, never written.
var namesRead = [][4]string{
	{"UserDict", "UserDict", "collections", "UserDict"},
	{"__builtin__", "basestring", "builtins", "str"},
	{"exceptions", "StandardError", "builtins", "Exception"},
	{"socket", "_socketobject", "socket", "SocketType"},
}

// namesWritten are written, never read.
var namesWritten = [][4]string{
	{"__builtin__", "reduce", "_functools", "reduce"},
	{"socket", "_socketobject", "_socket", "socket"},
	{"exceptions", "ImportError", "builtins", "ModuleNotFoundError"},
	{"subprocess", "CalledProcessError", "subprocess", "CalledProcessError"},
	{"zipfile", "BadZipfile", "zipfile", "BadZipFile"},
	{"CGIHTTPServer", "CGIHTTPRequestHandler", "http.server", "CGIHTTPRequestHandler"},
	{"SimpleHTTPServer", "SimpleHTTPRequestHandler", "http.server", "SimpleHTTPRequestHandler"},
	{"FileDialog", "FileDialog", "tkinter.filedialog", "FileDialog"},
	{"FileDialog", "LoadFileDialog", "tkinter.filedialog", "LoadFileDialog"},
	{"FileDialog", "SaveFileDialog", "tkinter.filedialog", "SaveFileDialog"},
	{"SimpleDialog", "SimpleDialog", "tkinter.simpledialog", "SimpleDialog"},
	{"DocXMLRPCServer", "DocCGIXMLRPCRequestHandler", "xmlrpc.server", "DocCGIXMLRPCRequestHandler"},
	{"DocXMLRPCServer", "DocXMLRPCRequestHandler", "xmlrpc.server", "DocXMLRPCRequestHandler"},
	{"DocXMLRPCServer", "DocXMLRPCServer", "xmlrpc.server", "DocXMLRPCServer"},
	{"DocXMLRPCServer", "ServerHTMLDoc", "xmlrpc.server", "ServerHTMLDoc"},
	{"DocXMLRPCServer", "XMLRPCDocGenerator", "xmlrpc.server", "XMLRPCDocGenerator"},
}

var (
	modulesFrom2 = make(map[string]string)
	modulesTo2   = make(map[string]string)
	namesFrom2   = make(map[Global]Global)
	namesTo2     = make(map[Global]Global)
)

func init() {
	for _, m := range modulePairs {
		modulesFrom2[m[0]], modulesTo2[m[1]] = m[1], m[0]
	}
	for _, m := range modulesRead {
		modulesFrom2[m[0]] = m[1]
	}
	for _, m := range modulesWritten {
		modulesTo2[m[1]] = m[0]
	}
	for _, n := range namePairs {
		pairNames(n, true, true)
	}
	for _, n := range namesRead {
		pairNames(n, true, false)
	}
	for _, n := range namesWritten {
		pairNames(n, false, true)
	}
	for _, n := range strings.Fields(exceptionNames) {
		pairNames([4]string{"exceptions", n, "builtins", n}, true, true)
	}
	for _, n := range strings.Fields(contextNames) {
		pairNames([4]string{"multiprocessing", n, "multiprocessing.context", n}, true, true)
	}
	for _, n := range strings.Fields(osErrorNames) {
		pairNames([4]string{"exceptions", "OSError", "builtins", n}, false, true)
	}
}

func pairNames(n [4]string, read, written bool) {
	two, three := Global{n[0], n[1]}, Global{n[2], n[3]}
	if read {
		namesFrom2[two] = three
	}
	if written {
		namesTo2[three] = two
	}
}

// fromPython2 spells a name as Python 3 does.
func fromPython2(module, name string) Global {
	if g, ok := namesFrom2[Global{module, name}]; ok {
		return g
	}
	if m, ok := modulesFrom2[module]; ok {
		return Global{m, name}
	}
	return Global{module, name}
}

// toPython2 spells a name as Python 2 does.
func toPython2(g Global) Global {
	if old, ok := namesTo2[g]; ok {
		return old
	}
	if m, ok := modulesTo2[g.Module]; ok {
		g.Module = m
	}
	return g
}
