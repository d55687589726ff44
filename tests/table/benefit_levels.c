/* SPDX-License-Identifier: Apache-2.0
 * Each level of each policy, working and retired, first stay and later; each kind of care of each policy. Figures were
 * reckoned by hand from the policies' numbers; the name of a row says how. */
#include "tests/support/test.h"
#include "tests/table/benefit_rows.h"

#define STAY(label, file, hospital, city, who, before, less, pays)                                                     \
    {                                                                                                                  \
        .name = label, .policy = file, .kind = INPATIENT, .level = (hospital), .municipal = (city), .category = who,   \
        .year = {.stays = (before)}, .in_scope = Y(10000), .deductible = Y(less), .pool = Y(pays),                     \
        .person = Y(10000) - Y(pays)                                                                                   \
    }
static const struct row stays[] = {
    STAY("Beijing II: 8,700 x 87 %", "110000-310", 2, false, "1101", 0, 1300, 7569),
    STAY("Beijing I, retired: own 10 % x 60 %: 94 %", "110000-310", 1, false, "1201", 0, 1300, 8178),
    STAY("Beijing, third stay: 9,350 x 85 %", "110000-310", 3, false, "1101", 2, 650, 7947.50),
    STAY("Beijing residents III: 8,700 x 75 %", "110000-390", 3, false, "1501", 0, 1300, 6525),
    STAY("Beijing residents III, later: 9,350 x 75 %", "110000-390", 3, false, "1501", 1, 650, 7012.50),
    STAY("Beijing, a minor: half at the first stay", "110000-390", 3, false, "1401", 0, 650, 7012.50),
    STAY("Beijing, a minor: not a quarter later", "110000-390", 3, false, "1401", 1, 650, 7012.50),
    STAY("Tianjin III: 8,300 x 80 %", "120000-310", 3, false, "1101", 0, 1700, 6640),
    STAY("Tianjin III, retired, later: 9,500 x 85 %", "120000-310", 3, false, "1201", 1, 500, 8075),
    STAY("Tianjin II, later: 9,650 x 85 %", "120000-310", 2, false, "1101", 1, 350, 8202.50),
    STAY("Tianjin residents II: 9,500 x 70 %", "120000-390", 2, false, "1501", 0, 500, 6650),
    STAY("Tianjin residents: no later deductible", "120000-390", 2, false, "1501", 1, 0, 7000),
    STAY("Shijiazhuang III provincial: 9,100 x 82 %", "130100-310", 3, false, "1101", 0, 900, 7462),
    STAY("Shijiazhuang III municipal: 9,400 x 85 %", "130100-310", 3, true, "1101", 0, 600, 7990),
    STAY("Shijiazhuang III municipal, retired: 500; 88 %", "130100-310", 3, true, "1201", 0, 500, 8360),
    STAY("Shijiazhuang III provincial, retired: 800; 85 %", "130100-310", 3, false, "1201", 0, 800, 7820),
    STAY("Shijiazhuang I, retired: not below 100; 99 %", "130100-310", 1, false, "1201", 0, 100, 9801),
    STAY("Shijiazhuang II municipal: only III tells apart", "130100-310", 2, true, "1101", 0, 500, 8550),
    STAY("Shijiazhuang residents III municipal", "130100-390", 3, true, "1501", 0, 1000, 5850),
    STAY("Langfang II: 9,500 x 88 %", "131000-310", 2, false, "1101", 0, 500, 8360),
    STAY("Langfang II, later, retired: 400; 91 %", "131000-310", 2, false, "1201", 1, 400, 8736),
    STAY("Langfang I, later: not below 200", "131000-310", 1, false, "1101", 1, 200, 9114),
    STAY("Langfang residents I: 9,800 x 85 %", "131000-390", 1, false, "1601", 0, 200, 8330),
    STAY("Beijing I: 8,700 x 90 %", "110000-310", 1, false, "1101", 0, 1300, 7830),
    STAY("Beijing I, later: 9,350 x 90 %", "110000-310", 1, false, "1101", 1, 650, 8415),
    STAY("Beijing II, later: 9,350 x 87 %", "110000-310", 2, false, "1101", 1, 650, 8134.50),
    STAY("Beijing II, retired: own 13 % x 60 %: 8,700 x 92.2 %", "110000-310", 2, false, "1201", 0, 1300, 8021.40),
    STAY("Beijing II, retired, later: 9,350 x 92.2 %", "110000-310", 2, false, "1201", 1, 650, 8620.70),
    STAY("Beijing I, retired, later: 9,350 x 94 %", "110000-310", 1, false, "1201", 1, 650, 8789),
    STAY("Beijing III, retired, later: 9,350 x 91 %", "110000-310", 3, false, "1201", 1, 650, 8508.50),
    STAY("Beijing residents I: 9,700 x 80 %", "110000-390", 1, false, "1501", 0, 300, 7760),
    STAY("Beijing residents I, later: 9,850 x 80 %", "110000-390", 1, false, "1501", 1, 150, 7880),
    STAY("Beijing residents II: 9,200 x 78 %", "110000-390", 2, false, "1501", 0, 800, 7176),
    STAY("Beijing residents II, later: 9,600 x 78 %", "110000-390", 2, false, "1501", 1, 400, 7488),
    STAY("Beijing, a minor at I: half of 300", "110000-390", 1, false, "1401", 0, 150, 7880),
    STAY("Beijing, a minor at II: half of 800", "110000-390", 2, false, "1401", 0, 400, 7488),
    STAY("Tianjin I: 9,200 x 85 %", "120000-310", 1, false, "1101", 0, 800, 7820),
    STAY("Tianjin I, later: 9,730 x 85 %", "120000-310", 1, false, "1101", 1, 270, 8270.50),
    STAY("Tianjin II: 8,900 x 85 %", "120000-310", 2, false, "1101", 0, 1100, 7565),
    STAY("Tianjin III, later: 9,500 x 80 %", "120000-310", 3, false, "1101", 1, 500, 7600),
    STAY("Tianjin I, retired: 9,200 x 90 %", "120000-310", 1, false, "1201", 0, 800, 8280),
    STAY("Tianjin I, retired, later: 9,730 x 90 %", "120000-310", 1, false, "1201", 1, 270, 8757),
    STAY("Tianjin II, retired: 8,900 x 90 %", "120000-310", 2, false, "1201", 0, 1100, 8010),
    STAY("Tianjin II, retired, later: 9,650 x 90 %", "120000-310", 2, false, "1201", 1, 350, 8685),
    STAY("Tianjin III, retired: 8,300 x 85 %", "120000-310", 3, false, "1201", 0, 1700, 7055),
    STAY("Tianjin residents I: 9,500 x 75 %", "120000-390", 1, false, "1501", 0, 500, 7125),
    STAY("Tianjin residents I, later: 10,000 x 75 %", "120000-390", 1, false, "1501", 1, 0, 7500),
    STAY("Tianjin residents III: 9,500 x 65 %", "120000-390", 3, false, "1501", 0, 500, 6175),
    STAY("Shijiazhuang I: 9,900 x 98 %", "130100-310", 1, false, "1101", 0, 100, 9702),
    STAY("Shijiazhuang I, later: the same", "130100-310", 1, false, "1101", 1, 100, 9702),
    STAY("Shijiazhuang II, later: 9,500 x 90 %", "130100-310", 2, false, "1101", 1, 500, 8550),
    STAY("Shijiazhuang II, retired: 400; 9,600 x 93 %", "130100-310", 2, false, "1201", 0, 400, 8928),
    STAY("Shijiazhuang III provincial, later: 9,100 x 82 %", "130100-310", 3, false, "1101", 1, 900, 7462),
    STAY("Shijiazhuang residents I: 9,800 x 90 %", "130100-390", 1, false, "1501", 0, 200, 8820),
    STAY("Shijiazhuang residents II: 9,200 x 75 %", "130100-390", 2, false, "1501", 0, 800, 6900),
    STAY("Shijiazhuang residents III provincial: 8,500 x 60 %", "130100-390", 3, false, "1501", 0, 1500, 5100),
    STAY("Langfang I: 9,800 x 93 %", "131000-310", 1, false, "1101", 0, 200, 9114),
    STAY("Langfang I, retired: 9,800 x 96 %", "131000-310", 1, false, "1201", 0, 200, 9408),
    STAY("Langfang II, later: 9,600 x 88 %", "131000-310", 2, false, "1101", 1, 400, 8448),
    STAY("Langfang II, retired: 9,500 x 91 %", "131000-310", 2, false, "1201", 0, 500, 8645),
    STAY("Langfang III: 9,200 x 85 %", "131000-310", 3, false, "1101", 0, 800, 7820),
    STAY("Langfang III, later: 9,300 x 85 %", "131000-310", 3, false, "1101", 1, 700, 7905),
    STAY("Langfang III, retired: 9,200 x 88 %", "131000-310", 3, false, "1201", 0, 800, 8096),
    STAY("Langfang III, retired, later: 9,300 x 88 %", "131000-310", 3, false, "1201", 1, 700, 8184),
    STAY("Langfang residents II: 9,400 x 75 %", "131000-390", 2, false, "1501", 0, 600, 7050),
    STAY("Langfang residents II, later: the same", "131000-390", 2, false, "1501", 1, 600, 7050),
    STAY("Langfang residents III: 8,800 x 60 %", "131000-390", 3, false, "1501", 0, 1200, 5280),
};
#undef STAY

TEST(levels_stays_and_retirement_follow_the_policy)
{
    RUN(stays);
}

TEST(outpatient_climbs_through_the_year)
{
#define VISIT(label, how, near, who, old, before, paid, scope, less, pays)                                             \
    {                                                                                                                  \
        .name = label, .policy = "110000-310", .kind = how, .level = 1, .community = (near), .category = who,          \
        .age = (old), .year = {.outpatient_in_scope = Y(before), .outpatient_paid = Y(paid)}, .in_scope = Y(scope),    \
        .deductible = Y(less), .pool = Y(pays), .person = Y(scope) - Y(pays)                                           \
    }
    static const struct row rows[] = {
        VISIT("below the year's deductible", "11", false, "1101", 40, 0, 0, 1000, 1000, 0),
        VISIT("the rest of the deductible, then 70 %", "11", false, "1101", 40, 1000, 0, 2000, 800, 840),
        VISIT("an emergency: as any visit", "13", false, "1101", 40, 0, 0, 3000, 1800, 840),
        VISIT("a pharmacy: as the community, 90 %", "41", false, "1101", 40, 0, 0, 3000, 1800, 1080),
        VISIT("a pharmacy shares the year's deductible with visits", "41", false, "1101", 40, 1000, 0, 2000, 800, 1080),
        VISIT("community 90 %", "11", true, "1101", 40, 0, 0, 3000, 1800, 1080),
        VISIT("retired: 1,300; 85 %", "11", false, "1201", 69, 0, 0, 3000, 1300, 1445),
        VISIT("retired, 70 years: 90 %", "11", false, "1201", 70, 0, 0, 3000, 1300, 1530),
        VISIT("retired, community: 90 %", "11", true, "1201", 60, 0, 0, 3000, 1300, 1530),
        VISIT("through 20,000: 1,000 x 70 % + 1,000 x 60 %", "11", false, "1101", 40, 19000, 12040, 2000, 0, 1300),
        VISIT("above it, retired: 80 %", "11", false, "1201", 65, 20000, 15895, 1000, 0, 800),
    };
#undef VISIT
    RUN(rows);
}

#define CARE(label, file, how, near, who, scope, less, pays, ...)                                                      \
    {                                                                                                                  \
        .name = label, .policy = file, .kind = how, .level = 1, .community = (near), .category = who, .age = 30,       \
        .year = {__VA_ARGS__}, .in_scope = Y(scope), .deductible = Y(less), .pool = Y(pays),                           \
        .person = Y(scope) - Y(pays)                                                                                   \
    }
static const struct row kinds_of_care[] = {
    CARE("Beijing, chronic: 10,000 x 85 %", "110000-310", "14", false, "1101", 11300, 1300, 8500, 0),
    CARE("through 30,000 in the year: 1,000 x 85 % + 1,000 x 90 %", "110000-310", "14", false, "1101", 2000, 0, 1750,
         .chronic_in_scope = Y(29000), .chronic_paid = Y(23545), .pool_paid = Y(23545)),
    CARE("its deductible is not the visits'", "110000-310", "14", false, "1101", 2300, 1300, 850,
         .outpatient_in_scope = Y(5000)),
    CARE("Beijing, a pharmacy, retired: 2,000 x 90 %", "110000-310", "41", false, "1201", 3300, 1300, 1800, 0),
    CARE("Beijing, prenatal care: in full", "110000-310", "51", false, "1101", 1000, 0, 1000, 0),
    CARE("... up to 3,000 in the year", "110000-310", "51", false, "1101", 1000, 0, 500, .maternity_in_scope = Y(2500),
         .maternity_paid = Y(2500)),
    CARE("Beijing, childbirth: in full, no deductible", "110000-310", "52", false, "1101", 8000, 0, 8000, 0),
    CARE("Beijing, maternity insurance, prenatal", "110000-510", "51", false, "1101", 1000, 0, 1000, 0),
    CARE("Beijing, maternity insurance, childbirth", "110000-510", "52", false, "1101", 12000, 0, 12000, 0),
    CARE("Beijing residents at I: 1,450 x 55 %", "110000-390", "11", false, "1501", 1550, 100, 797.50, 0),
    CARE("Beijing residents, community: 55 %", "110000-390", "11", true, "1501", 1550, 100, 797.50, 0),
    CARE("Beijing residents, emergency: as a visit", "110000-390", "13", false, "1501", 1550, 100, 797.50, 0),
    CARE("Beijing residents, chronic: 60 %", "110000-390", "14", false, "1501", 1550, 550, 600, 0),
    CARE("Beijing residents, pharmacy: 60 %", "110000-390", "41", false, "1501", 1550, 550, 600, 0),
    CARE("Beijing residents, prenatal: as a visit", "110000-390", "51", false, "1501", 1550, 100, 797.50, 0),
    CARE("Tianjin at I: 1,000 x 75 %", "120000-310", "11", false, "1101", 1800, 800, 750, 0),
    CARE("Tianjin, community: by its level", "120000-310", "11", true, "1101", 1800, 800, 750, 0),
    CARE("Tianjin at I, retired: 700", "120000-310", "11", false, "1201", 1800, 700, 825, 0),
    CARE("Tianjin, emergency: as a visit", "120000-310", "13", false, "1101", 1800, 800, 750, 0),
    CARE("Tianjin, chronic: 70 %", "120000-310", "14", false, "1101", 1800, 800, 700, 0),
    CARE("Tianjin, pharmacy: 75 %", "120000-310", "41", false, "1101", 1800, 800, 750, 0),
    CARE("Tianjin, prenatal: as a visit", "120000-310", "51", false, "1101", 1800, 800, 750, 0),
    CARE("Tianjin residents: 1,000 x 50 %", "120000-390", "11", false, "1501", 1500, 500, 500, 0),
    CARE("Tianjin residents, community: 60 %", "120000-390", "11", true, "1501", 1500, 500, 600, 0),
    CARE("Tianjin residents, emergency: as a visit", "120000-390", "13", false, "1501", 1500, 500, 500, 0),
    CARE("Tianjin residents, chronic: 55 %", "120000-390", "14", false, "1501", 1500, 500, 550, 0),
    CARE("Tianjin residents, pharmacy: 60 %", "120000-390", "41", false, "1501", 1500, 500, 600, 0),
    CARE("Tianjin residents, prenatal: as a visit", "120000-390", "51", false, "1501", 1500, 500, 500, 0),
    CARE("Shijiazhuang: 1,400 x 60 %", "130100-310", "11", false, "1101", 1500, 100, 840, 0),
    CARE("Shijiazhuang, community: as elsewhere", "130100-310", "11", true, "1101", 1500, 100, 840, 0),
    CARE("Shijiazhuang, retired: 1,400 x 70 %", "130100-310", "11", false, "1201", 1500, 100, 980, 0),
    CARE("Shijiazhuang, up to 3,500 in the year", "130100-310", "11", false, "1101", 10100, 100, 3500, 0),
    CARE("Shijiazhuang, retired, up to 6,000", "130100-310", "11", false, "1201", 10100, 100, 6000, 0),
    CARE("Shijiazhuang, emergency: as a visit", "130100-310", "13", false, "1101", 1500, 100, 840, 0),
    CARE("Shijiazhuang, chronic: 65 %", "130100-310", "14", false, "1101", 1500, 500, 650, 0),
    CARE("Shijiazhuang, pharmacy: 70 %", "130100-310", "41", false, "1101", 1500, 500, 700, 0),
    CARE("Shijiazhuang, prenatal: as a visit", "130100-310", "51", false, "1101", 1500, 100, 840, 0),
    CARE("Shijiazhuang residents: 300 x 50 %", "130100-390", "11", false, "1501", 300, 0, 150, 0),
    CARE("... up to 200 in the year", "130100-390", "11", false, "1501", 1100, 0, 200, 0),
    CARE("Shijiazhuang residents, community: 90 %", "130100-390", "11", true, "1501", 300, 0, 270, 0),
    CARE("... up to 400 in the year", "130100-390", "11", true, "1501", 1100, 0, 400, 0),
    CARE("Shijiazhuang residents, emergency: as a visit", "130100-390", "13", false, "1501", 300, 0, 150, 0),
    CARE("Shijiazhuang residents, chronic: 55 %", "130100-390", "14", false, "1501", 1100, 100, 550, 0),
    CARE("Shijiazhuang residents, pharmacy: 60 %", "130100-390", "41", false, "1501", 1100, 100, 600, 0),
    CARE("Shijiazhuang residents, prenatal: as a visit", "130100-390", "51", false, "1501", 300, 0, 150, 0),
    CARE("Langfang: 1,000 x 60 %", "131000-310", "11", false, "1101", 1500, 500, 600, 0),
    CARE("Langfang, community: 70 %", "131000-310", "11", true, "1101", 1500, 500, 700, 0),
    CARE("Langfang, emergency: as a visit", "131000-310", "13", false, "1101", 1500, 500, 600, 0),
    CARE("Langfang, chronic: 65 %", "131000-310", "14", false, "1101", 1500, 500, 650, 0),
    CARE("Langfang, pharmacy: 70 %", "131000-310", "41", false, "1101", 1500, 500, 700, 0),
    CARE("Langfang, prenatal: as a visit", "131000-310", "51", false, "1101", 1500, 500, 600, 0),
    CARE("Langfang residents: 1,000 x 50 %", "131000-390", "11", false, "1501", 1100, 100, 500, 0),
    CARE("Langfang residents, community: 60 %", "131000-390", "11", true, "1501", 1100, 100, 600, 0),
    CARE("Langfang residents, emergency: as a visit", "131000-390", "13", false, "1501", 1100, 100, 500, 0),
    CARE("Langfang residents, chronic: 55 %", "131000-390", "14", false, "1501", 1100, 100, 550, 0),
    CARE("Langfang residents, pharmacy: 60 %", "131000-390", "41", false, "1501", 1100, 100, 600, 0),
    CARE("Langfang residents, prenatal: as a visit", "131000-390", "51", false, "1501", 1100, 100, 500, 0),
    CARE("Beijing residents, the year's cap: 5,000 - 4,900", "110000-390", "11", false, "1501", 1000, 0, 100,
         .outpatient_in_scope = Y(9459.10), .outpatient_paid = Y(4900)),
    CARE("Tianjin, childbirth: as any stay at I: 9,200 x 85 %", "120000-310", "52", false, "1101", 10000, 800, 7820, 0),
    {.name = "Beijing residents at III: 1,000 x 50 %",
     .policy = "110000-390",
     .kind = "11",
     .level = 3,
     .category = "1501",
     .age = 30,
     .in_scope = Y(1550),
     .deductible = Y(550),
     .pool = Y(500),
     .person = Y(1550) - Y(500)},
    {.name = "Tianjin at III: 1,000 x 55 %",
     .policy = "120000-310",
     .kind = "11",
     .level = 3,
     .category = "1101",
     .age = 30,
     .in_scope = Y(1800),
     .deductible = Y(800),
     .pool = Y(550),
     .person = Y(1800) - Y(550)},
    {.name = "Tianjin at II: 65 %",
     .policy = "120000-310",
     .kind = "11",
     .level = 2,
     .category = "1101",
     .age = 30,
     .in_scope = Y(1800),
     .deductible = Y(800),
     .pool = Y(650),
     .person = Y(1800) - Y(650)},
    {.name = "Tianjin at III, retired, 69 years: 700",
     .policy = "120000-310",
     .kind = "11",
     .level = 3,
     .category = "1201",
     .age = 69,
     .in_scope = Y(1700),
     .deductible = Y(700),
     .pool = Y(550),
     .person = Y(1700) - Y(550)},
    {.name = "Tianjin at III, retired, 70 years: 650",
     .policy = "120000-310",
     .kind = "11",
     .level = 3,
     .category = "1201",
     .age = 70,
     .in_scope = Y(1650),
     .deductible = Y(650),
     .pool = Y(550),
     .person = Y(1650) - Y(550)},
    {.name = "Beijing until 2022: 20,000 a year and no more",
     .policy = "110000-310.2001",
     .kind = "11",
     .level = 3,
     .category = "1101",
     .age = 30,
     .in_scope = Y(51800),
     .deductible = Y(1800),
     .pool = Y(20000),
     .person = Y(51800) - Y(20000)},
    {.name = "Beijing from 2023: 18,200 x 70 % + 31,800 x 60 %",
     .policy = "110000-310",
     .kind = "11",
     .level = 3,
     .category = "1101",
     .age = 30,
     .in_scope = Y(51800),
     .deductible = Y(1800),
     .pool = Y(31820),
     .person = Y(51800) - Y(31820)},
    /* 700 due, 500 left of 350,000; they take 714.2857; 285.7142... x 80 % = 228.5714 */
    {.name = "Tianjin, chronic at the pool's cap: what lies beyond goes on to large amount",
     .policy = "120000-310",
     .kind = "14",
     .level = 1,
     .category = "1101",
     .age = 30,
     .year = {.chronic_in_scope = Y(800), .pool_paid = Y(349500)},
     .in_scope = Y(1000),
     .pool = Y(500),
     .large = Y(228.57),
     .person = Y(271.43)},
};
#undef CARE

TEST(every_kind_of_care_under_every_policy)
{
    RUN(kinds_of_care);
}

/* Beijing alone has bands of stays: to 30,000, to 40,000, above. */
TEST(bands_of_each_level)
{
#define STAY(label, hospital, who, pays)                                                                               \
    {                                                                                                                  \
        .name = label, .policy = "110000-310", .kind = INPATIENT, .level = (hospital), .category = who,                \
        .in_scope = Y(50000), .deductible = Y(1300), .pool = Y(pays), .person = Y(50000) - Y(pays)                     \
    }
    static const struct row rows[] = {
        STAY("I: 28,700 x 90 % + 10,000 x 95 % + 10,000 x 97 % = 25,830 + 9,500 + 9,700", 1, "1101", 45030),
        STAY("II: 28,700 x 87 % + 10,000 x 92 % + 10,000 x 97 % = 24,969 + 9,200 + 9,700", 2, "1101", 43869),
        STAY("III: 28,700 x 85 % + 10,000 x 90 % + 10,000 x 95 % = 24,395 + 9,000 + 9,500", 3, "1101", 42895),
        STAY("I, retired: own 3,670 x 60 % = 2,202 of 48,700", 1, "1201", 46498),
        STAY("II, retired: own 4,831 x 60 % = 2,898.60 of 48,700", 2, "1201", 45801.40),
        STAY("III, retired: own 5,805 x 60 % = 3,483 of 48,700", 3, "1201", 45217),
    };
#undef STAY
    RUN(rows);
}
