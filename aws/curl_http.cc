#include "aws/curl_http.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "aws/sigv4.h"
#include "aws/uri.h"
#include "core/check.h"
#include "crypto/secret_bytes.h"

namespace tfseal::aws {
namespace {

// One request while it is under way. curl keeps pointers into it.
struct Transfer {
  std::uint64_t id = 0;
  HttpRequest request;
  HttpResponse response;
  CURL* handle = nullptr;
  curl_slist* headers = nullptr;
  std::size_t header_bytes = 0;
  std::size_t header_bytes_max = 0;
  std::size_t body_bytes_max = 0;
  bool too_large = false;

  Transfer() = default;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() {
    if (handle != nullptr) curl_easy_cleanup(handle);
    for (curl_slist* header = headers; header != nullptr; header = header->next) {
      Wipe(header->data, std::char_traits<char>::length(header->data));
    }
    curl_slist_free_all(headers);
    Wipe(request.body);
    for (Header& header : request.headers) Wipe(header.value);
  }
};

std::string LowerTrimmed(std::string_view text) {
  std::string lower;
  for (const char c : text) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r' || text.back() == '\n')) {
    text.remove_suffix(1);
  }
  return text;
}

std::size_t OnHeader(char* bytes, std::size_t size, std::size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const std::string_view line(bytes, size * count);
  transfer.header_bytes += line.size();
  if (transfer.header_bytes > transfer.header_bytes_max) {
    transfer.too_large = true;
    return 0;
  }
  // Another status line: what came before was an interim answer or the proxy's.
  if (line.starts_with("HTTP/")) {
    transfer.response.headers.clear();
  } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    transfer.response.headers.push_back(
        {LowerTrimmed(line.substr(0, colon)), std::string(Trim(line.substr(colon + 1)))});
  }
  return line.size();
}

std::size_t OnBody(char* bytes, std::size_t size, std::size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  const std::size_t received = size * count;
  if (transfer.response.body.size() + received > transfer.body_bytes_max) {
    transfer.too_large = true;
    return 0;
  }
  transfer.response.body.append(bytes, received);
  return received;
}

// The variadic curl_easy_setopt, checked: an option that libcurl refuses is our bug or a library without TLS.
template <class T>
void Set(CURL* handle, CURLoption option, T value) {
  TFSEAL_CHECK(curl_easy_setopt(handle, option, value) == CURLE_OK);
}

bool IsPermanent(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return true;
    default:
      return false;
  }
}

std::string HintFor(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return "set AWS_CA_BUNDLE to the PEM file of the authority that your network uses";
    case CURLE_COULDNT_RESOLVE_HOST:
      return "check the region's name, the network and DNS";
    case CURLE_COULDNT_RESOLVE_PROXY:
      return "check HTTPS_PROXY";
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
      return "check the network, HTTPS_PROXY and NO_PROXY";
    default:
      return "";
  }
}

HttpFailure FailureOf(const Transfer& transfer, CURLcode code) {
  long sent_bytes = 0;
  curl_easy_getinfo(transfer.handle, CURLINFO_REQUEST_SIZE, &sent_bytes);
  HttpFailure failure;
  failure.sent = sent_bytes > 0 ? HttpFailure::Sent::kPerhaps : HttpFailure::Sent::kNo;
  failure.timed_out = code == CURLE_OPERATION_TIMEDOUT;
  failure.permanent = IsPermanent(code);
  const std::string host = HostHeader(transfer.request);
  failure.message = transfer.too_large ? host + ": the answer is larger than any that is expected"
                                       : fmt::format("{}: {}", host, curl_easy_strerror(code));
  if (transfer.too_large) failure.permanent = true;
  failure.hint = HintFor(code);
  return failure;
}

std::optional<HttpFailure> RefusalOf(const HttpRequest& request) {
  const auto refuse = [](std::string message) {
    return HttpFailure{.sent = HttpFailure::Sent::kNo,
                       .timed_out = false,
                       .permanent = true,
                       .message = std::move(message),
                       .hint = "use an https endpoint"};
  };
  const std::optional<Uri> uri = ParseUri(request.scheme + "://" + request.host);
  if (!uri) return refuse("the endpoint is not a host name");
  if (uri->scheme == "http" && !request.allow_plain_http && !uri->IsLoopback()) {
    return refuse(request.host + ": plain http is for this machine only");
  }
  const auto is_broken = [](const Header& header) {
    return header.value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos;
  };
  if (std::any_of(request.headers.begin(), request.headers.end(), is_broken)) {
    return refuse("a header value has a line break");
  }
  return std::nullopt;
}

}  // namespace

struct CurlTransport::State {
  CurlOptions options;
  CURLM* multi = nullptr;
  std::map<CURL*, std::unique_ptr<Transfer>> transfers;
  std::vector<HttpAnswer> finished;
};

CurlTransport::CurlTransport(CurlOptions options) : state_(std::make_unique<State>()) {
  static const CURLcode kInitialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  TFSEAL_CHECK(kInitialized == CURLE_OK);
  state_->options = std::move(options);
  state_->multi = curl_multi_init();
  TFSEAL_CHECK(state_->multi != nullptr);
  const auto set = [&](CURLMoption option, long value) {
    TFSEAL_CHECK(curl_multi_setopt(state_->multi, option, value) == CURLM_OK);
  };
  set(CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(state_->options.connections_max));
  set(CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(state_->options.connections_per_host_max));
  set(CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
}

CurlTransport::~CurlTransport() {
  for (const auto& [handle, transfer] : state_->transfers) curl_multi_remove_handle(state_->multi, handle);
  state_->transfers.clear();
  curl_multi_cleanup(state_->multi);
}

namespace {

void SetSecurity(CURL* handle, const CurlOptions& options) {
  Set(handle, CURLOPT_NOSIGNAL, 1L);
  Set(handle, CURLOPT_FOLLOWLOCATION, 0L);
#if LIBCURL_VERSION_NUM >= 0x075500
  Set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  Set(handle, CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
  Set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  Set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  Set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options.ca_bundle.empty()) {
    Set(handle, CURLOPT_CAINFO, options.ca_bundle.c_str());
    Set(handle, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  Set(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  // HTTP/2 has its own, silent, repeating of requests that a server refused.
  Set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
}

void SetRequest(Transfer& transfer, const CurlOptions& options) {
  CURL* const handle = transfer.handle;
  const HttpRequest& request = transfer.request;
  std::string url = request.scheme + "://" + request.host + request.path;
  if (!request.query.empty()) url += "?" + request.query;
  Set(handle, CURLOPT_URL, url.c_str());
  Set(handle, CURLOPT_PATH_AS_IS, 1L);
  // An empty proxy also keeps curl from reading the environment by itself.
  Set(handle, CURLOPT_PROXY, request.use_proxy && request.scheme == "https" ? options.https_proxy.c_str() : "");
  Set(handle, CURLOPT_NOPROXY, options.no_proxy.c_str());
  Set(handle, CURLOPT_USERAGENT, options.user_agent.c_str());
  Set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
  const auto timeout = request.timeout.count() > 0 ? request.timeout : options.timeout;
  Set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  // curl sends a request again by itself if a reused connection turns out to be dead. With a change that would be one
  // time too many: the server may have closed the connection after carrying it out.
  if (!request.repeatable) Set(handle, CURLOPT_FRESH_CONNECT, 1L);
  if (request.method == "HEAD") {
    Set(handle, CURLOPT_NOBODY, 1L);
  } else if (request.method != "GET" || !request.body.empty()) {
    Set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    Set(handle, CURLOPT_POSTFIELDS, request.body.data());
    Set(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  const auto add = [&](const std::string& line) {
    curl_slist* const longer = curl_slist_append(transfer.headers, line.c_str());
    TFSEAL_CHECK(longer != nullptr);
    transfer.headers = longer;
  };
  bool has_type = false;
  for (const Header& header : request.headers) {
    std::string line = header.value.empty() ? header.name + ";" : header.name + ": " + header.value;
    add(line);
    Wipe(line);
    has_type = has_type || LowerTrimmed(header.name) == "content-type";
  }
  add("Host: " + HostHeader(request));
  add("Expect:");
  if (!has_type) add("Content-Type:");
  Set(handle, CURLOPT_HTTPHEADER, transfer.headers);
}

}  // namespace

void CurlTransport::Start(std::uint64_t id, HttpRequest request) {
  if (std::optional<HttpFailure> refusal = RefusalOf(request)) {
    state_->finished.push_back({.id = id, .response = std::nullopt, .failure = std::move(refusal)});
    return;
  }
  auto transfer = std::make_unique<Transfer>();
  transfer->id = id;
  transfer->request = std::move(request);
  transfer->header_bytes_max = state_->options.header_bytes_max;
  transfer->body_bytes_max = state_->options.body_bytes_max;
  transfer->handle = curl_easy_init();
  TFSEAL_CHECK(transfer->handle != nullptr);
  SetSecurity(transfer->handle, state_->options);
  SetRequest(*transfer, state_->options);
  Set(transfer->handle, CURLOPT_HEADERFUNCTION, &OnHeader);
  Set(transfer->handle, CURLOPT_HEADERDATA, static_cast<void*>(transfer.get()));
  Set(transfer->handle, CURLOPT_WRITEFUNCTION, &OnBody);
  Set(transfer->handle, CURLOPT_WRITEDATA, static_cast<void*>(transfer.get()));
  TFSEAL_CHECK(curl_multi_add_handle(state_->multi, transfer->handle) == CURLM_OK);
  state_->transfers.emplace(transfer->handle, std::move(transfer));
}

std::vector<HttpAnswer> CurlTransport::Wait(std::chrono::milliseconds at_most) {
  int running = 0;
  TFSEAL_CHECK(curl_multi_perform(state_->multi, &running) == CURLM_OK);
  const auto collect = [&] {
    int left = 0;
    while (CURLMsg* const message = curl_multi_info_read(state_->multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* const handle = message->easy_handle;
      const CURLcode code = message->data.result;
      const auto found = state_->transfers.find(handle);
      TFSEAL_CHECK(found != state_->transfers.end());
      Transfer& transfer = *found->second;
      HttpAnswer answer{.id = transfer.id, .response = std::nullopt, .failure = std::nullopt};
      if (code == CURLE_OK) {
        long status = 0;
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
        transfer.response.status = static_cast<int>(status);
        answer.response = std::move(transfer.response);
      } else {
        answer.failure = FailureOf(transfer, code);
      }
      curl_multi_remove_handle(state_->multi, handle);
      state_->transfers.erase(found);
      state_->finished.push_back(std::move(answer));
    }
  };
  collect();
  if (state_->finished.empty() && !state_->transfers.empty() && at_most.count() > 0) {
    TFSEAL_CHECK(curl_multi_poll(state_->multi, nullptr, 0, static_cast<int>(at_most.count()), nullptr) == CURLM_OK);
    TFSEAL_CHECK(curl_multi_perform(state_->multi, &running) == CURLM_OK);
    collect();
  }
  return std::exchange(state_->finished, {});
}

}  // namespace tfseal::aws
