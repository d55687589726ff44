/* SPDX-License-Identifier: Apache-2.0
 * Which program this is: the version, and the build as git names it. For people and diaries; no core reads it. */
#ifndef HUTONG_COMMON_OBSERVE_VERSION_H
#define HUTONG_COMMON_OBSERVE_VERSION_H

const char *version_text(void); /* "0.1.0 (v0.1-12-g1a2b3c4)" */
#endif
