/* SPDX-License-Identifier: Apache-2.0
 * Clearing tables and net positions on the wire. */
#include "services/books/keep/clearing_table.h"

void clearing_table_nets(const struct books *books, month_t month, fen_t owed[REGIONS][REGIONS], fen_t net[REGIONS])
{
    for (unsigned pair = 0; pair < PAIRS; pair++)
        owed[pair / REGIONS][pair % REGIONS] = books->pairs[month][pair].amount;
    clearing_nets(owed, net);
}

bool clearing_table_is_empty(const struct books *books, month_t month, unsigned pair)
{
    const struct pair_month *sums = &books->pairs[month][pair];
    return sums->count_positive == 0 && sums->count_negative == 0 && sums->disputed_count == 0;
}

void clearing_table_put(const struct books *books, month_t month, unsigned pair, uint32_t number, struct buffer *out)
{
    const struct pair_month *sums = &books->pairs[month][pair];
    const struct month_record *record = &books->months[month];
    size_t mark = wire_begin(out, number);
    wire_put_uint(out, 1, month_number(month));
    wire_put_text(out, 2, clearing_region(pair / REGIONS));
    wire_put_text(out, 3, clearing_region(pair % REGIONS));
    wire_put_uint(out, 4, (uint64_t)record->state);
    wire_put_uint(out, 5, sums->count_positive);
    wire_put_uint(out, 6, sums->count_negative);
    wire_put_int(out, 7, sums->total);
    wire_put_int(out, 8, sums->amount);
    wire_put_uint(out, 9, sums->disputed_count);
    wire_put_int(out, 10, sums->disputed);
    wire_put_uint(out, 11, sums->confirmed[1]);
    wire_put_uint(out, 12, sums->confirmed[0]);
    wire_put_uint(out, 13, record->dates.confirm_by);
    wire_put_uint(out, 14, record->cut);
    wire_end(out, mark);
}

void clearing_table_nets_encode(const struct books *books, month_t month, uint32_t number, struct buffer *out)
{
    fen_t owed[REGIONS][REGIONS], net[REGIONS];
    clearing_table_nets(books, month, owed, net);
    size_t mark = wire_begin(out, number);
    wire_put_uint(out, 1, month_number(month));
    for (unsigned region = 0; region < REGIONS; region++) {
        fen_t receivable = 0, payable = 0;
        for (unsigned other = 0; other < REGIONS; other++) {
            receivable += owed[other][region];
            payable += owed[region][other];
        }
        size_t row = wire_begin(out, 2);
        wire_put_text(out, 1, clearing_region(region));
        wire_put_int(out, 2, receivable);
        wire_put_int(out, 3, payable);
        wire_put_int(out, 4, net[region]);
        wire_end(out, row);
    }
    wire_end(out, mark);
}
