#!/usr/bin/env python3
"""The image and the manifest, compared with the program: packaging_test.py PROGRAM SOURCES [TEST ...]"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import yaml

PROGRAM = sys.argv[1]
SOURCES = pathlib.Path(sys.argv[2])
CONTAINERFILE = (SOURCES / "packaging/container/Containerfile").read_text()
PAGE = (SOURCES / "docs/KUBERNETES.md").read_text()


def run(*words, **more):
    return subprocess.run(words, capture_output=True, text=True, check=False, **more)


def instructions():
    """The Containerfile's instructions: a word and the rest of its line, with continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", CONTAINERFILE, flags=re.MULTILINE).replace("\\\n", " ")
    return [line.split(None, 1) for line in text.splitlines() if line.strip()]


class TheManifest(unittest.TestCase):
    def setUp(self):
        self.objects = list(yaml.safe_load_all((SOURCES / "packaging/kubernetes/stockfold.yaml").read_text()))
        self.deployment = self.one("Deployment")
        self.pod = self.deployment["spec"]["template"]["spec"]
        (self.container,) = self.pod["containers"]

    def one(self, kind):
        (found,) = [each for each in self.objects if each["kind"] == kind]
        return found

    def mounts(self):
        return {mount["name"]: mount["mountPath"] for mount in self.container["volumeMounts"]}

    def settings(self):
        return self.one("ConfigMap")["data"]["stockfold.toml"]

    def test_starts_the_program_with_settings_that_it_takes(self):
        with tempfile.TemporaryDirectory() as place:
            made = run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                       "-subj", "/CN=stockfold", "-keyout", f"{place}/tls.key", "-out", f"{place}/tls.crt")
            self.assertEqual(made.returncode, 0, made.stderr)
            tokens = f"{place}/tokens.json"
            self.assertEqual(run(PROGRAM, "token", "create", "a", "--scope", "read", "--tokens", tokens).returncode, 0)
            text = self.settings()
            for path in ("/etc/stockfold/tls/", "/etc/stockfold/tokens/"):
                self.assertIn(path, text)
                text = text.replace(path, f"{place}/")
            file = pathlib.Path(place, "stockfold.toml")
            file.write_text(text)
            file.chmod(0o444)
            words = [str(file) if word == "/etc/stockfold/config/stockfold.toml" else word
                     for word in self.container["args"]]
            self.assertEqual(words[0], "serve")
            self.assertIn(str(file), words)
            checked = run(PROGRAM, "config", "check", *words[1:])
            self.assertEqual((checked.returncode, checked.stdout), (0, "ok\n"), checked.stderr)
            printed = json.loads(run(PROGRAM, "config", "print", "--json", *words[1:]).stdout)
        for key, port in (("listen", "tcp"), ("http", "https")):
            value = printed.get("settings", printed)[key]["value"]
            self.assertEqual(int(value.rsplit(":", 1)[1]), self.port(port))

    def port(self, name):
        (found,) = [port["containerPort"] for port in self.container["ports"] if port["name"] == name]
        return found

    def test_mounts_what_the_settings_name(self):
        mounts = self.mounts()
        for path in re.findall(r'"(/[^"]+)"', self.settings()):
            self.assertTrue(any(path.startswith(mount + "/") for mount in mounts.values()), path)
        self.assertEqual({volume["name"] for volume in self.pod["volumes"]}, set(mounts))
        claims = {each["metadata"]["name"] for each in self.objects if each["kind"] == "PersistentVolumeClaim"}
        used = {volume["persistentVolumeClaim"]["claimName"] for volume in self.pod["volumes"]
                if "persistentVolumeClaim" in volume}
        self.assertEqual(used, claims)

    def test_lets_the_group_alone_read_secrets(self):
        for volume in self.pod["volumes"]:
            if "secret" in volume:
                self.assertEqual(volume["secret"]["defaultMode"], 0o440, volume["name"])
        security = self.pod["securityContext"]
        self.assertEqual(security["fsGroup"], security["runAsGroup"])
        self.assertTrue(security["runAsNonRoot"])
        self.assertTrue(self.container["securityContext"]["readOnlyRootFilesystem"])

    def test_has_one_ledger_at_a_time(self):
        self.assertEqual(self.deployment["spec"]["replicas"], 1)
        self.assertEqual(self.deployment["spec"]["strategy"], {"type": "Recreate"})
        self.assertGreaterEqual(self.pod["terminationGracePeriodSeconds"], 60)

    def test_asks_probes_that_there_are(self):
        routes = (SOURCES / "docs/HTTP.md").read_text()
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            asked = self.container[probe]["httpGet"]
            self.assertIn(asked["path"], routes)
            self.assertEqual((asked["port"], asked["scheme"]), ("https", "HTTPS"))

    def test_routes_to_the_pod(self):
        labels = self.deployment["spec"]["template"]["metadata"]["labels"]
        self.assertEqual(self.one("Service")["spec"]["selector"], self.deployment["spec"]["selector"]["matchLabels"])
        self.assertLessEqual(self.one("Service")["spec"]["selector"].items(), labels.items())
        names = {port["name"] for port in self.container["ports"]}
        self.assertEqual({port["targetPort"] for port in self.one("Service")["spec"]["ports"]}, names)


class TheImage(unittest.TestCase):
    def test_runs_the_program_as_a_user_of_its_own(self):
        last = {word: rest for word, rest in instructions()}
        self.assertEqual(json.loads(last["ENTRYPOINT"]), ["/usr/local/bin/stockfold"])
        self.assertEqual(last["USER"], "10001:10001")
        checked = run(PROGRAM, "config", "check", *json.loads(last["CMD"])[1:])
        self.assertEqual(checked.stdout, "ok\n", checked.stderr)

    def test_is_built_by_scripts_that_there_are(self):
        for word, rest in instructions():
            if word == "RUN" and rest.startswith("scripts/"):
                self.assertTrue(os.access(SOURCES / rest.strip(), os.X_OK), rest)

    def test_has_the_libraries_that_the_program_needs(self):
        named = set(re.findall(r"[a-z0-9.+-]+", " ".join(rest for word, rest in instructions() if word == "RUN")))
        needed = {line.split()[0] for line in run("ldd", PROGRAM).stdout.splitlines() if "=> /" in line}
        self.assertTrue(needed)
        direct = set(re.findall(r"\(NEEDED\).*\[(.+?)\]", run("readelf", "--dynamic", PROGRAM).stdout))
        for library in direct & needed:
            packages = {line.split(":")[0] for line in run("dpkg-query", "--search", f"*/{library}").stdout.splitlines()}
            if packages & {"libc6", "libgcc-s1", "libstdc++6"}:
                continue
            if not packages or any(name.startswith(("libasan", "libtsan", "libubsan")) for name in packages):
                continue
            self.assertTrue(packages & named, f"{library} is of {packages}")


class ThePage(unittest.TestCase):
    def test_names_files_and_objects_that_there_are(self):
        text = (SOURCES / "packaging/kubernetes/stockfold.yaml").read_text()
        for name in re.findall(r"packaging/[a-zA-Z/.]+", PAGE):
            self.assertTrue((SOURCES / name.rstrip(".")).exists(), name)
        for name in re.findall(r"(?:secret generic|secret tls|secretName) ([a-z-]+)", PAGE):
            self.assertIn(name, text)

    def test_has_commands_that_the_program_takes(self):
        for line in re.findall(r"(?:^| -- )stockfold ([a-z]+)(?: |$)", PAGE, flags=re.MULTILINE):
            self.assertEqual(run(PROGRAM, line, "--help").returncode, 0, line)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
