"""Real proxies as child processes, with the configurations of docs/PROXIES.md, or with almost none."""

import os
import re
import signal
import socket
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
DOCUMENTED = os.path.join(HERE, "..", "..", "docs", "proxies")
BARE = os.path.join(HERE, "defaults")

NAME = "ledger.example"  # what clients call the ledger
IS_ROOT = os.getuid() == 0


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


class Certificate:
    """A self-signed certificate of NAME."""

    def __init__(self, directory):
        self.chain, self.key, self.both = (os.path.join(directory, name) for name in ("chain.pem", "key.pem", "both.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
                        "-keyout", self.key, "-out", self.chain], check=True, capture_output=True)
        with open(self.both, "w") as both:
            for part in (self.chain, self.key):
                with open(part) as text:
                    both.write(text.read())


class Proxy:
    """A proxy in front of the ledger at `upstream`: over TLS, as documented, or by plain HTTP, with the defaults."""

    kind = None                # the name of its configuration
    keeps_connections = False  # for a minute, in one process, so that the next request uses them
    prefixes_that_keep_paths = ()  # below which a path reaches the ledger as the client encoded it

    def __init__(self, upstream, certificate=None):
        self.is_secured = certificate is not None
        self.port = free_port()
        self.directory = tempfile.TemporaryDirectory(prefix=f"stockfold-{type(self).__name__.lower()}-")
        self.url = f"https://{NAME}:{self.port}/" if self.is_secured else f"http://127.0.0.1:{self.port}/"
        with open(os.path.join(DOCUMENTED if self.is_secured else BARE, self.kind)) as text:
            given = text.read()
        with open(self.path(self.kind), "w") as text:
            text.write(self.adapted(given, upstream, certificate))
        with open(self.path("main"), "w") as text:
            text.write(self.main())
        self.log = open(self.path("log"), "w")
        self.process = subprocess.Popen(self.command(), stdout=self.log, stderr=self.log, cwd=self.directory.name,
                                        env={**os.environ, "XDG_DATA_HOME": self.directory.name,
                                             "XDG_CONFIG_HOME": self.directory.name, "HOME": self.directory.name})

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def adapted(self, text, upstream, certificate):
        """The configuration with this machine's ports and files."""
        changes = [("127.0.0.1:8000", upstream), ("PORT", str(self.port))]
        if certificate is not None:
            changes += [("/etc/ssl/private/ledger.example.pem", certificate.both),
                        ("/etc/ssl/private/ledger.example.key", certificate.key),
                        ("/etc/ssl/ledger.example.pem", certificate.chain)]
            text = re.sub(r"(^ *listen |^ *bind :|^<VirtualHost \*:)443\b", rf"\g<1>{self.port}", text, flags=re.MULTILINE)
        for old, new in changes:
            text = text.replace(old, new)
        return text

    def main(self):
        """The text around the configuration."""
        return ""

    def wait_until_it_listens(self, until):
        def listens():
            if self.process.poll() is not None:
                raise AssertionError(f"{self.kind} did not start: {self.said()}")
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.port)) == 0
        until(f"{self.kind} listens", listens)

    def said(self):
        self.log.flush()
        with open(self.log.name) as text:
            return text.read()

    def remove(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        self.directory.cleanup()


class Nginx(Proxy):
    kind = "nginx.conf"
    keeps_connections = True
    prefixes_that_keep_paths = ("",)

    def main(self):
        temporary = "\n".join(f"  {name}_temp_path {self.path(name)};"
                              for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return f"""
            {"user root;" if IS_ROOT else ""}
            daemon off;
            worker_processes 1;
            pid {self.path("pid")};
            error_log stderr;
            events {{}}
            http {{
              access_log off;
              {temporary}
              include {self.path(self.kind)};
            }}"""

    def command(self):
        return ["/usr/sbin/nginx", "-p", self.directory.name, "-c", self.path("main")]


class HAProxy(Proxy):
    kind = "haproxy.cfg"
    prefixes_that_keep_paths = ("", "/ledger")

    def command(self):
        return ["/usr/sbin/haproxy", "-db", "-f", self.path(self.kind)]


class Apache(Proxy):
    kind = "apache.conf"
    modules = ("mpm_event", "authz_core", "alias", "deflate", "filter", "headers", "http2", "proxy", "proxy_http",
               "socache_shmcb", "ssl")

    def main(self):
        loaded = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in self.modules)
        return f"""{loaded}
            {"User www-data" if IS_ROOT else ""}
            {"Group www-data" if IS_ROOT else ""}
            ServerName localhost
            Listen {self.port}
            DefaultRuntimeDir {self.directory.name}
            PidFile {self.path("pid")}
            ErrorLog /dev/stderr
            Include {self.path(self.kind)}"""

    def command(self):
        # A thread of a worker that ends needs libgcc_s. Its user cannot load it below a root directory closed to others.
        return ["/usr/bin/env", "LD_PRELOAD=libgcc_s.so.1", "/usr/sbin/apache2", "-D", "FOREGROUND", "-d", self.directory.name, "-f", self.path("main")]


class Caddy(Proxy):
    kind = "Caddyfile"
    keeps_connections = True
    prefixes_that_keep_paths = ("", "/ledger")

    def main(self):
        return f"""{{
            admin off
            auto_https disable_redirects
            https_port {self.port if self.is_secured else free_port()}
        }}
        import {self.path(self.kind)}"""

    def command(self):
        return ["/usr/bin/caddy", "run", "--config", self.path("main"), "--adapter", "caddyfile"]


ALL = (Nginx, HAProxy, Apache, Caddy)
