"""Hypothesis strategies for programs.

A program is {"type": NAME, "make": CALL, "steps": [CALL...]}, and a call [TEMPLATE, ARGUMENTS, CONDITION]: a
template like "o.put({}, {})" with an expression for each {}, and an expression that must hold for the call to
be made, or None."""
import re

from hypothesis import strategies as st

import zoo_table as table

# A family's expressions are equal, or nearly so: half of the programs draw from one, since what equality does
# would rarely show otherwise.
PLACES = st.sampled_from(table.FAMILIES + [table.EVERY] * len(table.FAMILIES))
# One argument in so many is of no kind that the call expects.
STRAY = 6
# What programs are without, by turns: where one of these is, much differs that is known.
WITHOUT = [table.OWN + '|' + table.PACKAGES, table.OWN + '|' + table.ARRAYS, table.OWN, table.PACKAGES, '$.']


@st.composite
def programs(draw, types=None):
    names = [t for t in types or table.TYPES for _ in range(table.WEIGHTS.get(t, 1))]
    name = draw(st.sampled_from(names))
    makes, calls, state = table.TYPES[name]
    without = re.compile(draw(st.sampled_from(WITHOUT)))

    def among(values):
        return st.sampled_from([value for value in values if not without.search(value)] or ['1'])

    pool = st.sampled_from(draw(st.lists(among(draw(PLACES)), min_size=1, max_size=4)))
    anything = st.one_of(pool, pool, among(table.EVERY))

    def argument(kind):
        if kind == 'any' or kind not in table.STRICT and draw(st.integers(1, STRAY)) == STRAY:
            return draw(anything)
        return draw(among(table.KINDS[kind]))

    def call(template, kinds, condition=None):
        return [template, [argument(kind) for kind in kinds.split()], condition]

    make = call(*draw(st.sampled_from(makes)))
    steps = [call(*draw(st.sampled_from(calls))) for _ in range(draw(st.integers(1, 6)))]
    return {'type': name, 'make': make, 'steps': steps + [[source, [], None] for source in state]}
