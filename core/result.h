#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "core/check.h"
#include "core/error.h"

namespace tfseal {

// Either a value or an Error; spelled like std::expected so that a later swap is mechanical.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] const T& value() const& {
    TFSEAL_CHECK(ok());
    return std::get<0>(state_);
  }
  [[nodiscard]] T& value() & {
    TFSEAL_CHECK(ok());
    return std::get<0>(state_);
  }
  [[nodiscard]] T&& value() && {
    TFSEAL_CHECK(ok());
    return std::get<0>(std::move(state_));
  }
  [[nodiscard]] const Error& error() const {
    TFSEAL_CHECK(!ok());
    return std::get<1>(state_);
  }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

 private:
  std::variant<T, Error> state_;
};

// Success, or an Error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)
  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] const Error& error() const {
    TFSEAL_CHECK(!ok());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace tfseal

#define TFSEAL_CONCAT_(a, b) a##b
#define TFSEAL_CONCAT(a, b) TFSEAL_CONCAT_(a, b)

// Returns the error of a Status or Result expression to the caller.
#define TFSEAL_TRY(expression)                                \
  do {                                                        \
    if (auto tfseal_try_ = (expression); !tfseal_try_.ok()) { \
      return tfseal_try_.error();                             \
    }                                                         \
  } while (false)

// TFSEAL_ASSIGN(auto x, F()): x is F's value, or F's error is returned to the caller.
#define TFSEAL_ASSIGN(declaration, expression) \
  TFSEAL_ASSIGN_(TFSEAL_CONCAT(tfseal_result_, __LINE__), declaration, expression)
#define TFSEAL_ASSIGN_(result, declaration, expression) \
  auto result = (expression);                           \
  if (!result.ok()) {                                   \
    return result.error();                              \
  }                                                     \
  declaration = std::move(result).value()
