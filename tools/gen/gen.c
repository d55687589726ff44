/* SPDX-License-Identifier: Apache-2.0
 * The generator. */
#include "tools/gen/gen.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/codes/area.h"
#include "tools/gen/gen_internal.h"

enum { CATALOGUE_MAX = 10000000 }; /* items a region: message ids tell ten times as many apart */

const struct gen_area gen_areas[GEN_AREAS_COUNT] = {
    {"110000", "110101"}, {"120000", "120101"}, {"130100", "130102"}, {"131000", "131003"}};

struct stream gen_stream(const struct gen *gen, uint64_t family, uint64_t index)
{
    struct stream mix = {gen->options.seed ^ family * UINT64_C(0xD6E8FEB86659FD93)};
    uint64_t first = next(&mix);
    return (struct stream){first ^ index * UINT64_C(0xA0761D6478BD642F)};
}

struct gen *gen_new(const struct gen_options *options)
{
    struct gen *gen = calloc(1, sizeof *gen);
    INVARIANT(gen != NULL);
    gen->options = *options;
    if (gen->options.institutions < 12)
        gen->options.institutions = 12;
    if (gen->options.catalogue > CATALOGUE_MAX)
        gen->options.catalogue = CATALOGUE_MAX;
    if (gen->options.persons == 0)
        gen->options.persons = 1;
    return gen;
}

void gen_destroy(struct gen **gen)
{
    free(*gen);
    *gen = NULL;
}

void gen_message_id(const struct gen *gen, uint64_t family, uint64_t index, struct stream *stream, char text[37])
{
    uint8_t id[16];
    instant_ms_t start = civil_date_start(gen->options.today);
    bytes_put_be(id, (uint64_t)start + family * 1000000 + index / 1000, 6);
    bytes_put_be(id + 6, next(stream), 2);
    bytes_put_be(id + 8, next(stream), 8);
    id[6] = (uint8_t)(0x70 | (id[6] & 0x0f));
    id[8] = (uint8_t)(0x80 | (id[8] & 0x3f));
    message_id_describe(id, text);
}

void gen_trace(struct stream *stream, char text[GEN_TRACE_SIZE])
{
    unsigned long long span = next(stream), low = next(stream), high = next(stream);
    (void)snprintf(text, GEN_TRACE_SIZE, "00-%016llx%016llx-%016llx-01", high, low, span);
}

struct event gen_event(const struct gen *gen, enum event_kind kind, const char *area, const char *id)
{
    return (struct event){.version = 1,
                          .sender = region_of(area),
                          .message_id = id,
                          .sent_at = civil_date_start(gen->options.today),
                          .person_id = "",
                          .traceparent = "",
                          .kind = kind};
}

/* ---- institutions: an equal share for each area; levels 3, 3 municipal, 2, 1 community, in turn ---- */

struct gen_hospital gen_hospital_at(const struct gen *gen, uint32_t index)
{
    struct gen_hospital hospital = {.pharmacy = index >= gen->options.institutions};
    uint32_t among = hospital.pharmacy ? index - gen->options.institutions : index;
    uint32_t kind = hospital.pharmacy ? 4 : among / GEN_AREAS_COUNT % 4;
    hospital.area = among % GEN_AREAS_COUNT;
    hospital.level = kind < 2 ? 3 : kind == 2 ? 2 : 1;
    hospital.municipal = kind == 1 && strncmp(gen_areas[hospital.area].area, "13", 2) == 0;
    hospital.community = kind == 3;
    (void)snprintf(hospital.code, sizeof hospital.code, "%c%s%05u", hospital.pharmacy ? 'P' : 'H',
                   gen_areas[hospital.area].division, (index + 1) % 100000);
    return hospital;
}

uint32_t gen_institution_count(const struct gen *gen)
{
    uint32_t pharmacies = gen->options.mix ? (gen->options.institutions / 16 + 1) * GEN_AREAS_COUNT : 0;
    return gen->options.institutions + pharmacies;
}

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

/* ---- persons ---- */

/* Day of birth and serial are a bijection of the index (7919 and 28,800 have no common factor): numbers never collide
 * below 28.8 million persons. Ages are 1 to 79. */
struct gen_person gen_person_at(const struct gen *gen, uint32_t index)
{
    enum { DAYS = 28800, STEP = 7919 };
    struct stream stream = gen_stream(gen, 2, index);
    struct gen_person person = {.area = below(&stream, GEN_AREAS_COUNT)};
    int32_t days = 366 + (int32_t)((uint64_t)index * STEP % DAYS);
    civil_date_t born = civil_date_from_day(civil_date_to_day(gen->options.today) - days);
    person.born = born;
    uint32_t age = person.age = (uint32_t)days / 366;
    bool employee = age >= 18 && below(&stream, 100) < 65, retired = age >= 60;
    uint32_t poverty = below(&stream, 100);
    person.type = employee ? "310" : "390";
    person.category = employee ? (retired ? "1201" : "1101") : age < 17 ? "1401" : age < 60 ? "1501" : "1601";
    person.poverty = employee || poverty >= 6 ? POVERTY_NONE : poverty < 2 ? POVERTY_EXTREME : POVERTY_SUBSISTENCE;
    person.balance = employee ? (fen_t)below(&stream, 500000) : 0;
    (void)snprintf(person.id, sizeof person.id, "%s%08u%03u", gen_areas[person.area].division, born,
                   index / DAYS % 1000);
    person.id[17] = identity_check_character(person.id);
    person.id[18] = 0;
    return person;
}

void gen_enrolment(struct gen *gen, uint32_t index, struct buffer *envelope)
{
    struct stream stream = gen_stream(gen, 3, index);
    struct gen_person person = gen_person_at(gen, index);
    civil_date_t from = civil_date_from_day(civil_date_to_day(gen->options.today) - 700);
    char id[37];
    gen_message_id(gen, 2, index, &stream, id);
    struct event event = gen_event(gen, EVENT_ENROLMENT, gen_areas[person.area].area, id);
    event.person_id = person.id;
    event.body.enrolment = (struct enrolment){.area = gen_areas[person.area].area,
                                              .insurance_type = person.type,
                                              .category = person.category,
                                              .effective_date = from > person.born ? from : person.born,
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
    int32_t discharge = civil_date_to_day(gen->options.today) - (int32_t)below(&stream, 30);
    fen_t total = 0;
    gen_message_id(gen, 3, index, &stream, id);
    (void)snprintf(number, sizeof number, "S%010llu", (unsigned long long)index);
    gen_trace(&stream, trace);
    for (uint32_t i = 0; i < count; i++) {
        total += fill_line(&stream, i, &lines[i]);
        items[i] = lines[i].item;
    }
    int32_t admission = discharge - (int32_t)below(&stream, 20);
    bool use_account = below(&stream, 3) == 0;
    struct event event = gen_event(gen, EVENT_BILL_SETTLE, gen_areas[hospital.area].area, id);
    event.person_id = person.id;
    event.traceparent = trace;
    event.body.bill = (struct bill){.bill_id = number,
                                    .institution = hospital.code,
                                    .insured_area = gen_areas[person.area].area,
                                    .insurance_type = person.type,
                                    .care_kind = "21",
                                    .admission_date = civil_date_from_day(admission),
                                    .discharge_date = civil_date_from_day(discharge),
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
