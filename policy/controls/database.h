#pragma once

#include <initializer_list>
#include <string_view>

#include "policy/control.h"
#include "policy/controls/names.h"
#include "policy/judge.h"
#include "policy/world.h"

// What most databases have in common. Where a type differs, its control writes the difference out.
namespace tfseal {

// Nobody sets it, or only to a variable's null, and the configuration is in the document: AWS or the provider fills it
// in, so a default is known even though the plan says "known after apply".
bool LeftToAws(const Subject& subject, std::string_view path);

// Made from a snapshot, a point in time, another cluster or a file: what is not set may come from there. An attribute
// that AWS only computes ("known after apply" and not configured) does not count.
bool MadeFromACopy(const Subject& subject, std::initializer_list<std::string_view> sources);

// How a type says whether it is encrypted.
struct EncryptionSwitch {
  std::string_view attribute;  // "storage_encrypted", "encrypt_at_rest[0].enabled"
  IfUnset if_unset = IfUnset::kFail;
};

// Topic customer_key for a store that may also not be encrypted at all. Then nothing is said about its key, because
// the encryption control already fails. Not for types whose encryption can be switched on in place: there "not
// encrypted" must fail here too, or switching it on with AWS's key, an improvement, would look like a new failure.
Judgement RequireCustomerKeyIfEncrypted(const Subject& subject, const EncryptionSwitch& encryption,
                                        std::string_view key, DefaultKey if_unset);

// `if_unset`, or kNone where the block that holds `sibling` and the key comes from a `dynamic` block: Terraform does
// not record what is inside one, so a key that the configuration does not show may well be set.
DefaultKey DefaultKeyInBlock(const Subject& subject, std::string_view sibling, DefaultKey if_unset);

// Like RequireBool, and what is left to AWS counts as unset although the plan says "known after apply".
Judgement RequireBoolOrDefault(const Subject& subject, std::string_view path, bool wanted, IfUnset if_unset,
                               std::string_view otherwise);

// `days` must reach the environment's minimum. `by_default` is what AWS keeps when nobody says anything; negative: it
// depends.
Judgement RequireRetention(const Subject& subject, std::string_view days, double by_default);

// skip_final_snapshot false passes, also without a name for the snapshot (the destroy then stops with an error).
Judgement RequireFinalSnapshot(const Subject& subject, std::string_view skip, std::string_view identifier);

// deletion_protection and its like. Unset is off.
Judgement RequireDeletionProtection(const Subject& subject, std::string_view path);

// A set of log types that must not be empty.
Judgement RequireLogExports(const Subject& subject, std::string_view path);

// A snapshot's accounts must not contain "all".
Judgement RequireNotSharedWithAll(const Subject& subject, std::string_view path);

// A copy in front of what it was taken from or belongs to: computed and therefore unknown before apply, when the other
// resource of this document decides. `keys` as in World::Follow.
struct Belonging {
  std::string_view attribute;  // "cluster_identifier"
  std::string_view type;       // "aws_rds_cluster"
  std::initializer_list<std::string_view> keys;
  std::string_view their_switch = "storage_encrypted";
  // Of the other resource, and asked where its switch says nothing: by default it is on or off, or as in what it is
  // restored from. nullptr: nobody can tell.
  const Control* control = nullptr;
};
// What is known of the encryption of one resource that `belonging` leads to.
Verdict EncryptionOfOwner(const Subject& subject, const terraform::ResourceInstance& owner, const Belonging& belonging);
Judgement RequireEncryptedLike(const Subject& subject, std::string_view own_switch, const Belonging& belonging);

// What `control` says about the resources that this one belongs to; all must pass. Unknown if none is in the document.
Judgement AsOwnerIsJudged(const Subject& subject, const Belonging& belonging, const Control& control);

// The reasons and sources that controls of one topic share.
inline constexpr std::string_view kWhyEncryption =
    "without encryption at rest, whoever gets at the storage, a snapshot or a backup reads the data; it cannot be "
    "switched "
    "on later without moving the data";
inline constexpr std::string_view kWhyCustomerKey =
    "the policy of an AWS-owned or AWS-managed key cannot be changed: nobody can limit who decrypts, share an "
    "encrypted "
    "snapshot, or cut access off by disabling the key";
inline constexpr std::string_view kWhyBackups =
    "damage that is noticed after the last automatic backup has expired cannot be undone";
inline constexpr std::string_view kWhyDeletionProtection =
    "without it a single call, or a plan that nobody read, deletes the database";
inline constexpr std::string_view kWhyFinalSnapshot =
    "the automatic backups go with the database, so without a final snapshot nothing is left of it";
inline constexpr std::string_view kWhyTls = "what clients send in the clear, passwords too, can be read on the way";
inline constexpr std::string_view kWhyIamAuth =
    "passwords are shared and stay valid for long; IAM authentication uses short-lived tokens that belong to a role";
inline constexpr std::string_view kWhyAuditLog =
    "logs that stay on the database are rotated away, and whoever takes over the database can remove them";
inline constexpr std::string_view kWhyPublicAccess =
    "a public address leaves the security group as the only thing between the database and the internet";

inline constexpr std::string_view kReplaceToEncrypt =
    "changing this on an existing store makes Terraform replace it with an empty one: run `tfseal plan` for the way "
    "that "
    "keeps the data; new ones can be created encrypted";
inline constexpr std::string_view kReplaceToChangeKey =
    "the key of an existing store cannot be changed in place: run `tfseal plan` for the way that keeps the data; give "
    "new "
    "ones the ARN of a customer-managed key (not an alias, which would replace the store on every plan)";

}  // namespace tfseal
