/* SPDX-License-Identifier: Apache-2.0
 * Coding of TreeExchange. */
#include "common/engines/tree/tree_wire.h"

static void key_encode(const struct tree_key *key, uint32_t number, struct buffer *out)
{
    size_t mark = wire_begin(out, number);
    wire_put_uint(out, 1, key->day);
    wire_put_text(out, 2, key->institution);
    wire_put_uint(out, 3, key->number);
    wire_end(out, mark);
}

static void tile_encode(const struct tree_tile *tile, struct buffer *out)
{
    size_t mark = wire_begin(out, 3);
    key_encode(&tile->from, 1, out);
    wire_put_uint(out, 2, tile->sum.count);
    wire_put_int(out, 3, tile->sum.total);
    wire_put_int(out, 4, tile->sum.fund);
    wire_put_int(out, 5, tile->sum.account);
    wire_put_fixed64(out, 6, tile->sum.digest);
    wire_end(out, mark);
}

void tree_exchange_encode(const struct tree_exchange *exchange, struct buffer *out)
{
    for (uint32_t i = 0; i < exchange->range_count; i++) {
        const struct tree_range *range = &exchange->ranges[i];
        size_t mark = wire_begin(out, 1);
        key_encode(&range->from, 1, out);
        if (!range->endless)
            key_encode(&range->to, 2, out);
        for (uint32_t j = 0; j < range->tile_count; j++)
            tile_encode(&range->tiles[j], out);
        wire_put_uint(out, 4, range->rows);
        wire_end(out, mark);
    }
}

static enum status key_decode(struct span bytes, struct tree_key *key)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    memset(key, 0, sizeof *key);
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == 1)
            key->day = (civil_date_t)field.value;
        else if (field.number == 3)
            key->number = field.value;
        else if (field.number == 2) {
            if (field.bytes.size >= sizeof key->institution)
                return REJECT_TOO_LARGE;
            if (field.bytes.size > 0)
                memcpy(key->institution, field.bytes.data, field.bytes.size);
        }
    }
    return OK;
}

static enum status tile_decode(struct span bytes, struct tree_tile *tile)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    memset(tile, 0, sizeof *tile);
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == 1)
            TRY(key_decode(field.bytes, &tile->from));
        else if (field.number == 2)
            tile->sum.count = field.value;
        else if (field.number == 3)
            tile->sum.total = (fen_t)field.value;
        else if (field.number == 4)
            tile->sum.fund = (fen_t)field.value;
        else if (field.number == 5)
            tile->sum.account = (fen_t)field.value;
        else if (field.number == 6)
            tile->sum.digest = field.value;
    }
    return OK;
}

static enum status range_decode(struct span bytes, struct tree_range *range)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    memset(range, 0, sizeof *range);
    range->endless = true;
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number == 1)
            TRY(key_decode(field.bytes, &range->from));
        else if (field.number == 2) {
            TRY(key_decode(field.bytes, &range->to));
            range->endless = false;
        } else if (field.number == 3) {
            if (range->tile_count == TREE_FANOUT)
                return REJECT_TOO_LARGE;
            TRY(tile_decode(field.bytes, &range->tiles[range->tile_count++]));
        } else if (field.number == 4)
            range->rows = field.value != 0;
    }
    return OK;
}

enum status tree_exchange_decode(struct span bytes, struct tree_exchange *exchange)
{
    struct wire_reader reader = wire_read(bytes);
    struct wire_field field;
    exchange->range_count = 0;
    while (!wire_at_end(&reader)) {
        TRY(wire_next(&reader, &field));
        if (field.number != 1)
            continue;
        if (exchange->range_count == TREE_RANGES_MAX)
            return REJECT_TOO_LARGE;
        TRY(range_decode(field.bytes, &exchange->ranges[exchange->range_count++]));
    }
    return OK;
}
