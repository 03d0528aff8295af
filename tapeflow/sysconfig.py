"""`tf.sysconfig`: how the package was built. It is Python only: there is nothing to compile or link with."""

from __future__ import annotations

import os
from collections import OrderedDict

CXX11_ABI_FLAG = 1
CXX_VERSION = 201703
MONOLITHIC_BUILD = 0


def get_include() -> str:
    """The directory where header files would be; there are none.

    >>> tf.sysconfig.get_include().endswith("include")
    True
    """
    return os.path.join(get_lib(), "include")


def get_lib() -> str:
    """The directory of the package.

    >>> tf.sysconfig.get_lib().endswith("tapeflow")
    True
    """
    return os.path.dirname(os.path.abspath(__file__))


def get_compile_flags() -> list[str]:
    """What a compiler needs to find the header files.

    >>> len(tf.sysconfig.get_compile_flags())
    3
    """
    return [f"-I{get_include()}", f"-D_GLIBCXX_USE_CXX11_ABI={CXX11_ABI_FLAG}", "--std=c++17"]


def get_link_flags() -> list[str]:
    """What a linker needs: nothing, as there is no library.

    >>> tf.sysconfig.get_link_flags()
    []
    """
    return []


def get_build_info() -> OrderedDict[str, bool]:
    """For which devices the package was built; XLA's come with JAX.

    >>> tf.sysconfig.get_build_info()["is_cuda_build"]
    False
    """
    return OrderedDict(is_cuda_build=False, is_rocm_build=False, is_tensorrt_build=False)
