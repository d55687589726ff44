// SPDX-License-Identifier: Apache-2.0
package org.zeromq;

/** A call of libzmq that failed, with its errno. */
public final class ZMQException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int number;

    ZMQException(String call, int number) {
        super(call + ": " + Library.ZMQ.zmq_strerror(number));
        this.number = number;
    }

    public int getErrorCode() {
        return number;
    }
}
