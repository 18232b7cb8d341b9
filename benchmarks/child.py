"""Run a command, its output thrown away, and print ``[CPU seconds, peak MiB, seconds]`` of it as JSON."""

import json
import os
import subprocess
import sys
import time

began = time.monotonic()
process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, time.monotonic() - began]))
raise SystemExit(os.waitstatus_to_exitcode(status))
