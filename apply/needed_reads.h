#pragma once

#include <span>
#include <string_view>

namespace tfseal {

// A call by which the handlers look at the world, beside the calls that a plan names. tests/apply/handlers holds this
// table against the handlers themselves.
struct NeededRead {
  std::string_view service;
  std::string_view operation;
  // Services, separated by blanks: a plan whose changes belong to one of them needs the read.
  std::string_view when;
  // Whether it reads what is secret, and so is only ever allowed for objects that the plan names.
  bool value = false;
};

std::span<const NeededRead> ReadsOfHandlers();

}  // namespace tfseal
