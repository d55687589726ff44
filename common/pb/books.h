/* SPDX-License-Identifier: Apache-2.0
 * Events of the books, proto/hutong/v1/books.proto: their structs stand in hutong/v1/messages.h. struct clearing_policy
 * holds no pointer, so it can be cached and copied. */
#ifndef HUTONG_COMMON_PB_BOOKS_H
#define HUTONG_COMMON_PB_BOOKS_H
#include "hutong/v1/messages.h"

enum { BOOKS_TEXT_SIZE_MAX = 2000 };
#endif
