/* SPDX-License-Identifier: Apache-2.0
 * What the generator's files share: areas, streams of random numbers, heads of envelopes. */
#ifndef HUTONG_TOOLS_GEN_GEN_INTERNAL_H
#define HUTONG_TOOLS_GEN_GEN_INTERNAL_H
#include "common/pb/event.h"
#include "tools/gen/gen.h"

enum { GEN_AREAS_COUNT = 4 };

/* The areas whose policies are known (data/policies), and a division in each. */
struct gen_area {
    const char *area;
    const char *division;
};
extern const struct gen_area gen_areas[GEN_AREAS_COUNT];

struct gen {
    struct gen_options options;
};

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

struct stream gen_stream(const struct gen *gen, uint64_t family, uint64_t index);
/* Time-ordered: day of the trace, then family and index. */
void gen_message_id(const struct gen *gen, uint64_t family, uint64_t index, struct stream *stream, char text[37]);
/* Sent by the area's region; the id is borrowed. */
struct event gen_event(const struct gen *gen, enum event_kind kind, const char *area, const char *id);
#endif
