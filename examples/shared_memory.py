"""Adds up the numbers that examples/sharedmem has put into a segment, and leaves the sum in a list.

Stock Python, 3.9 to 3.15; nothing is installed. (For 3.8 the list needs sharedmem.LayoutSizes.)
"""
import sys
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import ShareableList, SharedMemory


def untracked(shm):
    """Keeps this process from deleting, when it ends, what is not its own; from 3.13 on track=False does it."""
    resource_tracker.unregister('/' + shm.name, 'shared_memory')
    return shm


def main(segment, results):
    shm = untracked(SharedMemory(segment))
    results = ShareableList(name=results)
    untracked(results.shm)
    numbers = shm.buf.cast('d')
    results[0] = 'the sum of %d numbers is' % len(numbers)
    results[1] = sum(numbers)
    numbers.release()
    shm.close()
    results.shm.close()


if __name__ == '__main__':
    main(*sys.argv[1:])
