"""What signals do to a Python, and what a Go program is seen to end with: signals.py. Requests:

  {"op": "count", "signal": n}      counts how often the handler runs, and the bytes of the wakeup fd
  {"op": "counted"}                 answers {"handler": n, "bytes": n}
  {"op": "block", "signal": n}      has it wait for sigwaitinfo (3.3 and later)
  {"op": "taken", "signal": n}      answers {"taken": n}, how often it was taken
  {"op": "child", "program": [argument], "signal": n, "survives": bool}   starts a program and sends it the
                                    signal; answers {"returncode": n}, or {"survived": bool}
  {"op": "alarm"}                   an alarm after a hundredth of a second, without a handler
  {"op": "exit", "status": n}
"""
import fcntl
import os
import signal
import subprocess
import sys

import peer

handled = [0]
pipe = os.pipe()
for end in pipe:
    fcntl.fcntl(end, fcntl.F_SETFL, fcntl.fcntl(end, fcntl.F_GETFL) | os.O_NONBLOCK)


def handler(number, frame):
    handled[0] += 1


def count(request):
    signal.signal(request["signal"], handler)
    signal.siginterrupt(request["signal"], False)
    signal.set_wakeup_fd(pipe[1])


def counted(request):
    return {"handler": handled[0], "bytes": len(os.read(pipe[0], 65536))}


def block(request):
    signal.pthread_sigmask(signal.SIG_BLOCK, [request["signal"]])


def taken(request):
    n = 0
    while signal.sigtimedwait([request["signal"]], 0) is not None:
        n += 1
    return {"taken": n}


def child(request):
    program = subprocess.Popen(request["program"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    program.stdout.readline()
    program.send_signal(request["signal"])
    if request["survives"]:
        program.stdin.write(b"are you there\n")
        program.stdin.flush()
        alive = program.stdout.readline() == b"yes\n"
        program.kill()
        program.communicate()
        return {"survived": alive}
    program.communicate()
    return {"returncode": program.returncode}


def leave(request):
    sys.exit(request["status"])


OPS = {"count": count, "counted": counted, "block": block, "taken": taken, "child": child,
       "alarm": lambda request: signal.setitimer(signal.ITIMER_REAL, 0.01) and None, "exit": leave}

peer.ready()
peer.serve(lambda request: OPS[request["op"]](request) or {})
