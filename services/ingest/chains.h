/* SPDX-License-Identifier: Apache-2.0
 * Submits that follow one another on a connection without waiting for answers (Submit.follows). A frame that had to
 * wait, was lost with a connection, was refused as a whole or was taken back because the disk is full must not be
 * overtaken by the next, which is on its way already: what follows is taken only behind a frame that was taken.
 * Forgetting is safe (what follows is BUSY, and its sender begins anew), so there are few places and no list. */
#ifndef HUTONG_SERVICES_INGEST_CHAINS_H
#define HUTONG_SERVICES_INGEST_CHAINS_H
#include <stdbool.h>
#include <stdint.h>

/* Connections that send so at one time: one a region's system, and a crowd. */
enum { CHAINS_COUNT = 256 };

struct chain {
    const void *server; /* whose sessions they are; NULL: free */
    uint64_t session, request;
};

struct chains {
    struct chain places[CHAINS_COUNT]; /* the last Submit of each, where it left nothing BUSY */
};

/* False: everything new of this Submit has to wait. 0 follows nothing, and begins a chain. */
bool chains_go_on(const struct chains *chains, const void *server, uint64_t session, uint64_t follows);
/* Every Submit that was looked at, once it has its receipts. `whole`: none of them is BUSY. */
void chains_note(struct chains *chains, const void *server, uint64_t session, uint64_t request, bool whole);
/* All: what was promised is taken back. */
void chains_break(struct chains *chains);
#endif
