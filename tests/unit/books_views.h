/* SPDX-License-Identifier: Apache-2.0
 * The books' views of what is open, checked against the simple implementation. */
#ifndef HUTONG_TESTS_UNIT_BOOKS_VIEWS_H
#define HUTONG_TESTS_UNIT_BOOKS_VIEWS_H
#include "tests/unit/books_model.h"

/* Fails the test where aging or the lines of the last hundred days differ. */
void compare_views(struct rig *rig, const struct model *model);
#endif
