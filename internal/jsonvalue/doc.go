// Package jsonvalue spells Python values as JSON and reads them back.
//
// None, bool, int, float, str, list and dict with str keys are themselves. What JSON has no form for is
// an object that names its class; Help is the list. Reading gives a value of the same type back, and
// makes no other class than those of Python's library which do nothing when they are made, unless
// Reader.Classes names it: JSON comes from strangers, and an object in a pickle is a call.
//
// Output is bounded, whatever the value: what contains itself, or would grow large because it shares
// parts, is written with references.
package jsonvalue

// Help is the spelling, as mpbridge help values prints it.
const Help = `Python values as JSON, as get, call, inspect --json and map print them and put, call and map read them.

None, bool, int, float, str, list, and dict whose keys are str, are themselves. 2.0 is a float, 2 an int.
Everything else is an object that names its class:

  {"__class__":"tuple","items":[1,2]}              also set and frozenset
  {"__class__":"bytes","base64":"AP8="}            also bytearray; read are "hex" and "text" (ASCII), too
  {"__class__":"dict","items":[[1,"a"],[null,2]]}  where a key is no str
  {"__class__":"float","value":"nan"}              also inf and -inf
  {"__class__":"int","hex":"-1f…"}                 of more than 4300 digits
  {"__class__":"complex","real":1.0,"imag":-2.0}
  {"__class__":"range","args":[0,10,1]}            also slice; {"__class__":"ellipsis"}
  {"__class__":"datetime.datetime","value":"2026-11-27T12:30:00.5+01:00"}
                                                   without an offset: naive; other zones: "tzinfo":…; "fold":1
  {"__class__":"datetime.date","value":"2026-11-27"}
  {"__class__":"datetime.time","value":"12:30:00"}
  {"__class__":"datetime.timedelta","days":-1,"seconds":3600,"microseconds":0}
  {"__class__":"datetime.timezone","offset":"+01:00"}      perhaps with "name"
  {"__class__":"zoneinfo.ZoneInfo","key":"Europe/Berlin"}
  {"__class__":"decimal.Decimal","value":"1.10"}
  {"__class__":"fractions.Fraction","value":"1/3"}
  {"__class__":"uuid.UUID","value":"12345678-1234-5678-1234-567812345678"}
  {"__class__":"pathlib.PosixPath","value":"/etc/hosts"}   also WindowsPath and the Pure ones
  {"__class__":"numpy.float64","value":1.5}        also bool_, int8 to uint64, float16 to complex128
  {"__class__":"numpy.ndarray","dtype":"int64","shape":[2,2],"items":[[1,2],[3,4]]}
                                                   of more than 1000 elements: "base64", in C order
  {"__class__":"global","name":"builtins.list"}    a class or function
  {"__class__":"builtins.ValueError","args":["text"]}
                                                   any other object: how its pickle makes it, with
                                                   "new", "old", "kwargs", "state", "items", "pairs"
  {"__class__":"shared","id":1,"value":[…]}        a value that stands in several places, at the first;
  {"__class__":"ref","id":1}                       at the others

Inside the keys of a dict and the elements of a set, an array is a tuple. References are used for what
contains itself, and where writing what is shared each time would take more than 1 MiB. What inspect --json prints
of a pickle that is more or less than a value is in mpbridge inspect --help.

Read back are objects of classes that do nothing when they are made: those above, the collections
OrderedDict, defaultdict, deque and Counter, built-in exceptions, those of queue, and array.array. Others
are read where --class names them, as in --class app.Color or --class 'app.*'; for what that cannot do,
there is --raw. An object in a pickle is a call of what it names, so name no class that does harm.

ASCII text of Python 2's str reads as unicode there when it comes back; other text of it is bytes.

With --plain what is printed is for people and jq, and loses types: tuples and sets are arrays, bytes that
are text are text, times are in ISO form, Decimal, Fraction, UUID and paths are text, numpy scalars and
arrays are numbers and arrays.`
