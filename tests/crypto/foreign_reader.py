#!/usr/bin/env python3
"""Opens what write_rows wrote with the Python package cryptography, by the layouts of docs/row-formats.md.

usage: foreign_reader.py WRITE_ROWS
"""
import base64
import json
import subprocess
import sys

try:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.hmac import HMAC
    from cryptography.hazmat.primitives.keywrap import aes_key_unwrap_with_padding
except ImportError:
    print("SKIP: the Python package cryptography is not installed")
    sys.exit(77)


def field(data, at, size):
    end = at + size + int.from_bytes(data[at:at + size], "big")
    return data[at + size:end], end


def aad():
    parts = [b"connections", b"payload", b"42", b"acme"]
    return b"tfsealAD\x01\x01" + b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def read_tfseal(data, kek):
    assert data[:5] == b"tfs\x01\x01"
    reference, at = field(data, 5, 2)
    wrapped, at = field(data, at, 2)
    nonce, at = field(data, at, 1)
    commitment, iv = data[at:at + 32], data[at + 32:at + 44]
    ciphertext, at = field(data, at + 44, 4)
    assert (reference, nonce, len(data)) == (b"2025-03-kms", b"", at + 16)
    key = aes_key_unwrap_with_padding(kek, wrapped)
    mac = HMAC(key, SHA256())
    mac.update(b"tfseal:key-commitment:v1")
    mac.verify(commitment)
    return AESGCM(key).decrypt(iv, ciphertext + data[at:], aad())


def read(layout, values, kek, key):
    if layout == "columns":
        ciphertext, iv, wrapped = values
        return AESGCM(aes_key_unwrap_with_padding(kek, wrapped)).decrypt(iv, ciphertext, None)
    if layout == "version-prefix":
        version, sealed = values[0].split(b":", 1)
        assert version == b"v7"
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], None)
    if layout == "tfseal":
        return read_tfseal(values[0], kek)
    if layout == "rails":
        message = json.loads(values[0])
        ciphertext, iv, tag = (base64.b64decode(text, validate=True)
                               for text in (message["p"], message["h"]["iv"], message["h"]["at"]))
        return AESGCM(key).decrypt(iv, ciphertext + tag, None)
    assert layout == "lockbox"
    sealed = base64.b64decode(values[0], validate=True)
    version, wrapped = values[1].split(b":")
    assert version == b"v1"
    key = aes_key_unwrap_with_padding(kek, base64.b64decode(wrapped, validate=True))
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], None)


def main():
    lines = subprocess.run([sys.argv[1]], check=True, capture_output=True, text=True).stdout.splitlines()
    layouts = set()
    for line in lines:
        row = json.loads(line)
        layouts.add(row["layout"])
        values = [bytes.fromhex(value) for value in row["values"]]
        plaintext = read(row["layout"], values, bytes.fromhex(row["kek"]), bytes.fromhex(row["key"]))
        if plaintext.hex() != row["plaintext"]:
            sys.exit(f"{row['layout']}: another plaintext")
    if len(lines) != 25 or len(layouts) != 5:
        sys.exit(f"{len(lines)} values in {len(layouts)} layouts, not 25 in 5")
    print(f"{len(lines)} values opened")


if __name__ == "__main__":
    main()
