#include "aws/observe/types/declarations.h"

// Templates, documents and events: what services are handed as a whole.
namespace tfseal::observe {
namespace {

// A parameter with NoEcho is answered as a mask.
constexpr std::string_view kNoStack = "ValidationError StackSetNotFoundException";
constexpr Attribute kStackAttributes[] = {
    {"parameters", "Parameters", "{}", As::kNameValue, "ParameterKey ParameterValue"}};
constexpr Attribute kTemplate[] = {{"template_body", "TemplateBody"}};
constexpr Read kStackReads[] = {
    {"cloudformation", "DescribeStacks", "StackName={id|name}", "Stacks[0]", kStackAttributes, IfNothing::kGone,
     kNoStack},
    {"cloudformation", "GetTemplate", "StackName={id|name}", "", kTemplate, IfNothing::kGone, kNoStack}};
constexpr Attribute kStackSetAttributes[] = {
    {"parameters", "Parameters", "{}", As::kNameValue, "ParameterKey ParameterValue"},
    {"template_body", "TemplateBody"}};
constexpr Read kStackSetReads[] = {{"cloudformation", "DescribeStackSet", "StackSetName={name|id}", "StackSet",
                                    kStackSetAttributes, IfNothing::kGone, kNoStack}};

constexpr Attribute kConnectionAttributes[] = {
    {"auth_parameters[0].invocation_http_parameters[0].body[].key",
     "AuthParameters.InvocationHttpParameters.BodyParameters[].Key", kAbsent},
    {"auth_parameters[0].invocation_http_parameters[0].body[].value",
     "AuthParameters.InvocationHttpParameters.BodyParameters[].Value", kAbsent},
    {"auth_parameters[0].invocation_http_parameters[0].body[].is_value_secret",
     "AuthParameters.InvocationHttpParameters.BodyParameters[].IsValueSecret", kAbsent},
    {"auth_parameters[0].invocation_http_parameters[0].header[].key",
     "AuthParameters.InvocationHttpParameters.HeaderParameters[].Key", kAbsent},
    {"auth_parameters[0].invocation_http_parameters[0].header[].value",
     "AuthParameters.InvocationHttpParameters.HeaderParameters[].Value", kAbsent},
    {"auth_parameters[0].invocation_http_parameters[0].header[].is_value_secret",
     "AuthParameters.InvocationHttpParameters.HeaderParameters[].IsValueSecret", kAbsent},
    {"auth_parameters[0].invocation_http_parameters[0].query_string[].key",
     "AuthParameters.InvocationHttpParameters.QueryStringParameters[].Key", kAbsent},
    {"auth_parameters[0].invocation_http_parameters[0].query_string[].value",
     "AuthParameters.InvocationHttpParameters.QueryStringParameters[].Value", kAbsent},
    {"auth_parameters[0].invocation_http_parameters[0].query_string[].is_value_secret",
     "AuthParameters.InvocationHttpParameters.QueryStringParameters[].IsValueSecret", kAbsent},
    {"auth_parameters[0].oauth[0].oauth_http_parameters[0].body[].key",
     "AuthParameters.OAuthParameters.OAuthHttpParameters.BodyParameters[].Key", kAbsent},
    {"auth_parameters[0].oauth[0].oauth_http_parameters[0].body[].value",
     "AuthParameters.OAuthParameters.OAuthHttpParameters.BodyParameters[].Value", kAbsent},
    {"auth_parameters[0].oauth[0].oauth_http_parameters[0].body[].is_value_secret",
     "AuthParameters.OAuthParameters.OAuthHttpParameters.BodyParameters[].IsValueSecret", kAbsent},
    {"auth_parameters[0].oauth[0].oauth_http_parameters[0].header[].key",
     "AuthParameters.OAuthParameters.OAuthHttpParameters.HeaderParameters[].Key", kAbsent},
    {"auth_parameters[0].oauth[0].oauth_http_parameters[0].header[].value",
     "AuthParameters.OAuthParameters.OAuthHttpParameters.HeaderParameters[].Value", kAbsent},
    {"auth_parameters[0].oauth[0].oauth_http_parameters[0].header[].is_value_secret",
     "AuthParameters.OAuthParameters.OAuthHttpParameters.HeaderParameters[].IsValueSecret", kAbsent},
    {"auth_parameters[0].oauth[0].oauth_http_parameters[0].query_string[].key",
     "AuthParameters.OAuthParameters.OAuthHttpParameters.QueryStringParameters[].Key", kAbsent},
    {"auth_parameters[0].oauth[0].oauth_http_parameters[0].query_string[].value",
     "AuthParameters.OAuthParameters.OAuthHttpParameters.QueryStringParameters[].Value", kAbsent},
    {"auth_parameters[0].oauth[0].oauth_http_parameters[0].query_string[].is_value_secret",
     "AuthParameters.OAuthParameters.OAuthHttpParameters.QueryStringParameters[].IsValueSecret", kAbsent},
};
constexpr Read kConnectionReads[] = {{"events", "DescribeConnection", "Name={name|id}", "", kConnectionAttributes,
                                      IfNothing::kGone, "ResourceNotFoundException"}};
constexpr Attribute kTargetAttributes[] = {
    {"input", "Input", "null"},
    {"input_transformer[0].input_template", "InputTransformer.InputTemplate", kAbsent},
    {"http_target[0].header_parameters", "HttpParameters.HeaderParameters", kAbsent},
    {"http_target[0].query_string_parameters", "HttpParameters.QueryStringParameters", kAbsent}};
constexpr Read kTargetReads[] = {{"events", "ListTargetsByRule", "Rule={rule}; EventBusName={event_bus_name}",
                                  "Targets[Id={target_id}]", kTargetAttributes, IfNothing::kGone,
                                  "ResourceNotFoundException"}};
constexpr Attribute kScheduleAttributes[] = {{"target[0].input", "Target.Input", kAbsent}};
constexpr Read kScheduleReads[] = {{"scheduler", "GetSchedule", "Name={name}; GroupName={group_name}", "",
                                    kScheduleAttributes, IfNothing::kGone, "ResourceNotFoundException"}};

constexpr Attribute kDocumentAttributes[] = {{"content", "Content"}};
constexpr Read kDocumentReads[] = {
    {"ssm", "GetDocument", "Name={name|id}", "", kDocumentAttributes, IfNothing::kGone, "InvalidDocument"}};
constexpr Attribute kComponentAttributes[] = {{"data", "component.data", "null"}};
constexpr Read kComponentReads[] = {{"imagebuilder", "GetComponent", "componentBuildVersionArn={arn|id}", "",
                                     kComponentAttributes, IfNothing::kGone, "ResourceNotFoundException"}};

}  // namespace

const ObservedType kStack{.type = "aws_cloudformation_stack", .reads = kStackReads};
const ObservedType kStackSet{.type = "aws_cloudformation_stack_set", .reads = kStackSetReads};
const ObservedType kEventConnection{.type = "aws_cloudwatch_event_connection", .reads = kConnectionReads};
const ObservedType kEventTarget{.type = "aws_cloudwatch_event_target", .reads = kTargetReads};
const ObservedType kSchedule{.type = "aws_scheduler_schedule", .reads = kScheduleReads};
const ObservedType kImageComponent{.type = "aws_imagebuilder_component", .reads = kComponentReads};
const ObservedType kSsmDocument{.type = "aws_ssm_document", .reads = kDocumentReads};

}  // namespace tfseal::observe
