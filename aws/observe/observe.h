#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "aws/api.h"
#include "aws/observe/requests.h"
#include "core/error.h"
#include "terraform/document.h"

// Live AWS as the same typed snapshot that plans and states are, so that the same controls judge it.
namespace tfseal::observe {

struct Session {
  std::string region;   // where what names no region is looked for
  std::string account;  // of the credentials; empty: not known, nothing is compared
};

// Attributes that could not be read: they are unknown in the snapshot.
struct Unread {
  std::string address;
  std::string type;
  std::vector<std::string> attributes;  // top-level
  std::string action;                   // "kms:GetKeyPolicy"; empty if nothing was asked
  std::string region;
  ErrorCode code = ErrorCode::kNotFound;  // kPermissionDenied where the action is not allowed
  std::string reason;                     // "kms:GetKeyPolicy is not allowed", "the answer does not say"
  std::string hint;
};

// What Terraform has and AWS has not.
struct Gone {
  std::string address;
  std::string type;
  std::string action;  // that told
  std::string region;
};

// A list that could not be read: nothing is known about the objects of that type there.
struct Unlisted {
  std::string type;
  std::string region;
  std::string action;
  ErrorCode code = ErrorCode::kInternal;
  std::string reason;
  std::string hint;
};

// A key that something observed is encrypted with and that is not among the observed keys themselves.
struct KeyInUse {
  std::string key;      // as it is named where it is used
  std::string arn;      // empty if it could not be looked up
  std::string manager;  // AWS, CUSTOMER; empty if unknown
  std::string state;    // Enabled, Disabled, PendingDeletion ...; "gone" if KMS does not know it; empty if unknown
  std::string region;
  std::vector<std::string> used_by;  // addresses
};

struct Observation {
  // One for each given document, with the same addresses, or one for an account. kind is kState; `before` of an
  // instance is what Terraform's document says, `after` what AWS says. Their values may point into the given documents,
  // which must live as long.
  std::vector<terraform::Document> documents;
  std::vector<Unread> unread;
  std::vector<Gone> gone;
  std::vector<std::string> unseen;  // addresses of which no read told even whether they are there
  std::vector<Unlisted> unlisted;
  std::vector<KeyInUse> keys;
  std::size_t objects = 0;   // looked for
  std::size_t answered = 0;  // of these, how many AWS said anything about
};

// Exactly the resources of `documents` (states, or what plans will leave): by the identifiers that they have there.
// Resources of types that nothing judges are carried over as they are.
Observation ObserveDocuments(Requests& requests, std::span<const terraform::Document> documents,
                             const Session& session);

// Everything of the types `types` (all that can be listed, if empty) in `regions`. Addresses are
// live.TYPE["REGION/NAME"]; objects whose ARN is in `known` are left out.
Observation ObserveAccount(Requests& requests, std::span<const std::string> regions,
                           std::span<const std::string_view> types, const std::vector<std::string>& known);

// A recovery point or a revision that no Terraform document manages.
struct Unmanaged {
  // Databases nobody manages, snapshots of the observed databases, and other revisions of the observed task
  // definitions; addresses as in ObserveAccount.
  Observation found;
  // What has no resource type: automated backups that outlive, or will outlive, their database.
  struct Backup {
    std::string name;  // "orders-db"
    std::string region;
    std::string status;  // "retained", "active"
    bool encrypted = false;
    bool encryption_known = false;
  };
  std::vector<Backup> backups;
};
Unmanaged ObserveUnmanaged(Requests& requests, const Observation& managed, std::span<const std::string> regions);

// The regions that the resources of a document are in, as far as it says; sorted.
std::vector<std::string> RegionsOf(std::span<const terraform::Document> documents);

}  // namespace tfseal::observe
