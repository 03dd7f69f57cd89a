// Rows in binary over libpq: libpqxx 6.4 can neither send binary arrays nor receive binary results, and text costs
// twice the processor time per row (docs/rekey.md).
#include "postgres/row_stream.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <array>
#include <charconv>
#include <cstring>
#include <map>
#include <utility>

#include "postgres/libpq_owners.h"
#include "postgres/session_error.h"

namespace tfseal::postgres {
namespace {

constexpr int kBinary = 1;
constexpr std::size_t kArrayHeader = 20;  // dimensions, has-null, element type, length, lower bound
constexpr std::size_t kLength = 4;        // before each element
constexpr std::size_t kRoom = 4096;
constexpr const char* kAborted = "ABORTED";

void PutInt4(char* to, std::uint32_t number) {
  for (int i = 0; i < 4; ++i) to[i] = static_cast<char>((number >> (24 - 8 * i)) & 0xFFU);
}

class ResultRow : public StreamRow {
 public:
  explicit ResultRow(const PGresult* result) : result_(result) {}
  [[nodiscard]] std::size_t size() const override { return static_cast<std::size_t>(PQnfields(result_)); }
  [[nodiscard]] std::optional<std::string_view> at(std::size_t column) const override {
    const int index = static_cast<int>(column);
    const auto length = static_cast<std::size_t>(PQgetlength(result_, row, index));
    if (length == 0 && PQgetisnull(result_, row, index) != 0) return std::nullopt;
    return std::string_view(PQgetvalue(result_, row, index), length);
  }
  int row = 0;

 private:
  const PGresult* result_;
};

// As libpq takes them: parallel lists, of which all but the types may be null for no parameters.
struct ParameterLists {
  explicit ParameterLists(std::span<const StreamParameter> parameters) {
    for (const StreamParameter& parameter : parameters) {
      // Text parameters must end in a zero; those of ours that are borrowed may not.
      if (parameter.bytes.has_value() && !parameter.binary) texts.emplace_back(*parameter.bytes);
    }
    std::size_t text = 0;
    for (const StreamParameter& parameter : parameters) {
      const bool is_text = parameter.bytes.has_value() && !parameter.binary;
      values.push_back(!parameter.bytes.has_value() ? nullptr
                       : is_text                    ? texts[text++].c_str()
                                                    : parameter.bytes->data());
      lengths.push_back(parameter.bytes.has_value() ? static_cast<int>(parameter.bytes->size()) : 0);
      formats.push_back(parameter.binary ? kBinary : 0);
    }
  }
  [[nodiscard]] int count() const { return static_cast<int>(values.size()); }

  std::vector<std::string> texts;
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;
};

StreamAnswer AnswerOf(PGresult* result) {
  StreamAnswer answer;
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_PIPELINE_ABORTED) {
    answer.sqlstate = kAborted;
  } else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    answer.sqlstate = Sqlstate(result);
    if (answer.sqlstate.empty()) answer.sqlstate = "08006";
  } else {
    const std::string_view affected = PQcmdTuples(result);
    std::from_chars(affected.data(), affected.data() + affected.size(), answer.affected);
    if (PQntuples(result) > 0) {
      const ResultRow row(result);
      for (std::size_t i = 0; i < row.size(); ++i) answer.first.emplace_back(row.at(i).value_or(std::string_view()));
    }
  }
  return answer;
}

}  // namespace

BinaryArray::BinaryArray(TypeOid element) : bytes_(kRoom, '\0'), used_(kArrayHeader) {
  PutInt4(bytes_.data(), 1);
  PutInt4(&bytes_[8], element);
  PutInt4(&bytes_[16], 1);
}

void BinaryArray::Clear() {
  used_ = kArrayHeader;
  count_ = 0;
  has_null_ = false;
}

void BinaryArray::Append(std::optional<std::string_view> value) {
  const std::size_t size = value.has_value() ? value->size() : 0;
  if (bytes_.size() - used_ < size + kLength) bytes_.resize(used_ + size + kRoom);
  char* const to = &bytes_[used_];
  PutInt4(to, value.has_value() ? static_cast<std::uint32_t>(size) : 0xFFFFFFFFU);
  if (size > 0) std::memcpy(to + kLength, value->data(), size);
  used_ += kLength + size;
  ++count_;
  has_null_ = has_null_ || !value.has_value();
}

std::string_view BinaryArray::Bytes() {
  PutInt4(&bytes_[4], has_null_ ? 1 : 0);
  PutInt4(&bytes_[12], count_);
  return {bytes_.data(), used_};
}

std::string Int8Bytes(std::int64_t number) {
  std::string bytes(8, '\0');
  const auto bits = static_cast<std::uint64_t>(number);
  PutInt4(bytes.data(), static_cast<std::uint32_t>(bits >> 32));
  PutInt4(&bytes[4], static_cast<std::uint32_t>(bits & 0xFFFFFFFFU));
  return bytes;
}

std::int64_t Int8From(std::string_view bytes) {
  if (bytes.size() != 8) return 0;
  std::uint64_t bits = 0;
  for (const char c : bytes) bits = (bits << 8) | static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(bits);
}

struct RowStream::State {
  ConnectionUrl url;
  OwnedConnection connection;
  bool named = false;
  bool broken = false;
  bool piped = false;
  std::vector<const std::string*> preparing;  // the text that the answer before the n-th says is prepared, or nullptr
  std::map<std::string, std::string, std::less<>> names;  // of statements, by their text
  std::size_t names_given = 0;

  std::string NewName() { return "tfseal_" + std::to_string(names_given++); }

  Error Lost() {
    broken = true;
    return LostError(url);
  }

  Status Run(const std::string& sql) {
    const Answered result(PQexec(connection.get(), sql.c_str()));
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return {};
    if (PQstatus(connection.get()) != CONNECTION_OK) return Lost();
    return StatementError(url, Sqlstate(result.get()));
  }

  // The name of a statement that is prepared by now; empty where names are not to be used.
  Result<std::string> Prepared(const std::string& sql) {
    if (!named) return std::string();
    const auto known = names.find(sql);
    if (known != names.end()) return known->second;
    const std::string name = NewName();
    const Answered result(PQprepare(connection.get(), name.c_str(), sql.c_str(), 0, nullptr));
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
      if (PQstatus(connection.get()) != CONNECTION_OK) return Lost();
      return StatementError(url, Sqlstate(result.get()));
    }
    names.emplace(sql, name);
    return name;
  }

  bool Send(const std::string& name, const std::string& sql, const ParameterLists& lists) {
    const int sent = name.empty()
                         ? PQsendQueryParams(connection.get(), sql.c_str(), lists.count(), nullptr, lists.values.data(),
                                             lists.lengths.data(), lists.formats.data(), kBinary)
                         : PQsendQueryPrepared(connection.get(), name.c_str(), lists.count(), lists.values.data(),
                                               lists.lengths.data(), lists.formats.data(), kBinary);
    return sent != 0;
  }
};

RowStream::RowStream(std::unique_ptr<State> state) : state_(std::move(state)) {}
RowStream::RowStream(RowStream&&) noexcept = default;
RowStream& RowStream::operator=(RowStream&&) noexcept = default;
RowStream::~RowStream() = default;

Result<RowStream> RowStream::Open(const ConnectionUrl& url, const SessionOptions& options, bool named) {
  auto state = std::make_unique<State>();
  state->url = url;
  state->named = named;
  state->connection.reset(PQconnectdb(SessionUrl(url, options).ConnectionText().c_str()));
  if (PQstatus(state->connection.get()) != CONNECTION_OK) {
    return ConnectError(url, PQerrorMessage(state->connection.get()));
  }
  PQsetNoticeReceiver(state->connection.get(), DropNotice, nullptr);
  TFSEAL_TRY(state->Run(SessionSetup(options)));
  return RowStream(std::move(state));
}

// mallopt(3), "Note on M_MMAP_THRESHOLD": a large block that is freed tells malloc that blocks up to its size come and
// go, and that it need not give back free memory below twice that. The length is no constant, or planning would make
// it.
void RowStream::KeepMemory(std::size_t bytes) {
  [[maybe_unused]] const Status refused =
      state_->Run(fmt::format("SELECT octet_length(repeat(' ', pg_backend_pid() * 0 + {}))", bytes));
}

Status RowStream::Read(const std::string& sql, std::span<const StreamParameter> parameters,
                       const std::function<bool(const StreamRow&)>& take) {
  if (state_->broken) return LostError(state_->url);
  PGconn* connection = state_->connection.get();
  TFSEAL_ASSIGN(const std::string name, state_->Prepared(sql));
  if (!state_->Send(name, sql, ParameterLists(parameters)) || PQsetSingleRowMode(connection) == 0) {
    return state_->Lost();
  }
  std::string sqlstate;
  bool wanted = true;
  for (Answered result(PQgetResult(connection)); result != nullptr; result.reset(PQgetResult(connection))) {
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_SINGLE_TUPLE) {
      if (!wanted) continue;
      wanted = take(ResultRow(result.get()));
      if (!wanted) CancelStatement(state_->connection.get());
    } else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      sqlstate = Sqlstate(result.get());
      if (sqlstate.empty()) sqlstate = "08006";
    }
  }
  if (PQstatus(connection) != CONNECTION_OK || sqlstate.starts_with("57P") || sqlstate == "08006")
    return state_->Lost();
  if (!sqlstate.empty() && wanted) return StatementError(state_->url, sqlstate);
  return {};
}

Status RowStream::Queue(const std::string& sql, std::span<const StreamParameter> parameters) {
  if (state_->broken) return LostError(state_->url);
  PGconn* connection = state_->connection.get();
  if (!state_->piped) {
    if (PQenterPipelineMode(connection) == 0) return state_->Lost();
    state_->piped = true;
  }
  const ParameterLists lists(parameters);
  std::string name;
  const std::string* preparing = nullptr;
  if (state_->named && !parameters.empty()) {
    auto known = state_->names.find(sql);
    if (known == state_->names.end()) {
      known = state_->names.emplace(sql, state_->NewName()).first;
      preparing = &known->first;
      if (PQsendPrepare(connection, known->second.c_str(), sql.c_str(), 0, nullptr) == 0) return state_->Lost();
    }
    name = known->second;
  }
  if (!state_->Send(name, sql, lists)) return state_->Lost();
  state_->preparing.push_back(preparing);
  return {};
}

Status RowStream::Flush() {
  if (state_->broken) return LostError(state_->url);
  if (PQpipelineSync(state_->connection.get()) == 0) return state_->Lost();
  return {};
}

Result<std::vector<StreamAnswer>> RowStream::Receive() {
  if (state_->broken) return LostError(state_->url);
  PGconn* connection = state_->connection.get();
  std::vector<StreamAnswer> answers;
  const std::vector<const std::string*> preparing = std::move(state_->preparing);
  state_->preparing.clear();
  const auto next = [&]() -> Result<StreamAnswer> {
    const Answered result(PQgetResult(connection));
    if (result == nullptr) return state_->Lost();
    StreamAnswer answer = AnswerOf(result.get());
    if (const Answered end(PQgetResult(connection)); end != nullptr) return state_->Lost();
    // 57P: the session is being ended, which may be seen before its end is.
    if (answer.sqlstate.starts_with("57P") || answer.sqlstate == "08006") return state_->Lost();
    return answer;
  };
  std::vector<const std::string*> failed;
  for (const std::string* const preparation : preparing) {
    StreamAnswer before;
    if (preparation != nullptr) {
      TFSEAL_ASSIGN(before, next());
      if (!before.sqlstate.empty()) failed.push_back(preparation);
    }
    TFSEAL_ASSIGN(StreamAnswer answer, next());
    if (!before.sqlstate.empty() && before.sqlstate != kAborted) answer.sqlstate = before.sqlstate;
    answers.push_back(std::move(answer));
  }
  const Answered sync(PQgetResult(connection));
  if (PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC) return state_->Lost();
  if (PQexitPipelineMode(connection) == 0) return state_->Lost();
  state_->piped = false;
  // The others are prepared whatever became of their transaction.
  for (const std::string* const sql : failed) state_->names.erase(state_->names.find(*sql));
  return answers;
}

Error RowStream::Refusal(std::string_view sqlstate) const {
  return StatementError(state_->url, sqlstate);
}

bool RowStream::broken() const {
  return state_->broken;
}

int RowStream::backend_pid() const {
  return PQbackendPID(state_->connection.get());
}

}  // namespace tfseal::postgres
