// SPDX-License-Identifier: Apache-2.0
package org.zeromq;

import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;

/** JeroMQ's context over the system's libzmq. Of one thread, as its sockets are. */
public final class ZContext implements AutoCloseable {
    private final Pointer context = Library.ZMQ.zmq_ctx_new();
    private final List<ZMQ.Socket> sockets = new ArrayList<>();

    public ZMQ.Socket createSocket(SocketType type) {
        ZMQ.Socket socket = new ZMQ.Socket(context, type);
        sockets.add(socket);
        return socket;
    }

    /** What still waits to be sent is dropped, as linger says. */
    @Override
    public void close() {
        sockets.forEach(ZMQ.Socket::close);
        Library.ZMQ.zmq_ctx_term(context);
    }
}
