/* SPDX-License-Identifier: Apache-2.0
 * Letters of transfers and certifications (DOMAIN 4): what holds of a letter by itself. */
#ifndef HUTONG_SERVICES_VALIDATION_LETTERS_H
#define HUTONG_SERVICES_VALIDATION_LETTERS_H
#include "services/validation/judging.h"

void judge_transfer(struct judging *judging);
void judge_certification(struct judging *judging);
#endif
