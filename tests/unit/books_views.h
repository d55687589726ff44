/* SPDX-License-Identifier: Apache-2.0
 * The books' views of what is open, checked against the simple implementation. */
#ifndef HUTONG_TESTS_UNIT_BOOKS_VIEWS_H
#define HUTONG_TESTS_UNIT_BOOKS_VIEWS_H
#include "tests/unit/books_model.h"

/* In a later month's table than its own, which does not stand yet on the books' day. */
bool waits_for_a_later_table(const struct rig *rig, const struct item *item);
/* Fails the test where aging or the lines of the last hundred days differ. */
void compare_views(struct rig *rig, const struct model *model);
/* What the sum tree answers of random ranges, byte for byte against the same tree over the bills read one by one. */
void compare_trees(struct rig *rig);
/* As a state of a build that kept no sums: they are made again at open. */
void forget_sums(struct rig *rig);
#endif
