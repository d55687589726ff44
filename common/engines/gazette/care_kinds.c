/* SPDX-License-Identifier: Apache-2.0
 * Looking up kinds of care: by their two digits, without a walk. */
#include "common/engines/gazette/care_kinds.h"

#include <string.h>

#include "common/base/text.h"

/* NULL: not in the table. */
static const struct published_care_kind *care_kind_find(const struct published *published, const char *code)
{
    if (text_digits(code) != 2 || code[2] != 0)
        return NULL;
    unsigned at = published->care_kind_at[(code[0] - '0') * 10 + (code[1] - '0')];
    return at != 0 ? &published->care_kinds.rows[at - 1] : NULL;
}

bool care_kind_is_known(const struct published *published, const char *care_kind)
{
    return care_kind_find(published, care_kind) != NULL;
}

bool care_kind_is_inpatient(const struct published *published, const char *care_kind)
{
    const struct published_care_kind *kind = care_kind_find(published, care_kind);
    return kind != NULL && kind->inpatient;
}

bool care_kind_is_urgent(const struct published *published, const char *care_kind)
{
    const struct published_care_kind *kind = care_kind_find(published, care_kind);
    return kind != NULL && kind->urgent;
}

/* An unknown kind is refused; its first digit still says what else is wrong with the bill. */
enum care_class care_class_of(const struct published *published, const char *care_kind)
{
    const struct published_care_kind *kind = care_kind_find(published, care_kind);
    return kind != NULL ? (enum care_class)kind->care_class : care_kind[0] == '5' ? CARE_MATERNITY : CARE_ORDINARY;
}

const char *clearing_type_of(const struct published *published, const char *care_kind)
{
    const struct published_care_kind *kind = care_kind_find(published, care_kind);
    return kind != NULL ? kind->clearing_type : published->care_kinds.rows[0].clearing_type;
}

bool clearing_type_is_inpatient(const struct published *published, const char *clearing_type)
{
    const struct care_kinds *kinds = &published->care_kinds;
    uint32_t at = 0;
    while (at < kinds->row_count && strcmp(kinds->rows[at].clearing_type, clearing_type) != 0)
        at++;
    return at < kinds->row_count && kinds->rows[at].inpatient;
}
