#!/usr/bin/python3
"""tests/monitoring/monitoring_test.py PROGRAM [TEST...]

The alarms in Prometheus: its own tool on the rules, and a real one that scrapes a ledger. The last line counts the tests.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.parse
import urllib.request

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, "tests", "browser"), os.path.join(ROOT, "tests", "support")]

import counted_tests  # noqa: E402
from world import PATIENCE, Ledger, until  # noqa: E402

from alarm_cases import CASES, HOURS  # noqa: E402

RULES = os.path.join(ROOT, "packaging", "prometheus", "stockfold-alarms.yml")
NAME = "ledger.test"  # known to no resolver
METRIC = re.compile(r"\b(?:stockfold|process)_[a-z_]+\b")


def alarms():
    with open(RULES) as file:
        return [rule for group in yaml.safe_load(file)["groups"] for rule in group["rules"]]


def promtool(*arguments):
    ran = subprocess.run(["promtool", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return ran.returncode, ran.stdout


def names_in(metrics):
    return set(re.findall(r"^([a-z_]+)[ {]", metrics, re.MULTILINE))


class TheAlarms(unittest.TestCase):
    def test_are_rules_that_prometheus_loads(self):
        status, said = promtool("check", "rules", RULES)
        self.assertEqual(status, 0, said)
        self.assertIn(f"{len(alarms())} rules found", said)

    def test_each_has_a_case(self):
        self.assertEqual([alarm["alert"] for alarm in alarms()], list(CASES))

    def test_each_fires_when_it_should_and_not_before(self):
        for alarm in alarms():
            firing, silent = CASES[alarm["alert"]]
            with self.subTest(alarm["alert"]):
                self.assertEqual(self.state_of(alarm, firing), "fires")
                self.assertEqual(self.state_of(alarm, silent), "is silent")

    def state_of(self, alarm, series):
        """promtool's result, compared with one alert of these labels, and with none."""
        labels = {**self.labels_of(alarm, series), **alarm["labels"]}
        expected = {"fires": [{"exp_labels": labels, "exp_annotations": alarm["annotations"]}], "is silent": []}
        said = {}
        for state, alerts in expected.items():
            status, said[state] = self.try_rules(alarm["alert"], series, alerts)
            if status == 0:
                return state
        return said

    def labels_of(self, alarm, series):
        """The alert's labels: those of the first series that the expression keeps."""
        labels = dict(re.findall(r'(\w+)="([^"]*)"', series[0][0]))
        if alarm["alert"] in ("StockfoldSlowSync", "StockfoldViewsBehind"):
            return {"instance": labels["instance"]}
        return labels

    def try_rules(self, name, series, alerts):
        test = {"rule_files": [RULES],
                "tests": [{"interval": "1m",
                           "input_series": [{"series": one, "values": values} for one, values in series],
                           "alert_rule_test": [{"eval_time": f"{HOURS}s", "alertname": name, "exp_alerts": alerts}]}]}
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            json.dump(test, file)  # which is YAML
            file.flush()
            return promtool("test", "rules", file.name)

    def test_are_those_of_the_table_in_operations(self):
        words = {"0m": "at once", "1m": "1 min", "2m": "2 min", "5m": "5 min", "10m": "10 min", "1h": "1 h"}
        with open(os.path.join(ROOT, "docs", "OPERATIONS.md")) as file:
            rows = re.findall(r"^\| (Stockfold\w+) \| `(.+?)` \| ([^|]+) \| ", file.read(), re.MULTILINE)
        self.assertEqual(rows, [(alarm["alert"], alarm["expr"], words[alarm.get("for", "0m")]) for alarm in alarms()])


class APrometheus:
    """A Prometheus that scrapes the ledger every second, under a name that no resolver knows: the ledger itself is its
    proxy for that name."""

    def __init__(self, ledger):
        self.directory = tempfile.TemporaryDirectory(prefix="stockfold-prometheus-")
        configuration = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [RULES],
            "scrape_configs": [
                {"job_name": "stockfold", "static_configs": [{"targets": [ledger.http]}]},
                {"job_name": "named", "proxy_url": ledger.url, "static_configs": [{"targets": [NAME]}]}]}
        path = os.path.join(self.directory.name, "prometheus.yml")
        with open(path, "w") as file:
            json.dump(configuration, file)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = "127.0.0.1:%d" % free.getsockname()[1]
        with open(os.path.join(self.directory.name, "log"), "w") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={path}", f"--web.listen-address={self.address}",
                 f"--storage.tsdb.path={self.directory.name}/data"], stdout=log, stderr=log)
        until("Prometheus is ready", self.is_ready)

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=PATIENCE):
                return True
        except OSError:
            return False

    def remove(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.directory.cleanup()

    def ask(self, path, **query):
        url = f"http://{self.address}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return json.load(answer)["data"]

    def value(self, expression):
        """The single value of an expression; None if it has no value."""
        found = self.ask("query", query=expression)["result"]
        return float(found[0]["value"][1]) if found else None


class ARunningPrometheus(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ledger = Ledger(counted_tests.program(), "--http-host", NAME)
        cls.addClassCleanup(cls.ledger.remove)
        cls.prometheus = APrometheus(cls.ledger)
        cls.addClassCleanup(cls.prometheus.remove)

    def test_scrapes_the_ledger_by_address_and_by_name(self):
        for job in ("stockfold", "named"):
            until(f"the job {job} is up", lambda: self.prometheus.value(f'up{{job="{job}"}}') == 1)
        self.assertEqual({target["scrapeUrl"] for target in self.prometheus.ask("targets")["activeTargets"]},
                         {f"{self.ledger.url}metrics", f"http://{NAME}:80/metrics"})

    def test_evaluates_every_alarm_and_none_fires_that_should_not(self):
        def rules():
            groups = self.prometheus.ask("rules")["groups"]
            found = [rule for group in groups for rule in group["rules"]]
            return found if found and all(rule["health"] == "ok" for rule in found) else None
        until("the ledger was scraped", lambda: self.prometheus.value('up{job="stockfold"}') == 1)
        until("it is seen to be new", lambda: self.prometheus.value('ALERTS{alertname="StockfoldRestarted"}') == 1)
        found = until("all rules are evaluated", rules)
        self.assertEqual([rule["name"] for rule in found], list(CASES))
        self.assertEqual([rule["name"] for rule in found if rule["state"] == "firing"], ["StockfoldRestarted"])

    def test_sees_the_first_refusal(self):
        counter = 'stockfold_commands_total{job="stockfold",command="PlaceOrder",outcome="unknown_product"}'
        until("a sample before", lambda: self.prometheus.value(counter) == 0)
        self.assertEqual(self.ledger.ask("POST", "order/", {"product": "unknown"})[0], 409)
        until("the refusal is scraped", lambda: self.prometheus.value(counter) == 1)
        self.assertGreater(self.prometheus.value(f"increase({counter}[5m])"), 0)

    def test_finds_every_metric_of_the_alarms_and_of_the_dashboard(self):
        with open(os.path.join(ROOT, "docs", "grafana", "stockfold.json")) as file:
            panels = json.load(file)["panels"]
        asked = [target["expr"] for panel in panels for target in panel.get("targets", [])]
        asked += [alarm["expr"] for alarm in alarms()]
        with urllib.request.urlopen(self.ledger.url + "metrics", timeout=PATIENCE) as answer:
            there = names_in(answer.read().decode())
        there.add("stockfold_tls_certificate_expiry_timestamp_seconds")  # only with TLS
        wanted = {name for expression in asked for name in METRIC.findall(expression)}
        self.assertGreater(len(wanted), 30)
        self.assertEqual(wanted - there, set())

    def test_takes_every_line_of_the_metrics(self):
        with urllib.request.urlopen(self.ledger.url + "metrics", timeout=PATIENCE) as answer:
            text = answer.read()
        ran = subprocess.run(["promtool", "check", "metrics"], input=text, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
        self.assertEqual((ran.returncode, ran.stdout.decode()), (0, ""))


if __name__ == "__main__":
    counted_tests.run(__doc__)
