/* SPDX-License-Identifier: Apache-2.0
 * hutong clearing supervision, institutions: figures and flags of designated institutions, and who is suspended. */
#ifndef HUTONG_TOOLS_CLEARING_SUPERVISION_H
#define HUTONG_TOOLS_CLEARING_SUPERVISION_H
#include "tools/view.h"

struct supervision_options {
    bool print;      /* as a report for the joint supervision group */
    bool flagged;    /* only institutions with a flag */
    bool not_active; /* only institutions that are suspended or terminated */
};

/* Figures of a month (202503). */
int supervision_show(struct cli *cli, uint32_t month, struct view *view, const struct supervision_options *options);
int institutions_show(struct cli *cli, struct view *view, const struct supervision_options *options);
#endif
