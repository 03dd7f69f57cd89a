#include "policy/rotation_schedule.h"

#include <gtest/gtest.h>

namespace tfseal {
namespace {

struct Period {
  const char* expression;
  int hours;
};

constexpr int kDay = 24;

TEST(RotationSchedule, ARateIsItsOwnPeriod) {
  for (const Period& each :
       {Period{"rate(1 day)", kDay}, Period{"rate(10 days)", 10 * kDay}, Period{"rate(400 days)", 400 * kDay},
        Period{"rate(4 hours)", 4}, Period{"rate(48 hours)", 2 * kDay}}) {
    EXPECT_EQ(LongestHoursBetweenRotations(each.expression), each.hours) << each.expression;
  }
}

// Counted day by day with another program, from 1600 to 2050.
TEST(RotationSchedule, TheLongestPeriodOfACronExpressionIsThatOfTheWorstYear) {
  constexpr Period kPeriods[] = {
      {"cron(0 8 * * ? *)", kDay},
      {"cron(0 8 ? * * *)", kDay},
      {"cron(0 /4 * * ? *)", 0},
      {"cron(0 */4 * * ? *)", 4},
      {"cron(0 4/12 * * ? *)", 12},
      {"cron(0 8/8 * * ? *)", 16},  // 8 and 16: the steps begin anew each day
      {"cron(0 8,20 * * ? *)", 12},
      {"cron(0 8-10 * * ? *)", 22},
      {"cron(0 0 ? * SUN *)", 7 * kDay},
      {"cron(0 0 ? * L *)", 7 * kDay},
      {"cron(0 0 ? * MON-FRI *)", 3 * kDay},
      {"cron(0 0 ? * 2,5 *)", 4 * kDay},
      {"cron(0 0 ? * 2/3 *)", 4 * kDay},
      {"cron(0 8 1 * ? *)", 31 * kDay},
      {"cron(0 16 L * ? *)", 31 * kDay},
      {"cron(0 8 31 * ? *)", 61 * kDay},  // March to May
      {"cron(0 8 30 * ? *)", 60 * kDay},  // January to March of a leap year
      {"cron(0 8 1,15 * ? *)", 17 * kDay},
      {"cron(0 8 1/10 * ? *)", 10 * kDay},  // 1, 11, 21, 31
      {"cron(0 8 1 1/3 ? *)", 92 * kDay},
      {"cron(0 8 1 JAN,APR,JUL,OCT ? *)", 92 * kDay},
      {"cron(0 8 1 */2 ? *)", 62 * kDay},  // July and August
      {"cron(0 0 ? * MON#1 *)", 35 * kDay},
      {"cron(0 0 ? * 3#2 *)", 35 * kDay},
      {"cron(0 0 ? * SUNL *)", 35 * kDay},
      {"cron(0 0 ? * 6L *)", 35 * kDay},
      {"cron(0 0 ? * MON#5 *)", 119 * kDay},
      {"cron(0 8 LW * ? *)", 33 * kDay},
      {"cron(0 8 15W * ? *)", 32 * kDay},
      {"cron(0 8 1W * ? *)", 33 * kDay},
      {"cron(0 16 1 1 ? *)", 366 * kDay},
      {"cron(0 16 1 3 ? *)", 366 * kDay},
      {"cron(0 0 ? JAN MON#1 *)", 371 * kDay},
      {"cron(0 0 29 2 ? *)", 2921 * kDay},  // 1896 to 1904
      {"cron( 0  8 1 *  ? * )", 31 * kDay},
      {"cron(0 8,20 1 * ? *)", 31 * kDay - 12},
  };
  for (const Period& each : kPeriods) {
    const auto hours = LongestHoursBetweenRotations(each.expression);
    EXPECT_EQ(hours.value_or(0), each.hours) << each.expression;
  }
}

TEST(RotationSchedule, WhatSecretsManagerDoesNotTakeHasNoPeriod) {
  for (const char* expression : {"",
                                 "@weekly",
                                 "rate()",
                                 "rate(10)",
                                 "rate(0 days)",
                                 "rate(-1 days)",
                                 "rate(10 minutes)",
                                 "rate(1.5 days)",
                                 "rate(99999999999 days)",
                                 "rate(10 days",
                                 "Rate(10 days)",
                                 "cron()",
                                 "cron(0 8 1 * ?)",
                                 "cron(0 8 1 * ? * *)",
                                 "cron(30 8 1 * ? *)",
                                 "cron(* 8 1 * ? *)",
                                 "cron(0 24 1 * ? *)",
                                 "cron(0 8 0 * ? *)",
                                 "cron(0 8 32 * ? *)",
                                 "cron(0 8 1 13 ? *)",
                                 "cron(0 8 1 * ? 2027)",
                                 "cron(0 8 * * * *)",
                                 "cron(0 8 ? * ? *)",
                                 "cron(0 8 1 * MON *)",
                                 "cron(0 8 ? * 8 *)",
                                 "cron(0 8 ? * MON#6 *)",
                                 "cron(0 8 ? * MON#1,TUE#2 *)",
                                 "cron(0 8 ? * FRI-MON *)",
                                 "cron(0 22-2 * * ? *)",
                                 "cron(0 8 1/0 * ? *)",
                                 "cron(0 8 1, * ? *)",
                                 "cron(0 8 1,L * ? *)",
                                 "cron(0 8 L-3 * ? *)",
                                 "cron(0 8 31W * ? *)",
                                 "cron(0 8 1 FOO ? *)",
                                 "cron(0 8 31 2 ? *)",
                                 "cron(0 8 30 2 ? *)",
                                 "cron(? 8 1 * ? *)"}) {
    EXPECT_EQ(LongestHoursBetweenRotations(expression), std::nullopt) << expression;
  }
}

}  // namespace
}  // namespace tfseal
