#pragma once

#include <openssl/err.h>

#include <memory>

// What every user of OpenSSL in crypto/ needs: owners, and an error queue that is empty again.
namespace tfseal {

template <auto Free>
struct OpenSslFree {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <class T, auto Free>
using OpenSslOwner = std::unique_ptr<T, OpenSslFree<Free>>;

// What OpenSSL says may quote its input, so its queue is dropped and never shown.
inline void DropOpenSslErrors() {
  ERR_clear_error();
}

inline const unsigned char* Bytes(const char* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}
inline unsigned char* Bytes(char* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}

}  // namespace tfseal
