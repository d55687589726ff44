/* SPDX-License-Identifier: Apache-2.0
 * Reference data: what is admitted is kept. */
#ifndef HUTONG_SERVICES_VALIDATION_REFERENCE_EVENTS_H
#define HUTONG_SERVICES_VALIDATION_REFERENCE_EVENTS_H
#include "services/validation/judging.h"

void judge_institution(struct judging *judging);
void judge_enrolment(struct judging *judging);
void judge_policy(struct judging *judging);
void judge_filing(struct judging *judging);
void judge_qualification(struct judging *judging);
void judge_catalogue_item(struct judging *judging);
void judge_local_care(struct judging *judging);
void judge_gazette(struct judging *judging);
#endif
