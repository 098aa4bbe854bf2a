#!/usr/bin/env bash
# HAProxy 2.6.12 (Debian 12): a small chunk of an unfinished response waits 200 ms.
#
# The server sends the head of a chunked response, and one line a second later. Through a plain "mode http" proxy the
# line arrives about 200 ms late: HAProxy tells the kernel that more data follows, and the kernel waits for it. With
# "option http-no-delay" the line arrives at once. The manual names the option. The surprise is a wait of 200 ms for a
# stream of server-sent events over loopback.
source "$(dirname "$0")/common.sh"
needs python3
debs haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 libopentracing-c-wrapper0=1.1.3-3+b1 libopentracing1=1.6.0-4

cat >"$work/measure.py" <<'PY'
import socket, subprocess, sys, threading, time
haproxy, option, directory = sys.argv[1:]
server = socket.create_server(("127.0.0.1", 0))
free = socket.create_server(("127.0.0.1", 0))
port = free.getsockname()[1]
free.close()
with open(directory + "/haproxy.cfg", "w") as file:
    file.write(f"""defaults
  mode http
  timeout connect 5s
  timeout client 50s
  timeout server 50s
  {option}
listen all
  bind 127.0.0.1:{port}
  server one 127.0.0.1:{server.getsockname()[1]}
""")
sent = []
def serve():
    connection, _ = server.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(5):
        time.sleep(1)
        sent.append(time.monotonic())
        connection.sendall(b"8\r\ndata: 1\n\r\n")
threading.Thread(target=serve, daemon=True).start()
proxy = subprocess.Popen([haproxy, "-f", directory + "/haproxy.cfg", "-db"], stderr=subprocess.DEVNULL)
for _ in range(100):
    try:
        client = socket.create_connection(("127.0.0.1", port))
        break
    except OSError:
        time.sleep(0.05)
client.sendall(b"GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n")
late, text = [], b""
while len(late) < 5:
    text += client.recv(65536)
    while text.count(b"data: 1") > len(late):
        late.append(time.monotonic() - sent[len(late)])
proxy.kill()
middle = sorted(late)[2]
print(f"{middle * 1000:.0f} ms", file=sys.stderr)
print("150 to 300 ms" if 0.15 <= middle <= 0.3 else "under 100 ms" if middle < 0.1 else f"{middle:.3f} s")
PY
haproxy=$work/root/usr/sbin/haproxy
same "a line through the proxy, median of five" "150 to 300 ms" "$(python3 "$work/measure.py" "$haproxy" "" "$work")"
same "with option http-no-delay" "under 100 ms" "$(python3 "$work/measure.py" "$haproxy" "option http-no-delay" "$work")"
finish
