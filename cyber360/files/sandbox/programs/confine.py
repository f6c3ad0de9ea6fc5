"""What a process takes away from itself before it reads a byte: memory, time, files, processes, network.

The filter of system calls is seccomp's (Linux, `man 2 seccomp`), because a limit on processes does not bind root.
Numbers: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux.
"""

import ctypes
import os
import platform
import resource
import struct
import sys
from contextlib import suppress

MEMORY = 512 * 1024 * 1024
CPU_SECONDS = 20
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _SECCOMP_MODE_FILTER = 1, 22, 38, 2
_SIGKILL = 9

# Refused whole, as (x86-64, arm64); None where the machine has no such call.
_REFUSED = {
    "socket": (41, 198), "socketpair": (53, 199), "fork": (57, None), "vfork": (58, None), "clone": (56, 220),
    "clone3": (435, 435), "execve": (59, 221), "execveat": (322, 281), "ptrace": (101, 117), "mount": (165, 40),
    "unshare": (272, 97), "setns": (308, 268), "bpf": (321, 280), "io_uring_setup": (425, 425), "creat": (85, None),
    "userfaultfd": (323, 282), "perf_event_open": (298, 241), "process_vm_readv": (310, 270), "keyctl": (250, 219),
    "process_vm_writev": (311, 271), "add_key": (248, 217), "request_key": (249, 218), "openat2": (437, 437),
    "truncate": (76, 45), "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276), "mkdir": (83, None),
    "mkdirat": (258, 34), "rmdir": (84, None), "unlink": (87, None), "unlinkat": (263, 35), "link": (86, None),
    "linkat": (265, 37), "symlink": (88, None), "symlinkat": (266, 36), "chmod": (90, None), "fchmodat": (268, 53),
    "chown": (92, None), "fchownat": (260, 54), "mknod": (133, None), "mknodat": (259, 33),
}  # fmt: skip
# Refused when the argument at this place asks for writing.
_OPENS = {"open": ((2, None), 1), "openat": ((257, 56), 2)}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 1  # 1: EPERM
_OTHER_NUMBERS = 0x40000000  # the numbers of x86's second set of calls, of which none is needed


def confine(size: int) -> None:
    """`size` is that of the document in bytes: a parser may hold it a few times."""
    soft_and_hard = (
        ("RLIMIT_AS", MEMORY + 3 * size, MEMORY + 3 * size),
        ("RLIMIT_CPU", CPU_SECONDS, CPU_SECONDS + 2),  # SIGXCPU first, so that the parent can tell
        ("RLIMIT_FSIZE", 0, 0),
        ("RLIMIT_NOFILE", 24, 24),
        ("RLIMIT_NPROC", 0, 0),
        ("RLIMIT_CORE", 0, 0),
    )
    for name, soft, hard in soft_and_hard:
        with suppress(*() if sys.platform == "linux" else (ValueError, OSError)):  # others know fewer of them
            resource.setrlimit(getattr(resource, name), (soft, hard))
    os.nice(10)
    if sys.platform == "linux":
        _give_up_rights()


def _give_up_rights() -> None:
    """No new privileges, an end with the parent's, and no calls but those that reading needs."""
    library = ctypes.CDLL(None, use_errno=True)
    _control(library, _PR_SET_NO_NEW_PRIVS, 1)
    _control(library, _PR_SET_PDEATHSIG, _SIGKILL)
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return
    rules = _rules(*machine)
    steps = ctypes.create_string_buffer(b"".join(rules), 8 * len(rules))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_void_p)]

    program = Program(len(rules), ctypes.addressof(steps))
    _control(library, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(program))


def _control(library: ctypes.CDLL, what: int, first: int, second: int = 0) -> None:
    zero = ctypes.c_ulong(0)
    if library.prctl(what, ctypes.c_ulong(first), ctypes.c_ulong(second), zero, zero):
        raise OSError(ctypes.get_errno(), f"prctl {what}")


def _rules(column: int, machine: int) -> list[bytes]:
    """The filter: each step is an operation, two jumps and a value (struct sock_filter)."""
    load_number, load_machine = _step(_LOAD, 0), _step(_LOAD, 4)
    rules = [load_machine, _step(_EQUAL, machine, 1, 0), _step(_RETURN, _REFUSE)]
    rules += [load_number, _step(_AT_LEAST, _OTHER_NUMBERS, 0, 1), _step(_RETURN, _REFUSE)]
    for numbers in _REFUSED.values():
        if (number := numbers[column]) is not None:
            rules += [_step(_EQUAL, number, 0, 1), _step(_RETURN, _REFUSE)]
    for numbers, argument in _OPENS.values():
        if (number := numbers[column]) is not None:
            rules += [
                _step(_EQUAL, number, 0, 4),
                _step(_LOAD, 16 + 8 * argument),
                _step(_ANY_BIT, _WRITING, 0, 1),
                _step(_RETURN, _REFUSE),
                _step(_RETURN, _ALLOW),
            ]
    return [*rules, _step(_RETURN, _ALLOW)]


def _step(operation: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", operation, if_true, if_false, value)
