"""A server that leaves some requests without an answer."""

import socket
import threading


class ForgetfulServer:
    """Answers requests, except that a path ending in /lost/ closes the connection."""

    def __init__(self):
        self.lost = []  # the methods of requests without an answer
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listening.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            with client, client.makefile("rb") as said:
                while line := said.readline():
                    length = 0
                    while header := said.readline().strip():
                        name, value = header.split(b":", 1)
                        length = int(value) if name.lower() == b"content-length" else length
                    said.read(length)
                    method, path, _ = line.decode().split()
                    if path.endswith("/lost/"):
                        self.lost.append(method)
                        return
                    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        except OSError:
            pass  # the proxy has closed

    def remove(self):
        self.listening.close()
