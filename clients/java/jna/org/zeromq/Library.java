// SPDX-License-Identifier: Apache-2.0
package org.zeromq;

import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** The functions of zmq.h that are called here. `size_t` is 64 bits wide. */
interface Library extends com.sun.jna.Library {
    Library ZMQ = load();

    private static Library load() {
        if (Native.SIZE_T_SIZE != 8) {
            throw new UnsatisfiedLinkError("size_t of " + Native.SIZE_T_SIZE + " bytes");
        }
        Library found = Native.load(System.getProperty("hutong.libzmq", "libzmq.so.5"), Library.class);
        if (found.zmq_has("curve") != 1) {
            throw new UnsatisfiedLinkError("this libzmq has no CURVE");
        }
        return found;
    }

    int zmq_has(String capability);

    Pointer zmq_ctx_new();

    int zmq_ctx_term(Pointer context);

    Pointer zmq_socket(Pointer context, int type);

    int zmq_close(Pointer socket);

    int zmq_connect(Pointer socket, String endpoint);

    int zmq_setsockopt(Pointer socket, int option, byte[] value, long size);

    int zmq_send(Pointer socket, byte[] data, long size, int flags);

    int zmq_msg_init(Pointer message);

    int zmq_msg_recv(Pointer message, Pointer socket, int flags);

    Pointer zmq_msg_data(Pointer message);

    int zmq_msg_close(Pointer message);

    String zmq_strerror(int number);
}
