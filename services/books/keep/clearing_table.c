/* SPDX-License-Identifier: Apache-2.0
 * Clearing tables and net positions of a month. */
#include "services/books/keep/clearing_table.h"

#include "services/books/keep/record.h"

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

struct clearing_table clearing_table_of(const struct books *books, month_t month, unsigned pair)
{
    const struct pair_month *sums = &books->pairs[month][pair];
    const struct month_record *record = &books->months[month];
    return (struct clearing_table){.month = month_number(month),
                                   .insured_region = clearing_region(pair / REGIONS),
                                   .care_region = clearing_region(pair % REGIONS),
                                   .state = record->state,
                                   .count_positive = sums->count_positive,
                                   .count_negative = sums->count_negative,
                                   .total = sums->total,
                                   .amount = sums->amount,
                                   .disputed_count = sums->disputed_count,
                                   .disputed = sums->disputed,
                                   .confirmed_by_insured = sums->confirmed[1],
                                   .confirmed_by_care = sums->confirmed[0],
                                   .confirm_by = record->dates.confirm_by,
                                   .cut_position = record->cut};
}

const struct net_positions *clearing_table_net_positions(struct books *books, month_t month)
{
    fen_t owed[REGIONS][REGIONS], net[REGIONS];
    struct net_positions *positions = record_part(books, sizeof *positions);
    struct net_position *nets = record_part(books, REGIONS * sizeof *nets);
    clearing_table_nets(books, month, owed, net);
    for (unsigned region = 0; region < REGIONS; region++) {
        nets[region] = (struct net_position){.region = clearing_region(region), .net = net[region]};
        for (unsigned other = 0; other < REGIONS; other++) {
            nets[region].receivable += owed[other][region];
            nets[region].payable += owed[region][other];
        }
    }
    *positions = (struct net_positions){month_number(month), nets, REGIONS};
    return positions;
}
