/* SPDX-License-Identifier: Apache-2.0
 * Every bound that guards against the outside (what a sender, a reader or an asker may make us hold or do) and every
 * bound that two modules share: number, unit, the sentence that justifies it; what relates them is asserted below.
 *
 * Not here, because nobody else depends on them, is what concerns one module alone. It stands at the top of that
 * module: the sizes of its keys, tables, rings and caches, its intervals and patience. So do the options of sockets,
 * all in common/net/socket.c. How often a field of a message may repeat and how long its text may be stands with the
 * message (common/pb).
 *
 * LIMIT(normal, tiny): the preset `tiny` builds with the second; tests/e2e/tiny.py and unit_deadlines reach each. */
#ifndef HUTONG_COMMON_BASE_LIMITS_H
#define HUTONG_COMMON_BASE_LIMITS_H

#ifdef HUTONG_TINY_LIMITS
#define LIMIT(normal, tiny) (tiny)
#else
#define LIMIT(normal, tiny) (normal)
#endif

enum {
    /* ---- what a message may be ---- */
    /* One envelope: a stay of 90 days with 5,000 lines of 60 bytes is 300 kB; nearly twice that leaves room for
     * growth. */
    ENVELOPE_SIZE_MAX = 512 * 1024,
    /* What a core decodes one record into: twice a bill of the most lines that an envelope holds, for a letter that
     * holds another (asserted in common/pb/event.c). */
    APPLY_ARENA_SIZE = 4 * 1024 * 1024,
    /* A bill's number as the institution gives it (national interface: 30 characters). */
    BILL_ID_SIZE_MAX = 30,
    /* Depth of nested messages in our schema is 4; the checker refuses deeper before anything is unpacked. */
    WIRE_DEPTH_MAX = 8,
    /* Fields that a message may carry without our knowing them: room for a newer sender, not for a bomb. */
    WIRE_UNKNOWN_FIELDS_MAX = 64,
    MESSAGE_ID_TEXT_SIZE = 36,
    PARTY_SIZE_MAX = 24,
    /* Who acts for the operator, in bytes: a login name (32 in Linux), or twenty Chinese characters. */
    ACTOR_SIZE_MAX = 64,

    /* ---- frames and batches ---- */
    /* One frame on any socket: a batch of one largest envelope and its neighbours. Also ZMQ_MAXMSGSIZE, plus slack. */
    FRAME_SIZE_MAX = 4 * 1024 * 1024,
    FRAME_SIZE_SLACK = 64 * 1024,
    /* What a writer gathers before it cuts a batch: large enough to amortise a sync, small enough to stay in cache. */
    BATCH_SIZE_TARGET = LIMIT(1024 * 1024, 8 * 1024),
    BATCH_RECORDS_MAX = LIMIT(4096, 16),
    /* Envelopes that one Submit may bring: what becomes one batch. */
    SUBMIT_ENVELOPES_MAX = BATCH_RECORDS_MAX,
    /* What our own client puts into one Submit: 512 amortise a sync, and a lost frame is cheap to send again. */
    CLIENT_SUBMIT_ENVELOPES_MAX = LIMIT(512, 8),
    CLIENT_SUBMIT_SIZE_MAX = 1024 * 1024,
    /* Submissions on their way to the disk: sixteen full batches; beyond it the gate answers BUSY. A power of two: the
     * ring is addressed by a mask. */
    ORDERER_INFLIGHT_MAX = LIMIT(64 * 1024, 64),

    /* ---- what a reader or an asker may want ---- */
    /* One page of a mailbox: so many outcomes, and cut once it is larger than this, so that 64 of them that nobody
     * reads are 64 MiB a connection at most. */
    MAILBOX_PAGE_RECORDS_MAX = LIMIT(4096, 4),
    MAILBOX_PAGE_SIZE_MAX = 1024 * 1024,
    /* How long a Fetch may wait for something to come, and how many may wait: one a region's system, and a crowd; of a
     * party as many as it has connections. */
    MAILBOX_WAIT_MS_MAX = 30 * 1000,
    MAILBOX_WAITERS_MAX = LIMIT(256, 2),
    MAILBOX_WAITERS_A_PARTY_MAX = LIMIT(64, 2),
    /* Questions to the books: how many wait in all, and of one connection (they are answered in turn, so that a handful
     * is enough); after how long one is given up, and the asker told to ask again. */
    QUESTIONS_WAITING_MAX = LIMIT(64, 8),
    QUESTIONS_A_SESSION_MAX = 4,
    QUESTIONS_A_PARTY_MAX = LIMIT(8, 6),
    QUESTION_PATIENCE_MS = 20 * 1000,
    /* One page of an answer of the books ends after so many rows, so many bytes, or so many looked at. */
    BOOKS_PAGE_ROWS_MAX = LIMIT(16384, 8),
    BOOKS_PAGE_SIZE_MAX = 2 * 1024 * 1024,
    BOOKS_PAGE_SCAN_MAX = 65536,
    /* ---- what one party may have of what all share, over however many connections ---- */
    /* Requests that wait for their turn at an endpoint: a region's hundred workers with ten requests each, and four of
     * the largest frames; beyond either the answer is LIMIT. Five parties that hold all they may are 80 MiB. */
    PARTY_WAITING_MAX = LIMIT(1024, 16),
    PARTY_WAITING_SIZE_MAX = 4 * FRAME_SIZE_MAX,
    /* What it may bring for long, in bytes a microsecond: to decipher 4 MiB takes 10 ms, so that a party takes a
     * twelfth of a thread; three at full speed bring a third of it each. */
    PARTY_BYTES_A_US = 32,
    /* Connections of a party to an endpoint that have said a word: a crowd of workers; turns are by party anyway. */
    PARTY_CONNECTIONS_MAX = LIMIT(64, 4),
    /* What waits for a connection that does not take it: two pages; then its requests are answered LIMIT. */
    SESSION_UNREAD_SIZE_MAX = 2 * 1024 * 1024,
    /* Envelopes on their way to the disk: beyond them its requests wait. Half a batch at each sync is 50 MB/s of a
     * disk that takes 10 ms; whoever comes then waits for no more of another party's than that. Where bounds are tiny
     * the flight is full first, so that BUSY is reached. */
    PARTY_LOG_SIZE_MAX = LIMIT(BATCH_SIZE_TARGET / 2, 64 * 1024),
    /* A party with less than this part of pipeline_lag_max without outcome is let in though others have filled it. */
    PARTY_LAG_SHARE = 8,
    /* Metrics and health over HTTP: a scraper or two, a supervisor, and whoever knocks. */
    HTTP_CONNECTIONS_MAX = 32,
    HTTP_IDLE_S_MAX = 10,
    /* Of dead letters whose bytes a state keeps; of later ones the log alone has them. A flood of letters must not fill
     * a state that business needs: 64 MiB are 128 of the largest, and 0.1 % of a map. */
    DEAD_LETTERS_SIZE_MAX = LIMIT(64 * 1024 * 1024, 16 * 1024),

    /* ---- how large the exchange is ---- */
    /* A stay: a bill is one settlement period's, which is shorter. What may overlap with it began no longer before. */
    STAY_DAYS_MAX = 366,
    /* Partitions of persons: each is a process of validation and one of settlement, so that 16 are 32. */
    PARTITION_COUNT_MAX = 16,
    /* Three, and room for neighbours. */
    REGION_COUNT_MAX = 8,
    /* Streams that a core follows: submissions, and one of each partition (audit). */
    CORE_INPUTS_COUNT_MAX = 1 + PARTITION_COUNT_MAX,
    /* Of one connection to the bus. The mailbox's process reads most: every partition's outcomes, and its own. */
    BUS_WRITERS_COUNT_MAX = 8,
    BUS_READERS_COUNT_MAX = 40,
    /* Its questions under way: a crowd of clients that ask the gate for receipts; the next is told BUSY. */
    BUS_QUESTIONS_COUNT_MAX = 64,
    STREAM_NAME_SIZE_MAX = 48
};

/* One bill, one line: 10^8 yuan; a unit price: 10^8 yuan; a quantity: 10^6. Far above every real bill, and small enough
 * that the exact chain of the benefit engine cannot overflow 128 bits. */
#define BILL_TOTAL_MAX_FEN INT64_C(10000000000)
#define ITEM_PRICE_MAX_MICRO INT64_C(100000000000000)
#define ITEM_QUANTITY_MAX_E4 INT64_C(10000000000)

_Static_assert(ENVELOPE_SIZE_MAX * 2 <= FRAME_SIZE_MAX, "a largest envelope fits a frame with room for its frame");
_Static_assert(BATCH_SIZE_TARGET + ENVELOPE_SIZE_MAX <= FRAME_SIZE_MAX, "a full batch plus one envelope still fits");
_Static_assert(CLIENT_SUBMIT_ENVELOPES_MAX <= SUBMIT_ENVELOPES_MAX, "the gate takes what our client sends");
_Static_assert(CLIENT_SUBMIT_SIZE_MAX + ENVELOPE_SIZE_MAX <= FRAME_SIZE_MAX, "a client's frame fits");
_Static_assert(SUBMIT_ENVELOPES_MAX <= ORDERER_INFLIGHT_MAX, "a whole Submit can be under way");
_Static_assert(MAILBOX_PAGE_SIZE_MAX + ENVELOPE_SIZE_MAX <= FRAME_SIZE_MAX, "a page and its last outcome fit a frame");
_Static_assert(BOOKS_PAGE_SIZE_MAX + ENVELOPE_SIZE_MAX <= FRAME_SIZE_MAX, "a page and its last row fit a frame");
_Static_assert(QUESTIONS_A_SESSION_MAX < QUESTIONS_WAITING_MAX, "one connection does not fill the queue for all");
_Static_assert(BUS_READERS_COUNT_MAX >= 2 * PARTITION_COUNT_MAX + 2,
               "a process can read both sides of every partition");
_Static_assert(BOOKS_PAGE_ROWS_MAX <= BOOKS_PAGE_SCAN_MAX, "a page can be full");
#endif
