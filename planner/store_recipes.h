#pragma once

#include "planner/in_place.h"

// Stores that are not databases and that AWS does not re-encrypt by one call. Each returns false, with the reason given
// to InPlaceChanges::Refuse, where the recipe does not fit: then the step stays with a person.
namespace tfseal {

// R-CACHE: a new replication group from a fenced snapshot, or empty where the data is said to be disposable.
bool MoveCache(InPlaceChanges& changes, const Finding& finding);
// R-MSK: a new cluster, its topics replicated; clients are moved by a person.
bool MoveKafkaCluster(InPlaceChanges& changes, const Finding& finding);
// R-OS: a domain is encrypted in place once, at its first enablement; its key never changes again.
bool EncryptSearchDomain(InPlaceChanges& changes, const Finding& finding);

}  // namespace tfseal
