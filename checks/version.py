"""The version of gdproof, read from the installed package."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("gdproof")
except PackageNotFoundError:  # running from a checkout that is not installed
    __version__ = "0.1.0"
