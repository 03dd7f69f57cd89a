#include <fmt/format.h>

#include "policy/controls/declarations.h"

namespace tfseal {
namespace {

constexpr std::string_view kListenerTypes[] = {"aws_lb_listener", "aws_alb_listener"};
constexpr std::string_view kListenerReads[] = {"protocol"};

bool IsTls(std::string_view protocol) {
  return protocol == "HTTPS" || protocol == "TLS";
}

// A listener in clear may be one that redirects, or an internal one: only giving TLS up is certain to be wrong.
Judgement JudgeListener(const Subject& subject) {
  const terraform::Value protocol = subject.At("protocol");
  if (protocol.unknown()) {
    if (!LeftToProvider(subject, "protocol")) return UnknownUntilApply("protocol");
    return NotApplicable("the load balancer decides the protocol");
  }
  if (IsTls(protocol.text())) return Pass(fmt::format("protocol is {}", protocol.text()), "protocol");
  if (subject.world.side() == Side::kAfter && IsTls(subject.instance.before.Get("protocol").text())) {
    return Fail(
        fmt::format("protocol goes from {} to {}", subject.instance.before.Get("protocol").text(), protocol.text()),
        "protocol");
  }
  return NotApplicable("the listener never spoke TLS");
}

}  // namespace

const Control kListenerTls{
    .id = "TFS-LB-001",
    .topic = Topic::kTls,
    .severity = Severity::kHigh,
    .title = "listeners do not give up TLS",
    .types = kListenerTypes,
    .reads = kListenerReads,
    .evaluate = JudgeListener,
    .why = "Everything that clients send, credentials included, travels in clear.",
    .remedy = "keep the HTTPS or TLS listener; an HTTP listener should only redirect to it",
    .basis = "Vendor benchmark: AWS Security Hub ELB.1.",
};

}  // namespace tfseal
