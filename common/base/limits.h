/* SPDX-License-Identifier: Apache-2.0
 * Every bound of the exchange: number, unit, and the sentence that justifies it. The preset `tiny` makes them small so
 * that every "full" is hit within minutes of testing. */
#ifndef HUTONG_COMMON_BASE_LIMITS_H
#define HUTONG_COMMON_BASE_LIMITS_H

#ifdef HUTONG_TINY_LIMITS
#define LIMIT(normal, tiny) (tiny)
#else
#define LIMIT(normal, tiny) (normal)
#endif

enum {
    /* One envelope: a stay of 90 days with 4,096 lines of 60 bytes is 250 kB; twice that leaves room for growth. */
    ENVELOPE_SIZE_MAX = 512 * 1024,
    /* A bill's number as the institution gives it (national interface: 30 characters). */
    BILL_ID_SIZE_MAX = 30,
    /* One frame on any socket: a batch of one largest envelope and its neighbours. Also ZMQ_MAXMSGSIZE, plus slack. */
    FRAME_SIZE_MAX = 4 * 1024 * 1024,
    FRAME_SIZE_SLACK = 64 * 1024,
    /* What a writer gathers before it cuts a batch: large enough to amortise a sync, small enough to stay in cache. */
    BATCH_SIZE_TARGET = LIMIT(1024 * 1024, 8 * 1024),
    BATCH_RECORDS_MAX = LIMIT(4096, 16),
    /* Depth of nested messages in our schema is 4; the checker refuses deeper before anything is unpacked (P1). */
    WIRE_DEPTH_MAX = 8,
    /* Fields that a message may carry without our knowing them: room for a newer sender, not for a bomb (P2). */
    WIRE_UNKNOWN_FIELDS_MAX = 64,
    /* Of dead letters whose bytes a state keeps; of later ones the log alone has them. A flood of letters must not fill
     * a state that business needs (D8): 64 MiB are 128 of the largest, and 0.1 % of a map. */
    DEAD_LETTERS_SIZE_MAX = LIMIT(64 * 1024 * 1024, 16 * 1024),
    MESSAGE_ID_TEXT_SIZE = 36,
    PARTY_SIZE_MAX = 24,
    STREAM_NAME_SIZE_MAX = 48,
    PARTITION_COUNT_MAX = 16,
    REGION_COUNT_MAX = 8
};

/* One bill, one line: 10^8 yuan; a unit price: 10^8 yuan; a quantity: 10^6. Far above every real bill, and small enough
 * that the exact chain of the benefit engine cannot overflow 128 bits. */
#define BILL_TOTAL_MAX_FEN INT64_C(10000000000)
#define ITEM_PRICE_MAX_MICRO INT64_C(100000000000000)
#define ITEM_QUANTITY_MAX_E4 INT64_C(10000000000)

_Static_assert(ENVELOPE_SIZE_MAX * 2 <= FRAME_SIZE_MAX, "a largest envelope fits a frame with room for its frame");
_Static_assert(BATCH_SIZE_TARGET + ENVELOPE_SIZE_MAX <= FRAME_SIZE_MAX, "a full batch plus one envelope still fits");
#endif
