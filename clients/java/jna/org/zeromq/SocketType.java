// SPDX-License-Identifier: Apache-2.0
package org.zeromq;

/** Of JeroMQ's, what a client of the exchange needs; zmq.h's number. */
public enum SocketType {
    DEALER(5);

    final int number;

    SocketType(int number) {
        this.number = number;
    }
}
