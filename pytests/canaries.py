"""Pickles that run something when Python loads them, as opcodes without PROTO and STOP. Each would make
a file: the canary is dead when the file is there."""
import marshal
import pickle
import pickletools
import struct


def text(s):
    """BINUNICODE, which every protocol but the first reads."""
    data = s.encode()
    return b'X' + struct.pack('<I', len(data)) + data


def body(data):
    """The opcodes of a whole pickle without PROTO, FRAME and STOP."""
    out, ops = b'', [(op.name, pos) for op, _, pos in pickletools.genops(data)]
    for (name, pos), (_, end) in zip(ops, ops[1:]):
        if name not in ('PROTO', 'FRAME'):
            out += data[pos:end]
    return out


class Reducer:
    """What most exploits are: an object whose __reduce__ names a function."""

    def __init__(self, function, *args):
        self.reduced = function, args

    def __reduce__(self):
        return self.reduced


def make(path):
    """All canaries that would make a file, by name."""
    import os
    import subprocess
    command, source = text('touch ' + path), text('open(%r, "w").close()' % path)
    system = b'cos\nsystem\n(' + command + b'tR'
    plain = b'ctypes\nSimpleNamespace\n(tR'
    code = marshal.dumps(compile('open(%r, "w").close()' % path, 'canary', 'exec'))
    out = {
        'os.system': system,
        'posix.system': b'cposix\nsystem\n(' + command + b'tR',
        'subprocess.Popen': b'csubprocess\nPopen\n((' + text('touch') + text(path) + b'ltR',
        'subprocess.call': b'csubprocess\ncall\n((' + text('touch') + text(path) + b'ltR',
        'eval': b'cbuiltins\neval\n(' + source + b'tR',
        'exec': b'cbuiltins\nexec\n(' + source + b'tR',
        'eval of Python 2': b'c__builtin__\neval\n(' + source + b'tR',
        'open': b'cbuiltins\nopen\n(' + text(path) + text('w') + b'tR',
        'a getattr chain': b'cbuiltins\ngetattr\n(cbuiltins\n__import__\n(' + text('os') + b'tR'
                           + text('system') + b'tR(' + command + b'tR',
        'a dotted name': b'\x8c\x02os\x8c\x06system\x93(' + command + b'tR',
        'a computed name': b'coperator\nadd\n(' + text('o') + text('s') + b'tRcoperator\nadd\n('
                           + text('sys') + text('tem') + b'tR\x93(' + command + b'tR',
        'a code object': b'ctypes\nFunctionType\n(cmarshal\nloads\n(B' + struct.pack('<I', len(code))
                         + code + b'tRcbuiltins\nglobals\n(tRtR(tR',
        'a partial': b'cfunctools\npartial\n(cos\nsystem\n' + command + b'tR(tR',
        'map': b'cbuiltins\nlist\n(cbuiltins\nmap\n(cos\nsystem\n(' + command + b'ltRtR',
        'copyreg': b'ccopyreg\n__newobj__\n(cbuiltins\nlist\ntR' + b'ccopyreg\n_reconstructor\n'
                   b'(cbuiltins\nlist\ncbuiltins\nlist\ncbuiltins\nmap\n(cos\nsystem\n('
                   + command + b'ltRtR\x86',
        'INST': b'(' + command + b'iposix\nsystem\n',
        'OBJ': b'(cposix\nsystem\n' + command + b'o',
        'NEWOBJ': b'cbuiltins\nmap\n(cos\nsystem\n(' + command + b'lt\x81',
        'NEWOBJ_EX': b'cbuiltins\nmap\n(cos\nsystem\n(' + command + b'lt}\x92',
        'BUILD': plain + b'}(' + text('__setstate__') + b'cos\nsystem\nub' + command + b'b',
        'in an exception': b'cbuiltins\nValueError\n(' + system + b'tR',
        'in the state of an exception': b'cbuiltins\nValueError\n(tR}(' + text('a') + system + b'ub',
        'in a list of tuples': b'](' + system + b')\x86e',
        'in a namespace': plain + b'}(' + text('a') + system + b'ub',
        'an item of a subclass': b'ccollections\nOrderedDict\n(tR(' + system + b'Nu',
        'memoised': b'cos\nsystem\nq\x000h\x00(' + command + b'tR',
        'twice': system + b'2\x86',
        'an extension': b'\x82\x01(' + command + b'tR',
        'a persistent id': b'Pos.system\n',
        'a persistent object': system + b'Q',
    }
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        out['reduced, protocol %d' % protocol] = body(pickle.dumps([
            Reducer(os.system, 'touch ' + path), Reducer(subprocess.call, ['touch', path]),
            Reducer(eval, 'open(%r, "w")' % path)], protocol))
    return out


# What plain Python refuses to load or does lazily, and so never runs.
HARMLESS = {'NEWOBJ', 'NEWOBJ_EX', 'an extension', 'a persistent id'}

# Memo numbers move with their place in a message, and DUP is spelled out.
REWRITTEN = {'memoised', 'twice'}
