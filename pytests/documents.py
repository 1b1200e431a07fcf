"""The README and its like, as their tests see them.

Each code block has a mark in the line above:

    <!-- file: PATH -->   it is that file, whole; <!-- end --> follows the block
    <!-- part: PATH -->   its lines are in that file, in that order; a line "// ..." or "# ..." stands for what is left out
    <!-- run: TEST -->    TEST of test_docs_run.py runs it
    <!-- diagram -->      it shows folders
"""
import pathlib
import re
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAMES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md'] + sorted('docs/' + p.name for p in (ROOT / 'docs').glob('*.md'))
GENERATED = {'docs/differences.md'}  # its programs are indented; interop/zoo_known_test.go holds it to what was run

MARK = re.compile(r'<!-- (file|part|run|diagram)(?:: (\S+))? -->$')


class Block:
    """A code block: where it is, its mark (kind and target), its language and its text."""

    def __init__(self, document, line, mark, language, text, after):
        self.document, self.line, self.language, self.text, self.after = document, line, language, text, after
        found = MARK.match(mark)
        self.kind, self.target = found.groups() if found else (None, None)

    def __repr__(self):
        return '%s:%d' % (self.document, self.line)

    def pieces(self):
        """Its parts between the lines that stand for what is left out."""
        pieces = [[]]
        for line in self.text.splitlines():
            if line.strip() in ('// ...', '# ...'):
                pieces.append([])
            else:
                pieces[-1].append(line)
        return pieces


def blocks_of(document, text):
    """The code blocks of a document."""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        if lines[at].startswith('```'):
            end = next(n for n in range(at + 1, len(lines)) if lines[n].startswith('```'))
            mark = lines[at - 1] if at else ''
            after = lines[end + 1] if end + 1 < len(lines) else ''
            body = ''.join(line + '\n' for line in lines[at + 1:end])
            yield Block(document, at + 1, mark, lines[at][3:], body, after)
            at = end
        at += 1


def blocks():
    """The code blocks of all documents."""
    for name in NAMES:
        yield from blocks_of(name, (ROOT / name).read_text())


def dedented(lines):
    return textwrap.dedent('\n'.join(lines)).splitlines()


def missing(block, text):
    """The first piece of a block that is not in a text, behind the piece before it; None if all are there."""
    lines, at = text.splitlines(), 0
    for piece in block.pieces():
        want, size = dedented(piece), len(piece)
        found = next((n for n in range(at, len(lines) - size + 1) if dedented(lines[n:n + size]) == want), None)
        if not piece or found is None:
            return '\n'.join(piece) or '(nothing)'
        at = found + size
    return None


def heading_anchors(text):
    """What GitHub makes of the headings of a document: the ends of links into it."""
    anchors = []
    for line in re.sub(r'^```.*?^```', '', text, flags=re.S | re.M).splitlines():
        if line.startswith('#'):
            title = line.lstrip('#').strip().lower()
            anchors.append(re.sub(r'[^\w\- ]', '', title).replace(' ', '-'))
    return anchors
