/* SPDX-License-Identifier: Apache-2.0
 * What a comparison found, for machines: JUnit's XML, and TAP 14. Pure: bytes to a buffer. */
#ifndef HUTONG_TOOLS_TRACE_REPORT_H
#define HUTONG_TOOLS_TRACE_REPORT_H
#include <jansson.h>

#include "common/base/buffer.h"

struct report_case {
    uint64_t number; /* 1, 2, ...: of the cases */
    uint64_t position;
    const char *bill; /* "": none */
    int64_t took_us;
    /* Each {"field", "expected", "found"}, a value left out where there is none, or a text; empty: nothing differs. */
    const json_t *differences;
};
struct report_sums {
    uint64_t compared, different;
    int64_t took_us;
    const char *stopped; /* why it went no further; NULL: it did */
};

/* "amounts.cashPayFen: expected "1", found nothing" */
void report_difference(struct buffer *out, const json_t *difference);
void report_junit_case(struct buffer *out, const struct report_case *reported);
/* Around the cases: its sums stand in front. */
void report_junit_begin(struct buffer *out, const struct report_sums *sums);
void report_junit_end(struct buffer *out, const struct report_sums *sums);
/* Its first line. */
#define REPORT_TAP_HEAD "TAP version 14\n"
void report_tap_case(struct buffer *out, const struct report_case *reported);
/* The plan, at the end as TAP allows; of what was stopped "Bail out!" and none. */
void report_tap_end(struct buffer *out, const struct report_sums *sums);
#endif
