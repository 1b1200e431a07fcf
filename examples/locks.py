"""Takes a lock and an event of a Go program from stdin: see locks/main.go."""
import pickle
import sys

lock, ready = pickle.load(sys.stdin.buffer)
ready.wait()
with lock:
    print('Python has', lock)
