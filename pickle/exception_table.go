package pickle

// exceptionBases are the classes of exceptions by their bases: those of builtins, without the module, and of
// modules whose exceptions worker programs often meet. It is what CPython 2.7 and 3.6 to 3.15 have together;
// where they differ, it is what 3 has.
//
// Source: __bases__, asked of each of these versions.
const exceptionBases = `
ArithmeticError: FloatingPointError OverflowError ZeroDivisionError decimal.DecimalException
BaseException: asyncio.exceptions.CancelledError BaseExceptionGroup Exception GeneratorExit
	KeyboardInterrupt SystemExit
BaseExceptionGroup: ExceptionGroup
ConnectionError: BrokenPipeError ConnectionAbortedError ConnectionRefusedError ConnectionResetError
ConnectionResetError: http.client.RemoteDisconnected
EOFError: asyncio.exceptions.IncompleteReadError
Exception: _csv.Error _lzma.LZMAError _pickle.PickleError _queue.Empty asyncio.exceptions.InvalidStateError
	asyncio.exceptions.LimitOverrunError asyncio.exceptions.TimeoutError binascii.Incomplete ArithmeticError
	AssertionError AttributeError BufferError EOFError ExceptionGroup ImportError LookupError MemoryError
	NameError OSError ReferenceError RuntimeError StopAsyncIteration StopIteration SyntaxError SystemError
	TypeError ValueError Warning concurrent.futures._base.Error concurrent.futures.process._RemoteTraceback
	configparser.Error copy.Error http.client.HTTPException multiprocessing.context.ProcessError
	multiprocessing.managers.RemoteError multiprocessing.pool.MaybeEncodingError
	multiprocessing.pool.RemoteTraceback pickle.PickleError pickle._Stop queue.Empty queue.Full queue.ShutDown
	re.PatternError re.error shutil.RegistryError shutil._GiveupOnFastCopy socket._GiveupOnSendfile
	sqlite3.Error sqlite3.Warning sre_constants.error ssl._GiveupOnSSLSendfile struct.error
	subprocess.SubprocessError tarfile.TarError xmlrpc.client.Error zipfile.BadZipFile zipfile.BadZipfile
	zipfile.LargeZipFile zlib.error
ImportError: ImportCycleError ModuleNotFoundError
IndentationError: TabError
KeyError: zoneinfo._common.ZoneInfoNotFoundError
LookupError: IndexError KeyError
NameError: UnboundLocalError
OSError: BlockingIOError ChildProcessError ConnectionError FileExistsError FileNotFoundError
	InterruptedError IsADirectoryError NotADirectoryError PermissionError ProcessLookupError TimeoutError
	gzip.BadGzipFile io.UnsupportedOperation shutil.Error shutil.ExecError shutil.ReadError
	shutil.SpecialFileError socket.gaierror socket.herror socket.timeout ssl.SSLError urllib.error.URLError
RuntimeError: asyncio.exceptions.BrokenBarrierError asyncio.exceptions.SendfileNotAvailableError
	NotImplementedError PythonFinalizationError RecursionError concurrent.futures._base.BrokenExecutor
	concurrent.futures.process.BrokenProcessPool threading.BrokenBarrierError
SyntaxError: IndentationError _IncompleteInputError
TimeoutError: asyncio.exceptions.TimeoutError concurrent.futures._base.TimeoutError socket.timeout
TypeError: decimal.FloatOperation
UnicodeError: UnicodeDecodeError UnicodeEncodeError UnicodeTranslateError
ValueError: binascii.Error UnicodeError io.UnsupportedOperation json.decoder.JSONDecodeError
	ssl.CertificateError ssl.SSLCertVerificationError
Warning: BytesWarning DeprecationWarning EncodingWarning FutureWarning ImportWarning
	PendingDeprecationWarning ResourceWarning RuntimeWarning SyntaxWarning UnicodeWarning UserWarning
ValueError: numpy.linalg.LinAlgError
ZeroDivisionError: decimal.DivisionByZero decimal.DivisionUndefined
_pickle.PickleError: _pickle.PicklingError _pickle.UnpicklingError
concurrent.futures._base.BrokenExecutor: concurrent.futures.process.BrokenProcessPool
	concurrent.futures.thread.BrokenThreadPool
concurrent.futures._base.Error: concurrent.futures._base.CancelledError
	concurrent.futures._base.InvalidStateError concurrent.futures._base.TimeoutError
configparser.Error: configparser.DuplicateOptionError configparser.DuplicateSectionError
	configparser.InterpolationError configparser.InvalidWriteError configparser.NoOptionError
	configparser.NoSectionError configparser.ParsingError configparser.UnnamedSectionDisabledError
configparser.InterpolationError: configparser.InterpolationDepthError
	configparser.InterpolationMissingOptionError configparser.InterpolationSyntaxError
configparser.ParsingError: configparser.MissingSectionHeaderError configparser.MultilineContinuationError
decimal.DecimalException: decimal.Clamped decimal.DivisionByZero decimal.FloatOperation decimal.Inexact
	decimal.InvalidOperation decimal.Rounded decimal.Subnormal
decimal.Inexact: decimal.Overflow decimal.Underflow
decimal.InvalidOperation: decimal.ConversionSyntax decimal.DivisionImpossible decimal.DivisionUndefined
	decimal.InvalidContext
decimal.Rounded: decimal.Overflow decimal.Underflow
decimal.Subnormal: decimal.Underflow
http.client.BadStatusLine: http.client.RemoteDisconnected
http.client.HTTPException: http.client.BadStatusLine http.client.ImproperConnectionState
	http.client.IncompleteRead http.client.InvalidURL http.client.LineTooLong http.client.NotConnected
	http.client.UnimplementedFileMode http.client.UnknownProtocol http.client.UnknownTransferEncoding
http.client.ImproperConnectionState: http.client.CannotSendHeader http.client.CannotSendRequest
	http.client.ResponseNotReady
multiprocessing.context.ProcessError: multiprocessing.context.AuthenticationError
	multiprocessing.context.BufferTooShort multiprocessing.context.TimeoutError
pickle.PickleError: pickle.PicklingError pickle.UnpicklingError
shutil.Error: shutil.SameFileError
sqlite3.DatabaseError: sqlite3.DataError sqlite3.IntegrityError sqlite3.InternalError
	sqlite3.NotSupportedError sqlite3.OperationalError sqlite3.ProgrammingError
sqlite3.Error: sqlite3.DatabaseError sqlite3.InterfaceError
ssl.SSLError: ssl.SSLCertVerificationError ssl.SSLEOFError ssl.SSLSyscallError ssl.SSLWantReadError
	ssl.SSLWantWriteError ssl.SSLZeroReturnError
subprocess.SubprocessError: subprocess.CalledProcessError subprocess.TimeoutExpired
tarfile.FilterError: tarfile.AbsoluteLinkError tarfile.AbsolutePathError tarfile.LinkFallbackError
	tarfile.LinkOutsideDestinationError tarfile.OutsideDestinationError tarfile.SpecialFileError
tarfile.HeaderError: tarfile.EOFHeaderError tarfile.EmptyHeaderError tarfile.InvalidHeaderError
	tarfile.SubsequentHeaderError tarfile.TruncatedHeaderError
tarfile.TarError: tarfile.CompressionError tarfile.ExtractError tarfile.FilterError tarfile.HeaderError
	tarfile.ReadError tarfile.StreamError
urllib.error.URLError: urllib.error.ContentTooShortError urllib.error.HTTPError
xmlrpc.client.Error: xmlrpc.client.Fault xmlrpc.client.ProtocolError xmlrpc.client.ResponseError
`
