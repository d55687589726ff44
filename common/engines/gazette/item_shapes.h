/* SPDX-License-Identifier: Apache-2.0
 * Item codes as their shapes are published: a first character and a size say whether it is a code, and of what. */
#ifndef HUTONG_COMMON_ENGINES_GAZETTE_ITEM_SHAPES_H
#define HUTONG_COMMON_ENGINES_GAZETTE_ITEM_SHAPES_H
#include "common/codes/insurance.h"
#include "common/engines/gazette/published.h"

/* Digits and capitals, by a row of their first character and size, or by one that leaves the first open where no row
 * names that character. */
bool item_code_is_shaped(const struct published *published, const char *code);
/* A code of no shape is a service. */
enum item_kind item_kind_of(const struct published *published, const char *code);
#endif
