"""Generates programs with Hypothesis, and prints those on which two servers answer differently.

    python zoo_find.py < CONFIG

CONFIG is JSON: "runners", each with "name", "python" (the client's), "path" (its PYTHONPATH), "args" (what
zoo_run.py takes) and "version"; "examples", how many programs; "seed"; "differences", a file of those that are
known; and "cured", a file of programs that differed once. Each program is run by every runner. What differs
and is not known is shrunk and printed as a script. The exit status is 1 where there is such a thing, or where a
known difference does not show any more."""
import json
import sys

from hypothesis import HealthCheck, Phase, given, seed, settings

import zoo_known
import zoo_shrink
from zoo_generate import programs
from zoo_runner import Runner


def explore(runners, config, known):
    """The shortest program of each kind of difference that is not known, with the runner it shows in."""
    found = {}

    def judge(program):
        for runner, difference in all_of(runners, program):
            if not known.explains(runner, program, difference):
                kind = zoo_shrink.kind(program, difference)
                if kind not in found or size(program) < size(found[kind][1]):
                    found[kind] = runner, program, difference

    with open(config['cured'], encoding='utf-8') as f:
        for line in f:
            judge(json.loads(line))

    @seed(config['seed'])
    @settings(max_examples=config['examples'], database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))
    @given(programs(config.get('types')))
    def check(program):
        judge(program)

    check()
    return found


def all_of(runners, program):
    """Runs a program everywhere at once."""
    for runner in runners:
        runner.send(program)
    answers = [(runner, runner.answer()) for runner in runners]
    return [(runner, difference) for runner, difference in answers if difference]


def size(program):
    return len(json.dumps(program))


def main():
    config = json.load(sys.stdin)
    runners = [Runner(**options) for options in config['runners']]
    known = zoo_known.Known(config['differences'])
    try:
        for runner in runners:
            runner.ready()
        stale = known.stale(runners)
        found = explore(runners, config, known)
        for kind in sorted(found):
            runner, program, difference = found[kind]
            program, difference = zoo_shrink.shrink(program, difference, runner.run)
            print(zoo_shrink.script(program, runner, difference, kind))
        for line in stale:
            print(line)
        print('%d programs, %d runners, %d kinds of unknown differences, %d known that do not show' % (
            config['examples'], len(runners), len(found), len(stale)))
        return 1 if found or stale else 0
    finally:
        for runner in runners:
            runner.stop()


if __name__ == '__main__':
    sys.exit(main())
