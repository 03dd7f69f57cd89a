#pragma once

#include <span>
#include <string_view>

#include "terraform/document.h"

// Where a resource is, as far as its attributes or its provider tell.
namespace tfseal {

// The provider configuration that a resource is made with; nullptr where the document does not say.
const terraform::ProviderConfiguration* ProviderOf(const terraform::Document& document,
                                                   const terraform::ResourceInstance& instance);

// The account (12 digits) and the region of a resource; else empty.
std::string_view AccountOf(const terraform::Document& document, const terraform::ResourceInstance& instance);
std::string_view RegionOf(const terraform::Document& document, const terraform::ResourceInstance& instance);
// The region in an ARN; empty if it is none, or that of a global service.
std::string_view RegionInArn(std::string_view arn);

// The top-level attributes that these look at.
std::span<const std::string_view> LocationAttributes();

}  // namespace tfseal
