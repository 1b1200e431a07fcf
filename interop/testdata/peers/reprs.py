"""How values look whose classes a server may not know. Request: {"op": "library"} for those of the standard library,
{"op": "user"} for classes of this script. The answer has a label, a pickle and repr() of each.
"""
import collections
import datetime
import importlib
import pickle
import sys

import peer

ENUMS = (
    "annotationlib.Format calendar.Day calendar.Month http.HTTPMethod http.HTTPStatus inspect.BufferFlags "
    "inspect._ParameterKind plistlib.PlistFormat pstats.SortKey py_compile.PycInvalidationMode re.RegexFlag "
    "signal.Handlers signal.Sigmasks signal.Signals socket.AddressFamily socket.AddressInfo socket.MsgFlag "
    "socket.SocketKind ssl.AlertDescription ssl.SSLErrorNumber ssl.TLSVersion ssl.VerifyFlags ssl.VerifyMode "
    "ssl._SSLMethod uuid.SafeUUID").split()
TUPLES = (
    "decimal.DecimalTuple difflib.Match dis.Instruction doctest.TestResults inspect.ArgSpec inspect.FullArgSpec "
    "sched.Event shutil._ntuple_diskusage statistics.LinearRegression urllib.parse.DefragResult "
    "urllib.parse.ParseResult urllib.parse.SplitResultBytes urlparse.ParseResult").split()
SEQUENCES = "os.stat_result os.terminal_size os.uname_result time.struct_time pwd.struct_passwd".split()


def found(names):
    for name in names:
        module, _, attribute = name.rpartition(".")
        try:
            yield name, getattr(importlib.import_module(module), attribute)
        except (ImportError, AttributeError):
            pass


def library():
    for name, cls in found(ENUMS):
        for member in cls:
            yield name, member
        if "Flag" in cls.__mro__[1].__name__:
            bits = [m for m in cls if m.value and not m.value & (m.value - 1)]
            yield name + " of two", bits[0] | bits[1]
            yield name + " of none", cls(0)
    for name, cls in found(TUPLES):
        yield name, cls(*range(len(cls._fields)))
    for name, cls in found(SEQUENCES):
        yield name, cls(tuple(range(cls.n_sequence_fields)))
    for place in ("Europe/Berlin", "America/New_York", "UTC"):
        try:
            import zoneinfo
            zone = zoneinfo.ZoneInfo(place)
        except Exception:
            break
        yield "zone", zone
        yield "zone", datetime.datetime(2026, 10, 25, 2, 30, 1, tzinfo=zone, fold=1)
        yield "zone", datetime.time(1, 2, tzinfo=zone)
        yield "str of zone", str(datetime.datetime(2026, 10, 25, 2, 30, 1, tzinfo=zone, fold=1))


Point = collections.namedtuple("Point", "x y")


class L(list):
    pass


class D(dict):
    pass


class Id(int):
    pass


class Name(type(u"")):
    pass


if sys.version_info >= (3, 7):
    exec("""
import dataclasses
import enum
@dataclasses.dataclass
class Item:
    name: str
    price: float
    tags: list = dataclasses.field(default_factory=list)
class Color(enum.Enum):
    RED = 1
""")
if sys.version_info >= (3, 10):
    exec("""
@dataclasses.dataclass(slots=True)
class Slots:
    x: int
    y: object
@dataclasses.dataclass(slots=True, frozen=True)
class Frozen:
    x: int
    y: object
""")


def user():
    yield "namedtuple", Point(1, [2])
    yield "list", L([1, L([2])])
    yield "dict", D(a=1)
    yield "int", Id(7)
    yield "str", Name(u"it's")
    if sys.version_info >= (3, 7):
        item = Item("a", 1.5, [Item("b", 2, [])])
        yield "dataclass", item
        item.tags.append(item)
        yield "dataclass in itself", item
        yield "enum", Color.RED
    if sys.version_info >= (3, 10):
        yield "dataclass with slots", Slots(1, Slots(2, None))
        yield "frozen dataclass with slots", Frozen(1, None)


def inside(values):
    """Each value, and all of them in containers."""
    values = list(values)
    for label, value in values:
        yield label, value
    for label, value in values[::7]:
        yield label, [value, (value,), {"k": value}, collections.deque([value])]
        try:
            yield label, {value: frozenset([value])}
        except TypeError:
            pass


def run(request):
    values = library() if request["op"] == "library" else user()
    out = []
    for label, value in inside(values):
        for protocol in range(0 if request["op"] == "library" else 2, pickle.HIGHEST_PROTOCOL + 1):
            try:
                data = pickle.dumps(value, protocol)
                shown = repr(pickle.loads(data))
            except Exception:
                continue
            out.append({"label": label, "pickle": peer.to_base64(data), "repr": shown})
    return out


peer.ready()
peer.serve(run)
