"""Experiments and their run folders: configuration, cells over processes, manifest, records, resume, verify and diff."""

from research.runs.config import load_config, parse_changes, require
from research.runs.diff import RunDiff, diff_runs
from research.runs.experiment import Experiment, find_experiments, project_path, run_experiment
from research.runs.journal import Cell, Outcome
from research.runs.provenance import hash_inputs
from research.runs.records import Headline, Record, read_headlines, read_records
from research.runs.run import Run, open_run
from research.runs.sweep import Measured
from research.runs.timing import timed_process
from research.runs.verify import Verification, verify_run

__all__ = [
    "Cell",
    "Experiment",
    "Headline",
    "Measured",
    "Outcome",
    "Record",
    "Run",
    "RunDiff",
    "Verification",
    "diff_runs",
    "find_experiments",
    "hash_inputs",
    "load_config",
    "open_run",
    "parse_changes",
    "project_path",
    "read_headlines",
    "read_records",
    "require",
    "run_experiment",
    "timed_process",
    "verify_run",
]
