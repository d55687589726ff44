/* SPDX-License-Identifier: Apache-2.0
 * Conversations: pension, medical, unemployment in turn, between areas of two regions. Forms are computed by the same
 * sums that settlement checks them with. */
#include <stdio.h>

#include "common/base/check.h"
#include "common/codes/area.h"
#include "common/codes/identity.h"
#include "services/settlement/transfer/paid.h"
#include "services/settlement/transfer/pension_funds.h"
#include "services/settlement/transfer/unemployment.h"
#include "tools/gen/gen_internal.h"

enum { ROWS_MAX = 8, BIRTH_DAYS = 3000, SERIALS = 499, FAMILY = 5 };

/* One transfer, made again for each of its letters. */
struct moving {
    uint32_t scheme;
    unsigned source, target; /* of gen_areas */
    char person[IDENTITY_SIZE + 1];
    char id[TRANSFER_ID_SIZE_MAX + 1];
    char reference[32];
    bool withdrawn, mismatched;
    struct paid_row rows[ROWS_MAX];
    struct information_form form;
};

static const char *type_of(uint32_t scheme)
{
    static const char *const types[] = {"", "110", "310", "210"};
    return types[scheme];
}

static void draw_rows(const struct gen *gen, struct stream *stream, struct moving *moving)
{
    uint32_t years = 1 + below(stream, ROWS_MAX), last = gen->options.today / 10000 - 1;
    for (uint32_t i = 0; i < years; i++) {
        uint32_t year = last - years + 1 + i;
        moving->rows[i] = (struct paid_row){.from_month = year * 100 + 1,
                                            .to_month = year * 100 + 12,
                                            .months = 12,
                                            .base = 300000 + (fen_t)below(stream, 200) * 5000,
                                            .document = ""};
    }
    moving->form.paid = (struct paid_rows){moving->rows, years};
    moving->form.contribution_months = 12 * years;
}

static void compute_form(const struct gen *gen, struct stream *stream, struct moving *moving)
{
    static struct contribution_rows rows;
    static struct transfer_steps steps;
    struct information_form *form = &moving->form;
    steps.count = 0;
    paid_rows_take(&form->paid, &rows);
    if (moving->scheme == SCHEME_PENSION) {
        struct pension_funds_input input = {
            .direction = PENSION_EMPLOYEES_TO_EMPLOYEES, .rows = &rows, .running_year = gen->options.today / 10000};
        struct pension_funds funds;
        INVARIANT(pension_funds_compute(&input, &funds, &steps) == RULE_NONE);
        form->account_to_last_year = funds.account_closed;
        form->account_total = funds.account_total;
        form->pooled_total = funds.pooled;
        form->transfer_total = funds.total;
    } else if (moving->scheme == SCHEME_MEDICAL) {
        form->covered_to_month = moving->rows[form->paid.count - 1].to_month;
        form->transfer_total = 1 + (fen_t)below(stream, 500000);
    } else {
        const char *region = region_of(gen_areas[moving->source].area);
        bool hebei = strcmp(region, "130000") == 0;
        struct unemployment_input input = {.contribution_months = form->contribution_months,
                                           .source_region = region,
                                           .area_class = hebei ? 1 + below(stream, 4) : 0,
                                           .contact_letter_day = gen->options.today};
        struct unemployment_funds funds;
        INVARIANT(unemployment_compute(&input, &funds, &steps) == RULE_NONE); /* tables reach back to 2023 */
        form->standard_class = input.area_class;
        form->benefit_months = funds.months_moved;
        form->transfer_total = funds.total;
    }
}

/* Men born in the nineties: no age limit is near. Numbers do not repeat below 1.4 million transfers. */
static void draw(const struct gen *gen, uint64_t index, struct moving *moving)
{
    struct stream stream = gen_stream(gen, FAMILY, index);
    memset(moving, 0, sizeof *moving);
    moving->scheme = SCHEME_PENSION + (uint32_t)(index % 3);
    moving->source = below(&stream, GEN_AREAS_COUNT);
    do
        moving->target = below(&stream, GEN_AREAS_COUNT);
    while (region_of(gen_areas[moving->target].area) == region_of(gen_areas[moving->source].area));
    civil_date_t born = civil_date_from_day(civil_date_to_day(19900101) + (int32_t)(index % BIRTH_DAYS));
    (void)snprintf(moving->person, sizeof moving->person, "%s%08u%03u", gen_areas[moving->source].division, born,
                   (unsigned)(index / BIRTH_DAYS % SERIALS) * 2 + 1);
    moving->person[17] = identity_check_character(moving->person);
    (void)snprintf(moving->id, sizeof moving->id, "T-%llu-%010llu", (unsigned long long)gen->options.seed % 100000,
                   (unsigned long long)index);
    moving->withdrawn = below(&stream, 8) == 0;
    moving->mismatched = below(&stream, 8) == 0;
    draw_rows(gen, &stream, moving);
    compute_form(gen, &stream, moving);
}

static uint32_t letter_in(const struct moving *moving, unsigned round)
{
    static const uint32_t letters[GEN_TRANSFER_ROUNDS] = {
        LETTER_NONE,          LETTER_APPLICATION,   LETTER_CONTACT, LETTER_INFORMATION,  LETTER_FUNDS_NOTICE,
        LETTER_FUNDS_RECEIPT, LETTER_FUNDS_RECEIPT, LETTER_JOINING, LETTER_CONFIRMATION, LETTER_CLOSING};
    if (moving->withdrawn && round >= 3)
        return round == 3 ? LETTER_WITHDRAWAL : LETTER_NONE;
    if (round == 5 && !moving->mismatched)
        return LETTER_NONE; /* the receipt that is right comes in the next round */
    return letters[round];
}

static void fill(const struct gen *gen, const struct moving *moving, unsigned round, struct transfer_letter *letter)
{
    civil_date_t today = gen->options.today;
    letter->form = moving->form;
    letter->has_form = letter->kind == LETTER_INFORMATION;
    letter->application.source_type = letter->application.target_type = type_of(moving->scheme);
    letter->application.household_division = gen_areas[moving->target].division;
    letter->application.covered_from_month = moving->scheme == SCHEME_MEDICAL ? today / 100 : 0;
    letter->application.gap_paid_up = true;
    letter->contact = (struct contact_letter){"社会保险经办中心", "银行", "6222000000000001", ""};
    letter->amount = moving->form.transfer_total - (round == 5 ? 1 : 0);
    letter->reference = moving->reference;
    letter->date = today;
    letter->reason = letter->kind == LETTER_WITHDRAWAL ? "本人撤回" : "";
}

static bool is_sources(uint32_t letter)
{
    return letter == LETTER_INFORMATION || letter == LETTER_FUNDS_NOTICE || letter == LETTER_CLOSING;
}

static void enrol(const struct gen *gen, const struct moving *moving, struct event *event)
{
    event->kind = EVENT_ENROLMENT;
    event->body.enrolment =
        (struct enrolment){.area = gen_areas[moving->target].area,
                           .insurance_type = type_of(moving->scheme),
                           .category = "1101",
                           .effective_date = civil_date_from_day(civil_date_to_day(gen->options.today) - 30)};
}

bool gen_transfer(struct gen *gen, uint64_t index, unsigned round, struct buffer *envelope)
{
    static struct moving moving;
    static struct transfer_letter letter;
    char id[37];
    struct stream stream = gen_stream(gen, FAMILY + 1 + round, index);
    PRE(round < GEN_TRANSFER_ROUNDS);
    draw(gen, index, &moving);
    uint32_t kind = letter_in(&moving, round);
    if (round > 0 && kind == LETTER_NONE)
        return false;
    gen_message_id(gen, FAMILY + 1 + round, index, &stream, id);
    const char *sender = gen_areas[is_sources(kind) ? moving.source : moving.target].area;
    struct event event = gen_event(gen, EVENT_TRANSFER, sender, id);
    event.person_id = moving.person;
    if (round == 0) {
        enrol(gen, &moving, &event);
    } else {
        memset(&letter, 0, sizeof letter);
        letter.transfer_id = moving.id;
        letter.scheme = moving.scheme;
        letter.source_area = gen_areas[moving.source].area;
        letter.target_area = gen_areas[moving.target].area;
        letter.kind = kind;
        (void)snprintf(moving.reference, sizeof moving.reference, "B-%llu-%u", (unsigned long long)index, round);
        fill(gen, &moving, round, &letter);
        event.body.transfer = &letter;
    }
    buffer_reset(envelope);
    event_encode(&event, envelope);
    return true;
}
