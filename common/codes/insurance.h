/* SPDX-License-Identifier: Apache-2.0
 * Codes of medical insurance: lists (insurance.def) and shapes. Source: DOMAIN 1; national interface V1.1.27 [R]. */
#ifndef HUTONG_COMMON_CODES_INSURANCE_H
#define HUTONG_COMMON_CODES_INSURANCE_H
#include <stdbool.h>
#include <stdint.h>

enum person_class {
    PERSON_UNKNOWN,
    PERSON_WORKING,
    PERSON_RETIRED,
    PERSON_VETERAN,
    PERSON_MINOR,
    PERSON_ADULT,
    PERSON_ELDERLY
};
/* psn_type: 11xx working, 12xx retired, 13xx 离休, 14xx minor residents, 15xx adult, 16xx elderly; four digits. */
enum person_class person_class_of(const char *category);
/* What policies tell apart: proto CareClass. */
enum care_class { CARE_ORDINARY, CARE_EMERGENCY, CARE_CHRONIC, CARE_PHARMACY, CARE_MATERNITY };

enum insurance_class { INSURANCE_OTHER, INSURANCE_EMPLOYEES, INSURANCE_RESIDENTS, INSURANCE_MATERNITY };
enum insurance_class insurance_class_of(const char *insurance_type); /* OTHER for what is not known */
/* Employees: working and retired; residents: minors, adults, the elderly; maternity: anybody. Veterans: none. */
bool person_class_goes_with(enum person_class class, enum insurance_class type);
bool insurance_type_is_known(const char *insurance_type);
/* Settled here, and governed by policies of its own. */
bool insurance_type_is_settled(const char *insurance_type);
/* Numbers of proto TransferScheme: by which scheme it moves; 0: by none. */
uint32_t insurance_scheme_of(const char *insurance_type);
/* The employees' type of a scheme, by which the ledger calls it; "": no such scheme. */
const char *scheme_insurance_type(uint32_t scheme);
bool credential_is_known(const char *credential);
/* M and five digits: the national list of chronic and special diseases. */
bool special_disease_is_shaped(const char *code);
/* Of an item's code; a shape of such codes is published (common/engines/gazette/item_shapes.h). */
enum item_kind { ITEM_DRUG, ITEM_CONSUMABLE, ITEM_SERVICE, ITEM_KINDS };
/* H or P, 6 digits of division, 5 of serial. */
bool institution_code_is_shaped(const char *code);
/* ^[A-Z][0-9]{2}\.[0-9x][0-9]{2} and what the edition appends to it */
bool diagnosis_is_shaped(const char *code);
#endif
