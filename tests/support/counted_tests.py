"""Test programs that scripts/test runs: PROGRAM [TEST...]. The last line counts the tests."""

import argparse
import os
import sys
import unittest


def program():
    """The ledger to test: the first argument."""
    return os.path.abspath(sys.argv[1])


def run(description):
    options = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("program")
    options.add_argument("tests", nargs="*")
    chosen = options.parse_args()
    loader = unittest.defaultTestLoader
    module = sys.modules["__main__"]
    tests = (loader.loadTestsFromNames(chosen.tests, module) if chosen.tests else loader.loadTestsFromModule(module))
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2 if sys.stdout.isatty() else 1).run(tests)
    # A test of several parts is one test, however many of them fail.
    failed = len({getattr(test, "test_case", test).id() for test, _ in result.failures + result.errors})
    print(f"tests: {result.testsRun - failed} passed, {failed} failed", flush=True)
    sys.exit(0 if result.testsRun > 0 and failed == 0 and not result.skipped else 1)
