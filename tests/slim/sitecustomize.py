"""Python without Advanced Alchemy, for processes that tests start: see `slim_processes` in tests/conftest.py."""

import sys

# None makes the import fail, as if it were not installed.
sys.modules["advanced_alchemy"] = None  # type: ignore[assignment]
