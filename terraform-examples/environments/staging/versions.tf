terraform {
  required_version = "1.11.4"
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}

provider "aws" {
  region = "us-east-1"
  default_tags {
    tags = { Environment = "staging", Project = "clinical-trial" }
  }
}
