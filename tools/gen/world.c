/* SPDX-License-Identifier: Apache-2.0
 * The world that is made up. */
#include "tools/gen/world.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/codes/area.h"

enum { CATALOGUE_MAX = 10000000 }; /* items a region: message ids tell ten times as many apart */

const struct gen_area gen_areas[GEN_AREAS_COUNT] = {
    {"110000", "110101"}, {"120000", "120101"}, {"130100", "130102"}, {"131000", "131003"}};

struct stream gen_stream(const struct gen *gen, uint64_t strand, uint64_t index)
{
    struct stream mix = {gen->options.seed ^ strand * UINT64_C(0xD6E8FEB86659FD93)};
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

void gen_message_id(const struct gen *gen, uint64_t strand, uint64_t index, struct stream *stream, char text[37])
{
    uint8_t id[16];
    instant_ms_t start = civil_date_start(gen->options.today);
    bytes_put_be(id, (uint64_t)start + strand * 1000000 + index / 1000, 6);
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

/* ---- persons ---- */

const char *gen_person_sender(const struct gen *gen, uint32_t index)
{
    struct stream stream = gen_stream(gen, 2, index);
    return region_of(gen_areas[below(&stream, GEN_AREAS_COUNT)].area);
}

/* Day of birth and serial are a bijection of the index (7919 and 28,800 have no common factor): numbers never collide
 * below 28.8 million persons. Ages are 1 to 79. */
struct gen_person gen_person_at(const struct gen *gen, uint32_t index)
{
    enum { DAYS = 28800, STEP = 7919 };
    struct stream stream = gen_stream(gen, 2, index);
    struct gen_person person = {.area = below(&stream, GEN_AREAS_COUNT)};
    int32_t days = 366 + (int32_t)((uint64_t)index * STEP % DAYS);
    civil_date_t born = civil_date_add_days(gen->options.today, -days);
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
