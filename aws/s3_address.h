#pragma once

#include "aws/http.h"

namespace tfseal::aws {

// From https://s3.../bucket/key to https://bucket.s3.../key, where the bucket's name allows it: names with dots do not
// match the certificate, and stay in the path.
void MoveBucketToHost(HttpRequest& request);

}  // namespace tfseal::aws
