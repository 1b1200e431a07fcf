"""A part of Leibniz's series for pi. Stock Python, 2.7 or 3.6 to 3.15."""


def part(first, count):
    """The sum of count terms of 4/1 - 4/3 + 4/5 - ..., from the one with number first on."""
    return sum((-4.0 if k % 2 else 4.0) / (2 * k + 1) for k in range(first, first + count))
