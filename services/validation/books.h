/* SPDX-License-Identifier: Apache-2.0
 * Events of the books (DOMAIN 3): what holds of each by itself. */
#ifndef HUTONG_SERVICES_VALIDATION_BOOKS_H
#define HUTONG_SERVICES_VALIDATION_BOOKS_H
#include "services/validation/judging.h"

void judge_statement(struct judging *judging);
void judge_clearing_reply(struct judging *judging);
void judge_payment(struct judging *judging);
void judge_advance_deposit(struct judging *judging);
void judge_investigation(struct judging *judging); /* request, answer, finding */
void judge_clearing_policy(struct judging *judging);
#endif
