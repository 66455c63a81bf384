"""The most memory that a process had, as an expression for programs that tests start.

Not `resource.getrusage`: what it says begins with what the process had that started this one.
"""

KILOBYTES = "int(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])"
