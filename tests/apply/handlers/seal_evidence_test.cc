// The file that a run leaves of what it did and saw: what counts as written.
#include "core/file.h"
#include "tests/apply/handlers/database_world.h"
#include "tests/apply/handlers/handler_case.h"
#include "tests/support/run_program.h"

namespace tfseal::testing {
namespace {

class Evidence : public ::testing::Test {
 protected:
  Evidence() : step(world, kSealEvidence, Object({{"subject", "orders"}, {"contains", Texts({"everything"})}})) {
    step.context.settings.evidence_dir = folder.path();
    step.context.settings.plan_sha256 = std::string(64, 'a');
    step.action.needs = {"compared"};
    step.context.done["compared"] = {step.clock.Now(), Object({{"rows", 7}})};
  }
  [[nodiscard]] std::string Path() const { return folder.path() + "/" + step.action.id + ".json"; }
  JsonValue Written() const { return ParseJson(ReadFileBounded(Path(), 1 << 20).value()).value(); }
  void Put(const JsonValue& document) const {
    ASSERT_TRUE(WriteFileAtomically(Path(), WriteJsonDocument(document)).ok());
  }

  DatabaseWorld world;
  const TemporaryDirectory folder;
  HandlerCase step;
};

TEST_F(Evidence, IsWrittenOnceAndSeenAgain) {
  EXPECT_EQ(step.CarryOut(), 1);
  EXPECT_THAT(step.Look(), Is(ProbeState::kDone, "not signed"));
  // Whatever is done later is not in it, and need not be.
  step.context.done["later"] = {step.clock.Now(), Object({{"rows", 8}})};
  EXPECT_THAT(step.Look(), Is(ProbeState::kDone));
}

TEST_F(Evidence, OfNothingOrOfSomethingElseIsNotTaken) {
  ASSERT_EQ(step.CarryOut(), 1);
  const JsonValue whole = Written();
  JsonValue other = whole;
  // Whole in itself: the chain of no entry ends where it begins.
  other["entries"] = JsonValue(Json::arrayValue);
  other["head_sha256"] = other["plan_sha256"];
  Put(other);
  EXPECT_THAT(step.Look(), Is(ProbeState::kConflict, "not the evidence"));
  for (const char* member : {"subject", "action", "schema"}) {
    other = whole;
    other[member] = "another";
    Put(other);
    EXPECT_THAT(step.Look(), Is(ProbeState::kConflict, "not the evidence")) << member;
  }
  other = whole;
  other["signed"] = true;
  Put(other);
  EXPECT_THAT(step.Look(), Is(ProbeState::kConflict, "not the evidence"));
  Put(whole);
  EXPECT_THAT(step.Look(), Is(ProbeState::kDone));
  // Another run found something else.
  step.context.done["compared"].evidence["rows"] = 6;
  EXPECT_THAT(step.Look(), Is(ProbeState::kConflict, "not the evidence"));
}

}  // namespace
}  // namespace tfseal::testing
