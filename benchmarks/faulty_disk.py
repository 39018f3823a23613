"""A disk that fails on demand, below the product's own SQLite: its VFS with other functions for write, sync and truncate.

SQLite's C structures are reached by ctypes, so the library, the pragmas and the code above are those of production.
Layout: https://sqlite.org/c3ref/vfs.html, https://sqlite.org/c3ref/io_methods.html.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from db_manager import sqlite3

IOERR, FULL = 10, 13
_POINTER = ctypes.c_void_p
_OPEN = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, _POINTER, _POINTER, ctypes.c_int, _POINTER)
_WRITE = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, _POINTER, ctypes.c_int, ctypes.c_int64)
_TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, ctypes.c_int64)
_SYNC = ctypes.CFUNCTYPE(ctypes.c_int, _POINTER, ctypes.c_int)


class _Vfs(ctypes.Structure):
    _fields_ = [
        ("version", ctypes.c_int), ("file_size", ctypes.c_int), ("longest_path", ctypes.c_int),
        ("next", _POINTER), ("name", _POINTER), ("data", _POINTER), ("open", _POINTER),
    ]  # fmt: skip


class _Methods(ctypes.Structure):
    _fields_ = [
        ("version", ctypes.c_int), ("close", _POINTER), ("read", _POINTER), ("write", _POINTER),
        ("truncate", _POINTER), ("sync", _POINTER), ("others", _POINTER * 13),
    ]  # fmt: skip


class _File(ctypes.Structure):
    _fields_ = [("methods", ctypes.POINTER(_Methods))]


class FaultyDisk:
    """`fail_at(n)`: the n-th write or sync from now on fails, once. All of them fail while the file `switch` exists."""

    def __init__(self) -> None:
        self.switch: Path | None = None
        self.fired = False
        self._code = IOERR
        self._left = 0
        self._lock = threading.Lock()

    def fail_at(self, number: int, code: int = IOERR) -> None:
        with self._lock:
            self.fired, self._left, self._code = False, number, code

    def result(self) -> int:
        """Of the call that is about to be made: 0, or the code with which it fails."""
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self.fired = True
            fails = self._left == 0 or (self.switch is not None and self.switch.exists())
            return self._code if fails else 0


@contextlib.contextmanager
def installed() -> Iterator[FaultyDisk]:
    """Files opened in this block are on a disk that can fail; close them within it."""
    library = ctypes.CDLL(importlib.import_module(f"{sqlite3.__name__}._sqlite3" if _is_bundled() else "_sqlite3").__file__)
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    vfs = library.sqlite3_vfs_find(None).contents
    disk, genuine = FaultyDisk(), vfs.open
    changed: dict[int, _Methods] = {}  # by the address of the genuine ones; kept as long as SQLite may call them
    callbacks: list[object] = []

    def open_file(self: int, name: int, file: int, flags: int, out: int) -> int:
        answer: int = _OPEN(genuine)(self, name, file, flags, out)
        opened = ctypes.cast(file, ctypes.POINTER(_File)).contents
        if answer == 0:
            address = ctypes.addressof(opened.methods.contents)
            if address not in changed:
                changed[address] = _failing(opened.methods.contents, disk, callbacks)
            opened.methods = ctypes.pointer(changed[address])
        return answer

    callback = _OPEN(open_file)
    vfs.open = ctypes.cast(callback, _POINTER).value
    try:
        yield disk
    finally:
        vfs.open = genuine
        _KEPT.append((callback, changed, callbacks))  # a connection that outlives the block still calls them


_KEPT: list[object] = []


def _is_bundled() -> bool:
    return sqlite3.__name__ != "sqlite3"


def _failing(genuine: _Methods, disk: FaultyDisk, callbacks: list[object]) -> _Methods:
    methods = _Methods.from_buffer_copy(genuine)
    for name, kind in (("write", _WRITE), ("truncate", _TRUNCATE), ("sync", _SYNC)):
        callback = kind(_checked(kind(getattr(genuine, name)), disk))
        setattr(methods, name, ctypes.cast(callback, _POINTER).value)
        callbacks.append(callback)
    return methods


def _checked(call: Callable[..., int], disk: FaultyDisk) -> Callable[..., int]:
    return lambda *arguments: disk.result() or call(*arguments)
