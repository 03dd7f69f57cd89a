#include <fmt/format.h>

#include "report/clean.h"
#include "report/render.h"
#include "report/words.h"

namespace tfseal::report {

std::string Csv(const Assessment& assessment) {
  std::string csv =
      "standing,verdict,severity,rule,topic,title,address,type,environment,document,file,line,cause,change_class,"
      "message,remedy,waiver,fingerprint\r\n";
  for (const Check& check : assessment.checks) {
    const std::string_view document =
        check.document < assessment.documents.size() ? assessment.documents[check.document].path : std::string_view();
    const std::string line = check.place.file.empty() ? "" : fmt::format("{}", check.place.line);
    bool first = true;
    for (const std::string_view field :
         {Name(check.standing), tfseal::Name(check.verdict), tfseal::Name(check.severity), std::string_view(check.rule),
          tfseal::Name(check.topic), std::string_view(assessment.RuleOf(check).title), std::string_view(check.address),
          std::string_view(check.type), check.EnvironmentName(), document, std::string_view(check.place.file),
          std::string_view(line), std::string_view(check.cause), std::string_view(check.change_class),
          std::string_view(check.message), std::string_view(check.remedy), std::string_view(check.waiver),
          std::string_view(check.fingerprint)}) {
      if (!first) csv += ',';
      first = false;
      csv += CsvField(field);
    }
    csv += "\r\n";
  }
  return csv;
}

}  // namespace tfseal::report
