/* SPDX-License-Identifier: Apache-2.0
 * What store.def says of a state's directory. */
#ifndef HUTONG_COMMON_STORE_DESCRIBED_H
#define HUTONG_COMMON_STORE_DESCRIBED_H
#include "common/store/store.h"

struct store_described {
    const char *name;
    uint32_t format;
    bool derived; /* made again from the log */
    struct store_table tables[STORE_TABLES_COUNT_MAX];
    const char *layouts[STORE_TABLES_COUNT_MAX], *holds[STORE_TABLES_COUNT_MAX];
    unsigned table_count;
};

/* By the directory's last name, "settlement-3", "settlement-3.aside-1". False: it is no service's state. */
bool store_described(const char *directory, struct store_described *described);
#endif
