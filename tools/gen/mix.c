/* SPDX-License-Identifier: Apache-2.0
 * The mix: bills of every kind of care that is settled, of who may have it, where it is given, from the catalogue of
 * that place, and the papers that they need. Shares are an assumption: of all direct settlement between provinces about
 * a tenth were stays in 2023 (国家医保局 [S]); the rest follows the counters of hospitals and pharmacies. */
#include "tools/gen/mix.h"

#include <stdio.h>

#include "common/base/check.h"
#include "common/engines/gazette/care_kinds.h"
#include "tools/gen/catalogue.h"

enum { PERSONS_STRAND = 31, BILLS_STRAND = 30, PAPERS_STRAND = 20, MESSAGES_STRAND = 24, SHARES = 1000 };

/* What a kind of care is made of: classes of items (catalogue.c), at most how many lines and of how much. */
struct care {
    const char *kind;
    uint32_t shares; /* of SHARES */
    const char *classes;
    uint32_t lines_max, quantity_max;
    const char *diagnoses[3];
};

enum { VISIT = 0, CHRONIC = 1 };

static const struct care cares[] = {
    {"11", 560, "01234567", 6, 4, {"J06.900", "K29.500", "M54.500"}},
    {"14", 0, "01234", 5, 12, {"I10.x00", "E11.900", "C34.900"}},
    {"12", 60, "5", 1, 1, {"Z00.000", "Z01.800", "Z71.900"}},
    {"13", 50, "01234567", 8, 4, {"R50.900", "S09.900", "R10.400"}},
    {"41", 180, "01234", 4, 4, {"", "J00.x00", "I10.x00"}},
    {"21", 83, "0123456789", 20, 20, {"J18.900", "I63.900", "K80.200"}},
    {"22", 8, "0123456789", 20, 20, {"S72.000", "S82.800", "S06.000"}},
    {"23", 12, "0123456789", 20, 20, {"C34.900", "I20.000", "I25.100"}},
    {"24", 7, "0123456789", 20, 20, {"I21.900", "I61.900", "K35.800"}},
    {"51", 24, "567", 6, 4, {"Z34.900", "Z34.000", "O21.000"}},
    {"52", 16, "0156789", 15, 10, {"O80.000", "O82.000", "O60.100"}},
};

/* Of one class, no bill has more. */
static const uint32_t quantities[GEN_CLASSES] = {20, 20, 20, 20, 15, 20, 3, 20, 2, 6};

/* ---- who may have what ---- */

struct papers {
    uint32_t filing; /* enum filing_kind */
    unsigned filed_to;
    const char *disease; /* NULL: no qualification */
    bool may_bear;
    bool maternity_insured;
};

static unsigned elsewhere(struct stream *stream, unsigned home)
{
    return (home + 1 + below(stream, GEN_AREAS_COUNT - 1)) % GEN_AREAS_COUNT;
}

/* One in five has filed; four in ten of the old, fewer of the young, are qualified for a chronic disease. */
static struct papers papers_of(const struct gen *gen, uint32_t index, const struct gen_person *person)
{
    static const char *const diseases[] = {"M03900", "M01600", "M00500", "M07800"};
    struct stream stream = gen_stream(gen, PERSONS_STRAND, index);
    struct papers papers = {.filing = FILING_NONE};
    uint32_t sick = person->age >= 60 ? 40 : person->age >= 40 ? 15 : 2;
    bool filed = below(&stream, 5) == 0, long_term = below(&stream, 2) == 0;
    uint32_t temporary = FILING_REFERRAL + below(&stream, 3);
    if (filed && long_term && person->age >= 18)
        papers.filing = person->age >= 60                       ? FILING_RESETTLED_RETIREE
                        : strcmp(person->category, "1101") == 0 ? FILING_POSTED_WORKER
                                                                : FILING_LONG_TERM_RESIDENT;
    else if (filed)
        papers.filing = temporary;
    papers.filed_to = elsewhere(&stream, person->area);
    uint32_t disease = below(&stream, 4);
    papers.disease = below(&stream, 100) < sick ? diseases[disease] : NULL;
    bool woman = (person->id[16] - '0') % 2 == 0;
    papers.may_bear = woman && person->age >= 20 && person->age < 45;
    papers.maternity_insured = /* data/policies has one for Beijing alone */
        papers.may_bear && insurance_class_of(person->type) == INSURANCE_EMPLOYEES &&
        strcmp(gen_areas[person->area].area, "110000") == 0;
    return papers;
}

/* Long-term filings began 600 days ago, temporary ones 60 and hold for 300. */
static bool fill_filing(const struct gen *gen, const struct gen_person *person, const struct papers *papers,
                        struct event *event, char number[12])
{
    bool long_term = papers->filing <= FILING_POSTED_WORKER;
    civil_date_t today = gen->options.today;
    event->body.filing = (struct filing){.filing_id = number,
                                         .kind = papers->filing,
                                         .insured_area = gen_areas[person->area].area,
                                         .insurance_type = person->type,
                                         .care_area = gen_areas[papers->filed_to].area,
                                         .valid_from = civil_date_add_days(today, long_term ? -600 : -60),
                                         .valid_to = long_term ? 0 : civil_date_add_days(today, 240)};
    return papers->filing != FILING_NONE;
}

static bool fill_paper(const struct gen *gen, const struct gen_person *person, const struct papers *papers,
                       unsigned paper, struct event *event, char number[12])
{
    civil_date_t from = civil_date_add_days(gen->options.today, -400);
    const char *area = gen_areas[person->area].area;
    if (paper == 0)
        return fill_filing(gen, person, papers, event, number);
    if (paper == 1) {
        event->body.qualification = (struct qualification){.insured_area = area,
                                                           .insurance_type = person->type,
                                                           .special_disease = papers->disease,
                                                           .valid_from = from};
        return papers->disease != NULL;
    }
    event->body.enrolment =
        (struct enrolment){.area = area, .insurance_type = "510", .category = person->category, .effective_date = from};
    return papers->maternity_insured;
}

bool gen_paper(struct gen *gen, uint32_t index, unsigned paper, struct buffer *envelope)
{
    static const enum event_kind kinds[GEN_PAPERS] = {EVENT_FILING, EVENT_QUALIFICATION, EVENT_ENROLMENT};
    PRE(paper < GEN_PAPERS);
    struct stream stream = gen_stream(gen, PAPERS_STRAND + paper, index);
    struct gen_person person = gen_person_at(gen, index);
    struct papers papers = papers_of(gen, index, &person);
    char id[37], number[12];
    gen_message_id(gen, PAPERS_STRAND + paper, index, &stream, id);
    (void)snprintf(number, sizeof number, "F%08u", index);
    struct event event = gen_event(gen, kinds[paper], gen_areas[person.area].area, id);
    event.person_id = person.id;
    if (!gen->options.mix || !fill_paper(gen, &person, &papers, paper, &event, number))
        return false;
    buffer_reset(envelope);
    envelope_encode(&event, envelope);
    return true;
}

/* ---- bills ---- */

/* Half the visits of who is qualified are for the disease; maternity is for those who may bear. */
static const struct care *care_of(struct stream *stream, const struct papers *papers)
{
    uint32_t share = below(stream, SHARES);
    bool for_disease = below(stream, 2) == 0;
    const struct care *care = cares;
    while (share >= care->shares) {
        share -= care->shares;
        care++;
    }
    if (care_class_of(published_first(), care->kind) == CARE_MATERNITY && !papers->may_bear)
        care = &cares[VISIT];
    if (care == &cares[VISIT] && papers->disease != NULL && for_disease)
        care = &cares[CHRONIC];
    return care;
}

/* Three in four bills of who has filed are from there. */
static struct gen_hospital hospital_of(const struct gen *gen, struct stream *stream, const struct care *care,
                                       const struct gen_person *person, const struct papers *papers)
{
    unsigned area = elsewhere(stream, person->area);
    if (below(stream, 4) != 0 && papers->filing != FILING_NONE)
        area = papers->filed_to;
    uint32_t hospitals = gen->options.institutions, first = 0, count = hospitals;
    if (care_class_of(published_first(), care->kind) == CARE_PHARMACY) {
        first = hospitals;
        count = gen_institution_count(gen) - hospitals;
    }
    uint32_t here = (count - area + GEN_AREAS_COUNT - 1) / GEN_AREAS_COUNT;
    return gen_hospital_at(gen, first + area + GEN_AREAS_COUNT * below(stream, here));
}

/* One of each part of the list, so that no item comes twice. */
static uint32_t pick(const struct gen *gen, struct stream *stream, const struct care *care, uint32_t line,
                     uint32_t count)
{
    uint64_t tens = gen_list_size(gen) / GEN_CLASSES, first = tens * line / count, end = tens * (line + 1) / count;
    uint32_t ten = (uint32_t)first + below(stream, (uint32_t)(end - first));
    uint32_t class = (uint32_t)(care->classes[below(stream, (uint32_t)strlen(care->classes))] - '0');
    return ten * GEN_CLASSES + class;
}

/* Up to a tenth cheaper or dearer than usual. */
static struct bill_item line_of(struct stream *stream, const struct care *care, const struct gen_hospital *hospital,
                                const struct gen_item *item, uint32_t class)
{
    uint32_t most = quantities[class] < care->quantity_max ? quantities[class] : care->quantity_max;
    int64_t price = item->price_micro / 100 * (90 + below(stream, 21)), pieces = 1 + below(stream, most);
    struct bill_item line = {.code = item->code,
                             .level = item->level,
                             .unit_price_micro = price,
                             .quantity_e4 = pieces * 10000,
                             .first_own_share_bp = item->first_own_share_bp,
                             .price_limit_micro = item->limit_micro[hospital->level - 1]};
    if (class == 5 && below(stream, 8) == 0)
        line.quantity_e4 += 5000;
    INVARIANT(money_line(line.unit_price_micro, line.quantity_e4, &line.amount) == OK);
    return line;
}

void gen_mixed_bill(struct gen *gen, uint64_t index, struct buffer *envelope)
{
    static const char *const credentials[] = {"01", "02", "03"};
    struct stream stream = gen_stream(gen, BILLS_STRAND, index);
    uint32_t who = below(&stream, gen->options.persons);
    struct gen_person person = gen_person_at(gen, who);
    struct papers papers = papers_of(gen, who, &person);
    const struct care *care = care_of(&stream, &papers);
    struct gen_hospital hospital = hospital_of(gen, &stream, care, &person, &papers);
    bool stay = care_kind_is_inpatient(published_first(), care->kind),
         maternity = care_class_of(published_first(), care->kind) == CARE_MATERNITY;
    struct gen_item listed[GEN_ITEMS_MAX];
    struct bill_item items[GEN_ITEMS_MAX];
    char id[37], number[BILL_ID_SIZE_MAX + 1], trace[GEN_TRACE_SIZE];
    uint32_t count = gen->options.items > 0 ? gen->options.items : 1 + below(&stream, care->lines_max);
    count = count > GEN_ITEMS_MAX ? GEN_ITEMS_MAX : count;
    civil_date_t discharge = civil_date_add_days(gen->options.today, -(int32_t)below(&stream, 30));
    int32_t days = stay ? 1 + (int32_t)below(&stream, 20) : 0;
    fen_t total = 0;
    gen_message_id(gen, MESSAGES_STRAND, index, &stream, id);
    (void)snprintf(number, sizeof number, "M%010llu", (unsigned long long)index);
    gen_trace(&stream, trace);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t chosen = pick(gen, &stream, care, i, count);
        listed[i] = gen_item_at(gen, gen_region_index(hospital.area), chosen);
        items[i] = line_of(&stream, care, &hospital, &listed[i], chosen % GEN_CLASSES);
        total += items[i].amount;
    }
    const char *diagnosis = care->diagnoses[below(&stream, 3)], *credential = credentials[below(&stream, 3)];
    bool use_account = below(&stream, 3) == 0;
    struct event event = gen_event(gen, EVENT_BILL_SETTLE, gen_areas[hospital.area].area, id);
    event.person_id = person.id;
    event.traceparent = trace;
    event.body.bill = (struct bill){.bill_id = number,
                                    .institution = hospital.code,
                                    .insured_area = gen_areas[person.area].area,
                                    .insurance_type = maternity && papers.maternity_insured ? "510" : person.type,
                                    .care_kind = care->kind,
                                    .admission_date = civil_date_add_days(discharge, -days),
                                    .discharge_date = discharge,
                                    .diagnosis = diagnosis,
                                    .credential = credential,
                                    .use_personal_account = use_account,
                                    .total = total,
                                    .items = items,
                                    .item_count = count,
                                    .special_disease = care == &cares[CHRONIC] ? papers.disease : ""};
    buffer_reset(envelope);
    envelope_encode(&event, envelope);
}
