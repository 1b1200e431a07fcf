package values

// tupleClasses are the namedtuples of the standard library and its tuples that are written in C: how their reprs call
// them, and their fields. Where versions have other fields, each has its line.
//
// Source: _fields, n_sequence_fields and repr() of each class, asked of Python 3.6 to 3.15.
const tupleClasses = `
aifc._aifc_params _aifc_params: nchannels sampwidth framerate nframes comptype compname
decimal.DecimalTuple DecimalTuple: sign digits exponent
difflib.Match Match: a b size
dis.Instruction Instruction: opname opcode arg argval argrepr offset starts_line is_jump_target
dis.Instruction Instruction: opname opcode arg argval argrepr offset starts_line is_jump_target positions
dis.Instruction Instruction: opname opcode arg argval argrepr offset start_offset starts_line line_number label
	positions cache_info
dis.Positions Positions: lineno end_lineno col_offset end_col_offset
doctest.TestResults TestResults: failed attempted
functools.CacheInfo CacheInfo: hits misses maxsize currsize
inspect.ArgInfo ArgInfo: args varargs keywords locals
inspect.ArgSpec ArgSpec: args varargs keywords defaults
inspect.Arguments Arguments: args varargs varkw
inspect.Attribute Attribute: name kind defining_class object
inspect.ClosureVars ClosureVars: nonlocals globals builtins unbound
inspect.FrameInfo FrameInfo: frame filename lineno function code_context index
inspect.FullArgSpec FullArgSpec: args varargs varkw defaults kwonlyargs kwonlydefaults annotations
inspect.Traceback Traceback: filename lineno function code_context index
nntplib.ArticleInfo ArticleInfo: number message_id lines
nntplib.GroupInfo GroupInfo: group last first flag
pkgutil.ModuleInfo ModuleInfo: module_finder name ispkg
platform.AndroidVer AndroidVer: release api_level manufacturer model device is_emulator
platform.IOSVersionInfo IOSVersionInfo: system release model is_simulator
platform.uname_result uname_result: system node release version machine
platform.uname_result uname_result: system node release version machine processor
sched.Event Event: time priority action argument
sched.Event Event: time priority action argument kwargs
sched.Event Event: time priority sequence action argument kwargs
selectors.SelectorKey SelectorKey: fileobj fd events data
shutil.usage usage: total used free
sndhdr.SndHeaders SndHeaders: filetype framerate nchannels nframes sampwidth
ssl.DefaultVerifyPaths DefaultVerifyPaths: cafile capath openssl_cafile_env openssl_cafile openssl_capath_env
	openssl_capath
statistics.LinearRegression LinearRegression: slope intercept
sunau._sunau_params _sunau_params: nchannels sampwidth framerate nframes comptype compname
urllib.parse.DefragResult DefragResult: url fragment
urllib.parse.DefragResultBytes DefragResultBytes: url fragment
urllib.parse.ParseResult ParseResult: scheme netloc path params query fragment
urllib.parse.ParseResultBytes ParseResultBytes: scheme netloc path params query fragment
urllib.parse.SplitResult SplitResult: scheme netloc path query fragment
urllib.parse.SplitResultBytes SplitResultBytes: scheme netloc path query fragment
urllib.robotparser.RequestRate RequestRate: requests seconds
wave._wave_params _wave_params: nchannels sampwidth framerate nframes comptype compname
grp.struct_group grp.struct_group: gr_name gr_passwd gr_gid gr_mem
os.stat_result os.stat_result: st_mode st_ino st_dev st_nlink st_uid st_gid st_size st_atime st_mtime st_ctime
os.statvfs_result os.statvfs_result: f_bsize f_frsize f_blocks f_bfree f_bavail f_files f_ffree f_favail f_flag
	f_namemax
os.terminal_size os.terminal_size: columns lines
posix.times_result posix.times_result: user system children_user children_system elapsed
posix.uname_result posix.uname_result: sysname nodename release version machine
posix.waitid_result posix.waitid_result: si_pid si_uid si_signo si_status si_code
pwd.struct_passwd pwd.struct_passwd: pw_name pw_passwd pw_uid pw_gid pw_gecos pw_dir pw_shell
resource.struct_rusage resource.struct_rusage: ru_utime ru_stime ru_maxrss ru_ixrss ru_idrss ru_isrss ru_minflt
	ru_majflt ru_nswap ru_inblock ru_oublock ru_msgsnd ru_msgrcv ru_nsignals ru_nvcsw ru_nivcsw
spwd.struct_spwd spwd.struct_spwd: sp_namp sp_pwdp sp_lstchg sp_min sp_max sp_warn sp_inact sp_expire sp_flag
time.struct_time time.struct_time: tm_year tm_mon tm_mday tm_hour tm_min tm_sec tm_wday tm_yday tm_isdst
`
