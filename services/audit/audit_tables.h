/* SPDX-License-Identifier: Apache-2.0
 * Audit's tables, by place. */
#ifndef HUTONG_SERVICES_AUDIT_AUDIT_TABLES_H
#define HUTONG_SERVICES_AUDIT_AUDIT_TABLES_H
enum audit_table {
#define AUDIT(place, ...) place,
#include "common/store/store.def"
    AUDIT_TABLES_COUNT
};
#endif
