/* SPDX-License-Identifier: Apache-2.0
 * The tables by which a core goes at a position: those of the first version of logic, which every log had that knows no
 * other, or what authorities have published on the log since (proto/hutong/v1/gazette.proto). Rules take the tables as
 * an argument; nothing is looked up behind their back. */
#ifndef HUTONG_COMMON_ENGINES_GAZETTE_PUBLISHED_H
#define HUTONG_COMMON_ENGINES_GAZETTE_PUBLISHED_H
#include "common/codes/logic.h"
#include "common/codes/workday.h"
#include "hutong/v1/messages.h"

/* Rates, thresholds and ages of transfers. The rules' shape is code, their numbers are not. parameter.def gives each
 * its
 * unit and meaning. */
enum parameter {
#define PARAMETER(name, unit, zh, en) PARAMETER_##name,
#include "common/engines/gazette/parameter.def"
#undef PARAMETER
    PARAMETERS_COUNT
};
/* "account_rate"; PARAMETERS_COUNT: no such name. */
enum parameter parameter_of(const char *name);

enum { REMIND_DAYS_MAX = 60 };

struct parameter_row {
    enum parameter parameter;
    civil_date_t valid_from; /* until the next row of the same parameter */
    int32_t value;           /* in the parameter's unit */
    char grade;              /* O, R, P, S, M: DOMAIN's grades */
    const char *source;      /* document and article */
};

/* Monthly unemployment benefit. */
struct benefit_standard {
    char region[7];
    uint32_t area_class;
    civil_date_t valid_from, valid_to; /* valid_to 0: open */
    uint32_t years_from, month_from;
    fen_t monthly;
};

struct published {
    uint32_t logic; /* version in force */
    struct calendar calendar;
    const struct parameter_row *parameters; /* by parameter, then by day */
    uint32_t parameter_count;
    const struct benefit_months *benefit_months; /* ascending */
    uint32_t benefit_months_count;
    const struct benefit_standard *standards;
    uint32_t standard_count;
    const uint32_t *divisions; /* ascending */
    uint32_t division_count;
    struct areas areas;
    struct care_kinds care_kinds;
    uint8_t care_kind_at[100]; /* by the two digits of a kind: its row from 1; 0: none */
    struct item_shapes item_shapes;
};

/* What every log of version 1 goes by. */
const struct published *published_first(void);
/* Its calendar: the years 2024 to 2026. */
const struct calendar *calendar_first(void);
/* Takes the table in force of kinds of care. PRE: gazette_check found nothing in it. */
void published_take_care_kinds(struct published *published, const struct care_kinds *kinds);

/* The row in force on a day. NULL: the day lies before the first one, the rule did not exist yet. */
const struct parameter_row *parameter_on(const struct published *published, enum parameter parameter, civil_date_t day);
/* The first day of the version after the one in force on `day`; 0: none follows. */
civil_date_t parameter_next(const struct published *published, enum parameter parameter, civil_date_t day);
/* The value on a day; before the first one, the first one: for thresholds, which a form older than the rule must meet
 * as well. Rates use parameter_on: before the first one nothing is due. */
int32_t parameter_value(const struct published *published, enum parameter parameter, civil_date_t day);
/* The last day of the last calendar; 0: there is none. */
civil_date_t published_calendar_end(const struct published *published);
/* The first day on which a class of areas of the region has no standard any more, less one; 0: it goes on. */
civil_date_t published_standard_end(const struct published *published, const char *region);
#endif
