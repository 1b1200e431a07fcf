"""Processes that run programs."""
import json
import os
import subprocess


class Runner:
    """zoo_run.py under one interpreter."""

    def __init__(self, name, version, python, path, args):
        self.name, self.version = name, version
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'zoo_run.py')
        env = dict(os.environ, PYTHONPATH=path, PYTHONHASHSEED='0', PYTHONIOENCODING='utf-8')
        self.process = subprocess.Popen([python, script] + args, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=env, encoding='utf-8')

    def ready(self):
        if self.process.stdout.readline() != 'ready\n':
            raise SystemExit(self.name + ' did not start')

    def send(self, program):
        self.process.stdin.write(json.dumps(program) + '\n')
        self.process.stdin.flush()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(self.name + ' ended')
        return json.loads(line)

    def run(self, program):
        """What differs, or None."""
        self.send(program)
        return self.answer()

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
