"""Compilation of CUDA C by NVRTC, without a device.

Compile with ``OPTIONS``: NVRTC contracts a*b+c to a fused multiply-add unless told not to, which would change bits.
"""

from __future__ import annotations

import ctypes
import importlib.util
from pathlib import Path

from numerics.errors import TargetError

OPTIONS = ("--fmad=false", "-std=c++17")


def library() -> Path | None:
    """Return the NVRTC library of the Python package ``nvidia-cuda-nvrtc-cu12``, or None without one."""
    try:
        found = importlib.util.find_spec("nvidia.cuda_nvrtc")
    except ModuleNotFoundError:
        return None
    folders = list(found.submodule_search_locations or []) if found else []
    for folder in folders:
        libraries = sorted(Path(folder, "lib").glob("libnvrtc.so.*"))
        if libraries:
            return libraries[0]
    return None


def compile_ptx(source: str, architecture: str = "compute_80") -> str:
    """Compile CUDA C to PTX by NVRTC; no device is needed.

    Raises
    ------
    TargetError
        If the library is missing, or the source does not compile (the message holds the compiler's log).
    """
    path = library()
    if path is None:
        raise TargetError("no NVRTC library: install the Python package nvidia-cuda-nvrtc-cu12")
    try:
        nvrtc = ctypes.CDLL(str(path))
    except OSError as problem:
        raise TargetError(f"the NVRTC library {path} cannot be loaded: {problem}") from None
    program = ctypes.c_void_p()
    code = nvrtc.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"advance.cu", 0, None, None)
    if code:
        raise TargetError(f"NVRTC could not create a program: error {code}")
    try:
        options = [option.encode() for option in (*OPTIONS, f"--gpu-architecture={architecture}")]
        array = (ctypes.c_char_p * len(options))(*options)
        if nvrtc.nvrtcCompileProgram(program, len(options), array):
            raise TargetError("NVRTC rejects the source:\n" + _text(nvrtc, program, "ProgramLog"))
        return _text(nvrtc, program, "PTX")
    finally:
        nvrtc.nvrtcDestroyProgram(ctypes.byref(program))


def _text(nvrtc: ctypes.CDLL, program: ctypes.c_void_p, what: str) -> str:
    """Return a text that NVRTC holds."""
    size = ctypes.c_size_t()
    getattr(nvrtc, f"nvrtcGet{what}Size")(program, ctypes.byref(size))
    buffer = ctypes.create_string_buffer(size.value)
    getattr(nvrtc, f"nvrtcGet{what}")(program, buffer)
    return buffer.value.decode()
