// SPDX-License-Identifier: Apache-2.0
package org.zeromq;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** JeroMQ's ZMQ.Socket, by its names, over the system's libzmq through JNA: for machines whose JeroMQ has no CURVE. */
public final class ZMQ {
    private static final int CURVE_PUBLICKEY = 48, CURVE_SECRETKEY = 49, CURVE_SERVERKEY = 50, HEARTBEAT_IVL = 75, LINGER = 17,
            RCVTIMEO = 27, SNDTIMEO = 28;
    private static final int EINTR = 4, EAGAIN = 11, MESSAGE_SIZE = 64, KEY_SIZE = 40;

    private ZMQ() {
    }

    /** Of one thread. */
    public static final class Socket implements AutoCloseable {
        private final Memory message = new Memory(MESSAGE_SIZE); // zmq_msg_t, aligned as malloc aligns
        private Pointer socket;

        Socket(Pointer context, SocketType type) {
            socket = Library.ZMQ.zmq_socket(context, type.number);
            if (socket == null) {
                throw new ZMQException("zmq_socket", Native.getLastError());
            }
        }

        /** The number, or -1 where the call has to wait longer than it may; other errors are thrown. JNA keeps errno from the call on:
         * zmq_errno() would be another call, before which the virtual machine may have made some of its own. */
        private static int said(String call, int result) {
            int number = result < 0 ? Native.getLastError() : 0;
            if (number != 0 && number != EAGAIN && number != EINTR) {
                throw new ZMQException(call, number);
            }
            return result;
        }

        private boolean set(int option, byte[] value) {
            return said("zmq_setsockopt " + option, Library.ZMQ.zmq_setsockopt(socket, option, value, value.length)) == 0;
        }

        private boolean set(int option, int value) {
            return set(option, ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(value).array());
        }

        /** As Z85 text; libzmq wants the NUL behind it. */
        private boolean setKey(int option, byte[] key) {
            if (key.length != KEY_SIZE) {
                throw new IllegalArgumentException("a CURVE key is of " + KEY_SIZE + " characters here");
            }
            return set(option, Arrays.copyOf(key, KEY_SIZE + 1));
        }

        public boolean setLinger(int ms) {
            return set(LINGER, ms);
        }

        public boolean setHeartbeatIvl(int ms) {
            return set(HEARTBEAT_IVL, ms);
        }

        public boolean setReceiveTimeOut(int ms) {
            return set(RCVTIMEO, ms);
        }

        public boolean setSendTimeOut(int ms) {
            return set(SNDTIMEO, ms);
        }

        public boolean setCurveServerKey(byte[] key) {
            return setKey(CURVE_SERVERKEY, key);
        }

        public boolean setCurvePublicKey(byte[] key) {
            return setKey(CURVE_PUBLICKEY, key);
        }

        public boolean setCurveSecretKey(byte[] key) {
            return setKey(CURVE_SECRETKEY, key);
        }

        public boolean connect(String endpoint) {
            return said("zmq_connect", Library.ZMQ.zmq_connect(socket, endpoint)) == 0;
        }

        /** False where it could not be taken in time. */
        public boolean send(byte[] data) {
            return said("zmq_send", Library.ZMQ.zmq_send(socket, data, data.length, 0)) >= 0;
        }

        /** One part, or null after the timeout. */
        public byte[] recv() {
            Library.ZMQ.zmq_msg_init(message);
            try {
                int size = said("zmq_msg_recv", Library.ZMQ.zmq_msg_recv(message, socket, 0));
                return size < 0 ? null : size == 0 ? new byte[0] : Library.ZMQ.zmq_msg_data(message).getByteArray(0, size);
            } finally {
                Library.ZMQ.zmq_msg_close(message);
            }
        }

        @Override
        public void close() {
            if (socket != null) {
                Library.ZMQ.zmq_close(socket);
                socket = null;
            }
        }
    }
}
