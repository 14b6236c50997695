"""The log as files in a folder, outside the databases."""

from despensa.adapters.log_storage.files import LogFiles
from despensa.adapters.log_storage.verify import LogReport, Problem, verify_log

__all__ = ["LogFiles", "LogReport", "Problem", "verify_log"]
