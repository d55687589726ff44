/* SPDX-License-Identifier: Apache-2.0
 * The generator. */
#include "tools/gen/gen.h"

#include <stdio.h>

#include "common/base/check.h"
#include "tools/gen/mix.h"

void gen_institution(struct gen *gen, uint32_t index, struct buffer *envelope)
{
    struct stream stream = gen_stream(gen, 1, index);
    struct gen_hospital hospital = gen_hospital_at(gen, index);
    char id[37], name[64];
    gen_message_id(gen, 1, index, &stream, id);
    (void)snprintf(name, sizeof name, hospital.pharmacy ? "第%u药店" : "第%u医院", index + 1);
    struct event event = gen_event(gen, EVENT_INSTITUTION, gen_areas[hospital.area].area, id);
    event.body.institution = (struct institution){.code = hospital.code,
                                                  .name = name,
                                                  .area = gen_areas[hospital.area].area,
                                                  .level = hospital.level,
                                                  .municipal = hospital.municipal,
                                                  .community = hospital.community,
                                                  .status = INSTITUTION_ACTIVE,
                                                  .effective_date = 20200101};
    buffer_reset(envelope);
    envelope_encode(&event, envelope);
}

void gen_enrolment(struct gen *gen, uint32_t index, struct buffer *envelope)
{
    struct stream stream = gen_stream(gen, 3, index);
    struct gen_person person = gen_person_at(gen, index);
    civil_date_t from = civil_date_add_days(gen->options.today, -700);
    char id[37];
    gen_message_id(gen, 2, index, &stream, id);
    struct event event = gen_event(gen, EVENT_ENROLMENT, gen_areas[person.area].area, id);
    event.person_id = person.id;
    event.body.enrolment = (struct enrolment){.area = gen_areas[person.area].area,
                                              .insurance_type = person.type,
                                              .category = person.category,
                                              .effective_date = from > person.born ? from : person.born,
                                              .has_account_balance = person.balance != 0,
                                              .account_balance = person.balance,
                                              .poverty = person.poverty};
    buffer_reset(envelope);
    envelope_encode(&event, envelope);
}

/* ---- bills ---- */

struct line {
    struct bill_item item;
    char code[28];
};

static fen_t fill_line(struct stream *stream, uint32_t index, struct line *line)
{
    static const int64_t prices[] = {1250000, 36500000, 128000000, 880000000, 5200000, 19900000}; /* 10^-6 yuan */
    uint32_t kind = below(stream, 10);
    line->item.level = kind < 5 ? 1 : kind < 9 ? 2 : 3;
    line->item.unit_price_micro = prices[below(stream, 6)];
    line->item.unit_price_micro += (int64_t)below(stream, 900) * 10000;
    line->item.quantity_e4 = (int64_t)(1 + below(stream, 12)) * 10000;
    line->item.first_own_share_bp = line->item.level == 2 ? (1 + below(stream, 4)) * 500 : 0;
    if (below(stream, 8) == 0 && line->item.level != 3)
        line->item.price_limit_micro = line->item.unit_price_micro / 5 * 4;
    if (below(stream, 3) != 0) /* western drug, 23 characters */
        (void)snprintf(line->code, sizeof line->code, "XA%02u%018u%c", index % 100, below(stream, 1000000000), 'A');
    else /* consumable, 27 */
        (void)snprintf(line->code, sizeof line->code, "C%02u%024u", index % 100, below(stream, 1000000000));
    line->item.code = line->code;
    INVARIANT(money_line(line->item.unit_price_micro, line->item.quantity_e4, &line->item.amount) == OK);
    return line->item.amount;
}

static uint32_t away(struct stream *stream, const struct gen *gen, unsigned home)
{
    uint32_t index;
    do
        index = below(stream, gen->options.institutions);
    while (gen_hospital_at(gen, index).area == home);
    return index;
}

static void inpatient_bill(struct gen *gen, uint64_t index, struct buffer *envelope)
{
    struct stream stream = gen_stream(gen, 4, index);
    struct gen_person person = gen_person_at(gen, below(&stream, gen->options.persons));
    struct gen_hospital hospital = gen_hospital_at(gen, away(&stream, gen, person.area));
    struct line lines[GEN_ITEMS_MAX] = {0};
    struct bill_item items[GEN_ITEMS_MAX];
    char id[37], number[BILL_ID_SIZE_MAX + 1], trace[GEN_TRACE_SIZE];
    uint32_t count = gen->options.items > 0 ? gen->options.items : 1 + below(&stream, 20);
    count = count > GEN_ITEMS_MAX ? GEN_ITEMS_MAX : count;
    civil_date_t discharge = civil_date_add_days(gen->options.today, -(int32_t)below(&stream, 30));
    fen_t total = 0;
    gen_message_id(gen, 3, index, &stream, id);
    (void)snprintf(number, sizeof number, "S%010llu", (unsigned long long)index);
    gen_trace(&stream, trace);
    for (uint32_t i = 0; i < count; i++) {
        total += fill_line(&stream, i, &lines[i]);
        items[i] = lines[i].item;
    }
    civil_date_t admission = civil_date_add_days(discharge, -(int32_t)below(&stream, 20));
    bool use_account = below(&stream, 3) == 0;
    struct event event = gen_event(gen, EVENT_BILL_SETTLE, gen_areas[hospital.area].area, id);
    event.person_id = person.id;
    event.traceparent = trace;
    event.body.bill = (struct bill){.bill_id = number,
                                    .institution = hospital.code,
                                    .insured_area = gen_areas[person.area].area,
                                    .insurance_type = person.type,
                                    .care_kind = "21",
                                    .admission_date = admission,
                                    .discharge_date = discharge,
                                    .diagnosis = "J18.900",
                                    .credential = "01",
                                    .use_personal_account = use_account,
                                    .total = total,
                                    .items = items,
                                    .item_count = count};
    buffer_reset(envelope);
    envelope_encode(&event, envelope);
}

void gen_bill(struct gen *gen, uint64_t index, struct buffer *envelope)
{
    if (gen->options.mix)
        gen_mixed_bill(gen, index, envelope);
    else
        inpatient_bill(gen, index, envelope);
}
