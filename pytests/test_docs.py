"""The README and its like say what is there: their code blocks, links, folders and the walk of a put."""
import inspect
import re
import subprocess

import pytest

import documents
import test_docs_run
from documents import ROOT

BLOCKS = list(documents.blocks())
OTHER_TESTS = ''.join(p.read_text() for p in (ROOT / 'pytests').glob('test_*.py') if p.name != 'test_docs.py')


def of(*kinds):
    return [pytest.param(block, id=repr(block)) for block in BLOCKS if block.kind in kinds]


def marked(text):
    return next(documents.blocks_of('x.md', text))


@pytest.mark.parametrize('block', [pytest.param(b, id=repr(b)) for b in BLOCKS])
def test_a_code_block_has_a_mark(block):
    assert block.kind, '%r: <!-- file: PATH -->, <!-- part: PATH --> or <!-- run: TEST --> above it' % block


@pytest.mark.parametrize('name', [n for n in documents.NAMES if n not in documents.GENERATED])
def test_code_is_between_fences(name):
    text = re.sub(r'^```.*?^```', '', (ROOT / name).read_text(), flags=re.S | re.M)
    assert not re.search(r'\n\n( {4}|\t)', text), 'an indented block has no mark'


@pytest.mark.parametrize('block', of('file'))
def test_a_block_that_shows_a_file_is_that_file(block):
    assert block.text == (ROOT / block.target).read_text()
    assert block.after == '<!-- end -->'


@pytest.mark.parametrize('block', of('part'))
def test_a_block_that_shows_a_part_of_a_file_is_in_it(block):
    lost = documents.missing(block, (ROOT / block.target).read_text())
    assert lost is None, '%r: not in %s, or not in this order:\n%s' % (block, block.target, lost)


@pytest.mark.parametrize('block', of('file', 'part'))
def test_a_file_that_a_block_shows_is_run_by_a_test(block):
    if block.target.endswith('_test.go'):
        return
    folder, _, name = block.target.partition('/')
    assert folder == 'examples'
    module = name.replace('/main.go', '').replace('.py', '')
    assert re.search(r"'%s(\.py)?'|import %s\b" % (module, module), OTHER_TESTS), 'no test runs ' + block.target


@pytest.mark.parametrize('block', of('run'))
def test_a_block_that_is_run_names_the_test_that_runs_it(block):
    test = getattr(test_docs_run, block.target, None)
    assert test, '%r: no %s in test_docs_run.py' % (block, block.target)
    assert 'pasted' in inspect.signature(test).parameters


@pytest.mark.parametrize('block', of('diagram'))
def test_a_diagram_shows_folders_that_are_there(block):
    for folder in re.findall(r'[\w/]+', block.text):
        assert (ROOT / folder).is_dir(), folder


@pytest.mark.parametrize('name', documents.NAMES)
def test_the_links_of_a_document_lead_somewhere(name):
    page = ROOT / name
    for link in re.findall(r'\]\(([^)\s]+)\)', page.read_text()):
        if re.match(r'\w+:', link):
            continue
        path, _, anchor = link.partition('#')
        target = page.parent / path if path else page
        assert target.exists(), '%s: %s' % (name, link)
        if anchor:
            assert anchor in documents.heading_anchors(target.read_text()), '%s: %s' % (name, link)


def test_every_document_is_linked_from_the_readme():
    text = (ROOT / 'README.md').read_text()
    assert [n for n in documents.NAMES if n != 'README.md' and '(%s)' % n not in text] == []


def test_the_readme_is_short():
    assert len((ROOT / 'README.md').read_text().split()) <= 1400


def test_every_folder_of_code_is_in_the_list():
    text = (ROOT / 'CONTRIBUTING.md').read_text()
    listed = set(re.findall(r'^\| `([\w./]+)/` \|', text, re.M))
    assert [folder for folder in listed if not (ROOT / folder).is_dir()] == []
    files = subprocess.run(['git', 'ls-files', '*.go'], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout.decode()
    folders = {name.rpartition('/')[0] for name in files.split()}
    whole = ('cmd', 'examples', 'internal', 'interop', 'managers/queue')  # with all that is below
    unlisted = {f for f in folders if f not in listed and not any(f.startswith(w + '/') for w in whole)}
    assert unlisted == set()


def test_the_walk_of_a_put_names_functions_that_are_there():
    text = (ROOT / 'docs' / 'architecture.md').read_text()
    found = re.findall(r'`([\w/]+\.go)`: ((?:`\w+`(?:, )?)+)', text)
    assert len(found) > 15
    for file, names in found:
        code = (ROOT / file).read_text()
        for name in re.findall(r'\w+', names):
            assert re.search(r'^(func (\([^)]*\) )?|var |type )%s\b' % name, code, re.M), '%s: %s' % (file, name)


def test_the_steps_of_a_put_name_what_is_in_their_files():
    rows = re.findall(r'^\| \d+\. .*', (ROOT / 'docs' / 'architecture.md').read_text(), re.M)
    assert len(rows) > 10
    for row in rows:
        code = ''.join((ROOT / file).read_text() for file in re.findall(r'`([\w/]+\.go)`', row))
        assert [name for name in re.findall(r'`(\w+)`', row) if not re.search(r'\b%s\b' % name, code)] == [], row


@pytest.mark.parametrize('name', documents.NAMES)
def test_the_files_that_a_document_names_are_there(name):
    for path in re.findall(r'`((?:cmd|connection|docs|examples|interop|managers|pickle|pool|pytests)/[\w./-]*)`',
                           (ROOT / name).read_text()):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize('shown, lost', [
    ('b := 2', None),
    ('a := 1\nb := 2', None),
    ('a := 1\n// ...\nif b {\n\tc()', None),
    ('b := 2\n// ...\na := 1', 'a := 1'),
    ('a := 1\nif b {', 'a := 1\nif b {'),
    ('if b {\nc()', 'if b {\nc()'),
    ('b := 3', 'b := 3'),
    ('a := 1\n// ...', '(nothing)'),
])
def test_a_part_is_lines_of_its_file_in_their_order(shown, lost):
    block = marked('<!-- part: f.go -->\n```go\n%s\n```\n' % shown)
    assert documents.missing(block, 'func f() {\n\ta := 1\n\tb := 2\n\tif b {\n\t\tc()\n\t}\n}\n') == lost


@pytest.mark.parametrize('above, kind', [
    ('<!-- run: test_x -->', 'run'), ('text', None), ('<!-- run: test_x -->\n', None), ('<!-- ran: test_x -->', None),
])
def test_a_mark_stands_right_above_its_block(above, kind):
    assert marked('%s\n```sh\ntrue\n```\n' % above).kind == kind
