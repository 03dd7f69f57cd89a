#pragma once

#include <optional>
#include <string_view>

namespace tfseal {

// The longest time, in hours, between two openings of the rotation window of a schedule expression of Secrets Manager:
// rate(10 days), cron(0 8 1 * ? *). Over all years, so 29 February comes after 8 years at the latest. nullopt for what
// Secrets Manager would not take, for what never comes, and for what its documentation leaves open.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html
std::optional<int> LongestHoursBetweenRotations(std::string_view schedule_expression);

}  // namespace tfseal
