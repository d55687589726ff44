/* SPDX-License-Identifier: Apache-2.0
 * Lists of reference data. */
#include "tools/reference_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/store/rows/validation.h"
#include "tools/gazette_file.h"
#include "tools/state_rows.h"

/* What is asked for, and the page so far. */
struct listing {
    struct cli *cli;
    const struct reference_wanted *wanted;
    const char *table, *list; /* of a published table, as gazette.proto names them */
    uint64_t left;            /* rows of this page */
    uint64_t index, from;     /* of all rows of published tables; where the page begins */
    bool cut;                 /* there are more */
};

static uint64_t page_of(const struct cli *cli)
{
    return cli->limit == 0 ? UINT64_MAX : cli->limit;
}

static void print_cells(const json_t *row)
{
    const char *key;
    json_t *value;
    bool first = true;
    json_object_foreach((json_t *)(uintptr_t)row, key, value)
    {
        char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        (void)printf("%s%s %s", first ? "" : "  ", key, text != NULL ? text : json_string_value(value));
        free(text);
        first = false;
    }
    (void)printf("\n");
}

/* Takes the row. */
static void put(const struct cli *cli, json_t *row)
{
    if (cli->json)
        cli_print_json(json_incref(row));
    else
        print_cells(row);
    json_decref(row);
}

/* ---- catalogues ---- */

static bool take_item(void *self, struct span key, struct span value)
{
    struct listing *listing = self;
    struct catalogue_key item;
    struct catalogue_value says;
    if (!catalogue_key_read(key, &item) || !catalogue_value_read(value, &says))
        return true;
    json_t *row =
        json_pack("{s:s+,s:s,s:i,s:s,s:i,s:I,s:I,s:I}", "region", item.region, "0000", "code", item.code,
                  "effectiveDate", (int)item.effective_date, "level", "", "firstOwnShareBp",
                  (int)says.first_own_share_bp, "priceLimitOneMicro", (json_int_t)says.price_limits_micro,
                  "priceLimitTwoMicro", (json_int_t)says.second, "priceLimitThreeMicro", (json_int_t)says.third);
    char level[4];
    (void)snprintf(level, sizeof level, "%02u", (unsigned)says.level);
    (void)json_object_set_new(row, "level", json_string(level));
    if (says.end_date != 0)
        (void)json_object_set_new(row, "endDate", json_integer((json_int_t)says.end_date));
    put(listing->cli, row);
    return --listing->left > 0;
}

static int list_catalogue(struct listing *listing)
{
    struct cli *cli = listing->cli;
    const char *region = listing->wanted->region, *code = listing->wanted->code;
    struct buffer prefix = {0}, next = {0};
    if (region == NULL && code != NULL) {
        complain(said("按编码查询时请写 --region", "--code wants --region beside it"));
        return CLI_USAGE;
    }
    if (region != NULL)
        buffer_append(&prefix, region, 2);
    buffer_append_text(&prefix, code == NULL ? "" : code);
    bool answered = state_rows(cli, "validation", "catalogue", buffer_span(&prefix), buffer_span(&cli->from), take_item,
                               listing, &next);
    if (answered)
        cli_page_next(cli, buffer_span(&next));
    buffer_fini(&prefix);
    buffer_fini(&next);
    return answered ? CLI_OK : CLI_UNREACHABLE;
}

/* ---- published tables ---- */

static bool has_code(const json_t *row, const char *code)
{
    char text[32];
    const json_t *value = json_object_get(row, "code");
    if (code == NULL)
        return true;
    (void)snprintf(text, sizeof text, "%lld", (long long)cli_integer(row, "code"));
    return strncmp(json_is_string(value) ? json_string_value(value) : text, code, strlen(code)) == 0;
}

static void put_rows(struct listing *listing, const json_t *rows, const char *region)
{
    for (size_t i = 0; i < json_array_size(rows) && !listing->cut; i++) {
        const json_t *row = json_array_get(rows, i);
        if (!has_code(row, listing->wanted->code) || listing->index++ < listing->from)
            continue;
        if (listing->left == 0) {
            listing->index--;
            listing->cut = true;
            break;
        }
        json_t *shown = json_copy((json_t *)(uintptr_t)row);
        if (region[0] != 0)
            (void)json_object_set_new(shown, "region", json_string(region));
        put(listing->cli, shown);
        listing->left--;
    }
}

static bool take_gazette(void *self, struct span key, struct span value)
{
    struct listing *listing = self;
    struct gazettes_key of;
    json_t *gazette = gazettes_key_read(key, &of) ? cli_message(WIRE_GAZETTE, value) : NULL;
    const json_t *table = json_object_get(gazette, listing->table);
    const struct reference_wanted *wanted = listing->wanted;
    bool here = table != NULL && (wanted->region == NULL || strcmp(wanted->region, cli_text(gazette, "region")) == 0) &&
                (wanted->year == 0 || (uint64_t)cli_integer(table, "year") == wanted->year);
    if (here) {
        put_rows(listing, json_object_get(table, listing->list), cli_text(gazette, "region"));
        put_rows(listing, json_object_get(table, "benefitMonths"), cli_text(gazette, "region"));
    }
    json_decref(gazette);
    return !listing->cut;
}

static int list_published(struct listing *listing)
{
    struct cli *cli = listing->cli;
    struct buffer behind = {0}, next = {0};
    for (size_t i = 0; i < cli->from.size && i < 8; i++)
        listing->from = listing->from << 8 | cli->from.data[i];
    bool answered =
        state_rows(cli, "validation", "gazettes", span_of(NULL, 0), span_of(NULL, 0), take_gazette, listing, &behind);
    for (unsigned i = 4; listing->cut && i-- > 0;)
        buffer_append(&next, &(uint8_t){(uint8_t)(listing->index >> 8 * i)}, 1);
    if (answered)
        cli_page_next(cli, buffer_span(&next));
    buffer_fini(&behind);
    buffer_fini(&next);
    return answered ? CLI_OK : CLI_UNREACHABLE;
}

/* ---- the tables themselves ---- */

static bool take_table(void *self, struct span key, struct span value)
{
    struct cli *cli = self;
    struct gazettes_key of;
    json_t *gazette = gazettes_key_read(key, &of) ? cli_message(WIRE_GAZETTE, value) : NULL;
    for (enum reference_kind kind = REFERENCE_CALENDAR; gazette != NULL && kind < REFERENCE_KINDS; kind++) {
        const char *name, *list;
        gazette_file_shape(kind, &name, &list);
        const json_t *table = json_object_get(gazette, name);
        if (table == NULL)
            continue;
        json_t *row = json_pack("{s:s,s:s,s:s,s:I}", "table", reference_kind_name(kind), "region",
                                cli_text(gazette, "region"), "source", cli_text(gazette, "source"), "rows",
                                (json_int_t)json_array_size(json_object_get(table, list)));
        int64_t year = cli_integer(table, "year");
        if (year != 0)
            (void)json_object_set_new(row, "year", json_integer(year));
        put(cli, row);
    }
    json_decref(gazette);
    return true;
}

int reference_tables(struct cli *cli)
{
    struct buffer next = {0};
    bool answered = cli_configure(cli) && state_rows(cli, "validation", "gazettes", span_of(NULL, 0), span_of(NULL, 0),
                                                     take_table, cli, &next);
    buffer_fini(&next);
    return answered ? CLI_OK : CLI_UNREACHABLE;
}

int reference_list(struct cli *cli, enum reference_kind kind, const struct reference_wanted *wanted)
{
    struct listing listing = {.cli = cli, .wanted = wanted, .left = page_of(cli)};
    if (!cli_configure(cli))
        return CLI_BAD_INPUT;
    if (kind == REFERENCE_CATALOGUE_ITEM)
        return list_catalogue(&listing);
    gazette_file_shape(kind, &listing.table, &listing.list);
    return list_published(&listing);
}
