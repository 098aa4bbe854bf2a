#!/usr/bin/env bash
# Caddy 2.6.2 (Debian 12): with "encode gzip" the head of a response is not sent before its first byte of body.
#
# The server sends the head of a stream at once and the first line two seconds later. Through "reverse_proxy" alone
# the head arrives at once. With "encode gzip" as well, and a client that accepts gzip, it arrives with the line.
# What it means for users: a client cannot tell a quiet stream from a server that does not answer. To avoid this, a
# server can send a line without meaning at once, such as a comment of server-sent events.
source "$(dirname "$0")/common.sh"
needs python3
debs caddy=2.6.2-5

cat >"$work/measure.py" <<'PY'
import socket, subprocess, sys, threading, time
caddy, extra, directory = sys.argv[1:]
server = socket.create_server(("127.0.0.1", 0))
free = socket.create_server(("127.0.0.1", 0))
port = free.getsockname()[1]
free.close()
with open(directory + "/Caddyfile", "w") as file:
    file.write(f"""{{
  admin off
  auto_https off
}}
http://127.0.0.1:{port} {{
  {extra}
  reverse_proxy 127.0.0.1:{server.getsockname()[1]} {{
    flush_interval -1
  }}
}}
""")
def serve():
    connection, _ = server.accept()
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    time.sleep(2)
    connection.sendall(b"9\r\ndata: 1\n\n\r\n")
    time.sleep(2)
threading.Thread(target=serve, daemon=True).start()
proxy = subprocess.Popen([caddy, "run", "--config", directory + "/Caddyfile", "--adapter", "caddyfile"],
                         stderr=subprocess.DEVNULL, env={"HOME": directory, "XDG_DATA_HOME": directory})
for _ in range(200):
    try:
        client = socket.create_connection(("127.0.0.1", port))
        break
    except OSError:
        time.sleep(0.05)
asked = time.monotonic()
client.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: text/event-stream\r\nAccept-Encoding: gzip\r\n\r\n" % port)
text = b""
while b"\r\n\r\n" not in text:
    text += client.recv(65536)
took = time.monotonic() - asked
proxy.kill()
print(f"{took:.2f} s", file=sys.stderr)
print("at once" if took < 1 else "with the first line")
PY
caddy=$work/root/usr/bin/caddy
same "the head, reverse_proxy alone" "at once" "$(python3 "$work/measure.py" "$caddy" "" "$work")"
same "the head, with encode gzip" "with the first line" "$(python3 "$work/measure.py" "$caddy" "encode gzip" "$work")"
finish
