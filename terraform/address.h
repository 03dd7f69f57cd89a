#pragma once

#include <string>
#include <string_view>

#include "terraform/arena.h"
#include "terraform/value.h"

namespace tfseal::terraform {

// The instance key as Terraform writes it in addresses: [0], ["a \"b\""]; empty for no key.
std::string InstanceKey(const Value& index);

// module.a["x"].aws_kms_key.k[0]
std::string_view ComposeAddress(Arena& arena, std::string_view module_address, bool data_source, std::string_view type,
                                std::string_view name, const Value& index);

// The absolute address of what a state calls `stored`: Terraform 0.12 left out the module and the instance key.
std::string_view CompleteAddress(Arena& arena, std::string_view stored, std::string_view module_address,
                                 const Value& index);

// What stands behind the module path: aws_kms_key.k[0], data.aws_kms_key.k. Keys may hold dots and brackets.
std::string_view WithoutModules(std::string_view address);

// Whether `here`, an address WithoutModules(), is that of `type` and `name` with some key; an empty type or name fits
// everything.
bool AddressFits(std::string_view here, std::string_view type, std::string_view name);

// registry.terraform.io/hashicorp/aws of provider["registry.terraform.io/hashicorp/aws"].west, aws of
// provider.aws.west.
std::string_view ProviderName(std::string_view provider);

}  // namespace tfseal::terraform
