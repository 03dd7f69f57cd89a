"""DynamoDB: the encryption of a table can be changed."""

from moto.dynamodb import responses


def correct(_settings):
    update = responses.DynamoHandler.update_table

    def update_table(self):
        answer = update(self)
        encryption = self.body.get("SSESpecification")
        if encryption is not None:
            table = self.dynamodb_backend.get_table(self.body["TableName"])
            table.sse_specification = {"Enabled": encryption.get("Enabled", True), "KMSMasterKeyId": encryption.get("KMSMasterKeyId") or "alias/aws/dynamodb"}
        return answer

    responses.DynamoHandler.update_table = update_table
