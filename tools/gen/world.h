/* SPDX-License-Identifier: Apache-2.0
 * The world that is made up: areas, institutions, persons, and the streams of random numbers that they come from. */
#ifndef HUTONG_TOOLS_GEN_WORLD_H
#define HUTONG_TOOLS_GEN_WORLD_H
#include "common/codes/identity.h"
#include "common/pb/event.h"

enum { GEN_AREAS_COUNT = 4, GEN_ITEMS_MAX = 64 };

/* The areas whose policies are known (data/policies), and a division in each. */
struct gen_area {
    const char *area;
    const char *division;
};
extern const struct gen_area gen_areas[GEN_AREAS_COUNT];

struct gen_options {
    uint64_t seed;
    uint32_t institutions; /* at least 12 */
    uint32_t persons;
    uint32_t items; /* a bill; 0: 1 to 20 */
    civil_date_t today;
    bool mix; /* every kind of care, with filings, qualifications and pharmacies; else inpatient bills alone */
    uint32_t catalogue; /* mix: items that each region states, at least 1,000; 0: none, and bills count as they are */
};

struct gen {
    struct gen_options options;
};
struct gen *gen_new(const struct gen_options *options);
void gen_destroy(struct gen **gen);

/* SplitMix64 (Steele, Lea, Flood 2014): each thing has a stream of its own, so that it does not matter who is made
 * first. */
struct stream {
    uint64_t state;
};

static inline uint64_t next(struct stream *stream)
{
    uint64_t z = stream->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static inline uint32_t below(struct stream *stream, uint32_t count)
{
    return (uint32_t)(next(stream) % count);
}

struct stream gen_stream(const struct gen *gen, uint64_t strand, uint64_t index);
/* One draw a statement, here and everywhere: C leaves open in which order arguments, operands and initialisers are
 * evaluated, and compilers differ. */
enum { GEN_TRACE_SIZE = 64 };
void gen_trace(struct stream *stream, char text[GEN_TRACE_SIZE]);
/* Time-ordered: day of the trace, then strand and index. */
void gen_message_id(const struct gen *gen, uint64_t strand, uint64_t index, struct stream *stream, char text[37]);
/* Sent by the area's region; the id is borrowed. */
struct event gen_event(const struct gen *gen, enum event_kind kind, const char *area, const char *id);

struct gen_hospital {
    char code[13];
    unsigned area; /* of gen_areas */
    uint32_t level;
    bool municipal;
    bool community;
    bool pharmacy;
};
/* From options.institutions on: pharmacies. */
struct gen_hospital gen_hospital_at(const struct gen *gen, uint32_t index);
/* With the mix there are pharmacies behind the hospitals. */
uint32_t gen_institution_count(const struct gen *gen);

struct gen_person {
    char id[IDENTITY_SIZE + 1];
    unsigned area;
    const char *type;
    const char *category;
    uint32_t poverty;
    fen_t balance;
    civil_date_t born;
    uint32_t age;
};
/* Who sends what gen_person_at's person is insured by. */
const char *gen_person_sender(const struct gen *gen, uint32_t index);
struct gen_person gen_person_at(const struct gen *gen, uint32_t index);

#endif
