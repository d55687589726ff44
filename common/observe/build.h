/* SPDX-License-Identifier: Apache-2.0
 * What this program was built from. */
#ifndef HUTONG_COMMON_OBSERVE_BUILD_H
#define HUTONG_COMMON_OBSERVE_BUILD_H
const char *build_version(void); /* "0.1.0" */
const char *build_commit(void); /* "c51c1eb0a1b2", with "-dirty" where files differ from it; "unknown" outside of git */
#endif
