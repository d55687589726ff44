# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy that misbehaves when it is told to: stops forwarding in one direction, or cuts after so many bytes."""
import selectors
import socket
import threading
import time

UP, DOWN = 0, 1  # from the client to the server, and back


class Link:
    def __init__(self, client, server, cut_after, stop):
        self.sockets = (client, server)
        self.stopped = [False, False]  # by direction: what comes is lost
        self.left, self.stop = cut_after, stop
        self.asked = 0  # bytes from the client
        self.made = time.time()
        self.ended = [None, None]  # when the client, the server closed

    def close(self):
        for each in self.sockets:
            each.close()


class Proxy(threading.Thread):
    """Forwards a port of its own to `endpoint` (tcp://host:port). `cut_after`: a function that gives each new connection the number
    of bytes after which it is cut, both ways counted together. `stop_first`: (directions, bytes): on the first connection these
    directions are dead as soon as the client has said so many bytes."""

    def __init__(self, endpoint, cut_after=None, stop_first=None):
        super().__init__(daemon=True)
        host, port = endpoint[len("tcp://"):].rsplit(":", 1)
        self.target, self.cut_after, self.stop_first = (host, int(port)), cut_after, stop_first
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.endpoint = "tcp://127.0.0.1:%d" % self.listener.getsockname()[1]
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ, None)
        self.links, self.cuts, self.connections, self.stopped_at = [], 0, 0, None
        self.lock, self.ending = threading.Lock(), False
        self.start()

    def stop_forwarding(self, direction):
        """On the connections of this moment; later ones are whole. Returns them."""
        with self.lock:
            for link in self.links:
                link.stopped[direction] = True
            return list(self.links)

    def run(self):
        while not self.ending:
            for key, _ in self.selector.select(0.05):
                with self.lock:
                    if key.data is None:
                        self.accept()
                    else:
                        self.forward(*key.data)

    def accept(self):
        client, _ = self.listener.accept()
        try:
            server = socket.create_connection(self.target, timeout=5)
        except OSError:
            client.close()
            return
        link = Link(client, server, self.cut_after() if self.cut_after else None, self.stop_first if self.connections == 0 else None)
        self.connections += 1
        self.links.append(link)
        for side in (UP, DOWN):
            link.sockets[side].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.selector.register(link.sockets[side], selectors.EVENT_READ, (link, side))

    def forward(self, link, side):
        if link not in self.links:
            return
        try:
            if link.stopped[side]:  # what it says is lost on the way; that it closes is noted
                data = link.sockets[side].recv(65536)
                if not data:
                    link.ended[side] = time.time()
                    self.drop(link)
                return
            data = link.sockets[side].recv(65536)
            link.asked += len(data) if side == UP else 0
            if link.stop and link.asked >= link.stop[1]:
                self.stopped_at = time.time()
                for direction in link.stop[0]:
                    link.stopped[direction] = True
                link.stop = None
                if link.stopped[side]:
                    return
            if link.left is not None:
                data = data[:link.left]
                link.left -= len(data)
            if data:
                link.sockets[1 - side].sendall(data)
        except OSError:
            data = b""
        if not data or link.left == 0:
            link.ended[side] = time.time()
            self.cuts += bool(data)
            self.drop(link)

    def drop(self, link):
        self.links.remove(link)
        for each in link.sockets:
            self.selector.unregister(each)
        link.close()

    def close(self):
        self.ending = True
        self.join(5)
        for link in self.links:
            link.close()
        self.listener.close()
