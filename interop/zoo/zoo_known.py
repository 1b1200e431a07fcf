"""The list of differences that are known and meant, each with a reason: differences.json."""
import json
import re

from zoo_side import source


def calls(program):
    return [program['make']] + program['steps']


def end(outcome):
    """How a call ended, without the value."""
    return outcome[1] if outcome[0] == 'raise' else outcome[0]


class Known:
    """What the file holds: a list of

    {"title": ..., "reason": ..., "rules": [RULE...], "examples": [[VERSION..., PROGRAM]...]}

    A rule has regular expressions for what a difference is like, and explains one that all of them match:
    "type", "call" (the source of the call that differs), "values" (found in one of the arguments up to it),
    "theirs" and "ours" (the outcome: "value ..." or the class of what was raised) "runner", and
    "after" (found in a call that raised before, with the class)."""

    def __init__(self, path):
        with open(path, encoding='utf-8') as f:
            self.entries = json.load(f)

    def explains(self, runner, program, difference):
        return any(matches(rule, runner, program, difference) for entry in self.entries for rule in entry['rules'])

    def stale(self, runners):
        """What is wrong with the list, as lines: examples that do not differ, or that no rule of theirs is for."""
        lines = []
        for entry in self.entries:
            for example in entry['examples']:
                for runner in runners:
                    if runner.name in example['runners']:
                        wrong = self.wrong(entry, example['program'], runner)
                        if wrong:
                            lines.append('%s: %s: %s: %s' % (runner.name, entry['title'], wrong, '; '.join(
                                source(call) for call in calls(example['program']))))
        return lines

    def wrong(self, entry, program, runner):
        difference = runner.run(program)
        if not difference:
            return 'does not differ any more'
        if not any(matches(rule, runner, program, difference) for rule in entry['rules']):
            return 'differs in another way, ' + json.dumps(difference)
        return None


def matches(rule, runner, program, difference):
    upto = calls(program)[:difference['step'] + 2]
    facts = {
        'type': [program['type']],
        'call': [source(upto[-1])],
        'values': [argument for call in upto for argument in call[1]],
        'theirs': [text(difference['theirs'])],
        'ours': [text(difference['ours'])],
        'runner': [runner.name],
        'after': difference['raised'],
    }
    search = {'values', 'call', 'after'}
    return all(any((re.search if name in search else re.fullmatch)(pattern, fact, re.DOTALL) for fact in facts[name])
               for name, pattern in rule.items())


def text(outcome):
    return outcome[1] if outcome[0] == 'raise' else ' '.join(outcome).strip()
