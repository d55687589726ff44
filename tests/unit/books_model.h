/* SPDX-License-Identifier: Apache-2.0
 * A second implementation of which bill clears in which month, deliberately simple: flags in an array, looked at whole
 * after each event, with the numbers of data/clearing/2025.yaml written in. */
#ifndef HUTONG_TESTS_UNIT_BOOKS_MODEL_H
#define HUTONG_TESTS_UNIT_BOOKS_MODEL_H
#include "tests/unit/books_rig.h"

enum { ITEMS_MAX = 6000, REQUESTS_MAX = 4000, REPLIES_MAX = 4000 };

struct item {
    position_t number;
    struct rig_bill bill;
    int original; /* index; -1: a settlement */
    bool adjustment;
    fen_t amount, taken_off;
    civil_date_t day;
    int word[2]; /* 0 silent, 1 matched, 2 differs */
    position_t dispute;
    int dispute_side;
    bool held, asked, reversed;
    uint32_t month; /* 202503; 0: open */
};

/* A dispute. */
struct told {
    position_t number;
    int item, side;
    uint32_t month;
};

struct model {
    struct item items[ITEMS_MAX];
    int count;
    struct {
        position_t number;
        int item;
        unsigned asker;
        bool answered, closed;
    } requests[REQUESTS_MAX];
    int request_count;
    struct told replies[REPLIES_MAX];
    int reply_count;
    civil_date_t today;
};

uint32_t next_month(uint32_t month); /* 202512 -> 202601 */
/* The month's table stands on this day. */
bool table_stands(uint32_t month, civil_date_t today);
unsigned insured_of(const struct item *item); /* 0 Beijing, 1 Tianjin, 2 Hebei */
unsigned care_of(const struct item *item);
/* PRE: it is open. */
enum open_reason reason_it_is_open(const struct model *model, const struct item *item);
/* Decides everything anew, settlements before what takes them back. */
void look_at_all(struct model *model);
#endif
