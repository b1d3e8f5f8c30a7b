#include "gcm.h"

#include <errno.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

// An rl_gcm is libcrypto's context itself: it owns the expanded key, and erases it when it is freed.
static EVP_CIPHER_CTX *context_of(rl_gcm *gcm) { return (EVP_CIPHER_CTX *)gcm; }

int rl_gcm_create(const void *key, size_t key_length, int seals, rl_gcm **handle) {
    *handle = NULL;
    if (key_length != 16 && key_length != 32) return -EINVAL;
    // Reads no configuration file, now or later.
    if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1) return -EIO;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (!context) return -ENOMEM;
    const EVP_CIPHER *cipher = key_length == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
    if (EVP_CipherInit_ex(context, cipher, NULL, key, NULL, seals ? 1 : 0) != 1) {
        EVP_CIPHER_CTX_free(context);
        return -EIO;
    }
    *handle = (rl_gcm *)context;
    return 0;
}

void rl_gcm_destroy(rl_gcm *gcm) { EVP_CIPHER_CTX_free(context_of(gcm)); }

// A new nonce, with the key as it is; then the additional data and the text.
static int run(
    EVP_CIPHER_CTX *context, const void *nonce, const void *first, size_t first_length, const void *second,
    size_t second_length, void *text, size_t text_length) {
    if (first_length > INT_MAX || second_length > INT_MAX || text_length > INT_MAX) return -EMSGSIZE;
    int length;
    if (EVP_CipherInit_ex(context, NULL, NULL, NULL, nonce, -1) != 1) return -EIO;
    if (first_length && EVP_CipherUpdate(context, NULL, &length, first, (int)first_length) != 1) return -EIO;
    if (second_length && EVP_CipherUpdate(context, NULL, &length, second, (int)second_length) != 1) return -EIO;
    if (text_length && EVP_CipherUpdate(context, text, &length, text, (int)text_length) != 1) return -EIO;
    return 0;
}

int rl_gcm_seal(
    rl_gcm *gcm, const void *nonce, const void *first, size_t first_length, const void *second, size_t second_length,
    void *text, size_t text_length, void *tag) {
    EVP_CIPHER_CTX *context = context_of(gcm);
    unsigned char rest[EVP_MAX_BLOCK_LENGTH];
    int length;
    int result = run(context, nonce, first, first_length, second, second_length, text, text_length);
    if (result) return result;
    if (EVP_CipherFinal_ex(context, rest, &length) != 1) return -EIO;
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, RL_GCM_TAG_SIZE, tag) == 1 ? 0 : -EIO;
}

int rl_gcm_open(
    rl_gcm *gcm, const void *nonce, const void *first, size_t first_length, const void *second, size_t second_length,
    void *text, size_t text_length, const void *tag) {
    EVP_CIPHER_CTX *context = context_of(gcm);
    unsigned char expected[RL_GCM_TAG_SIZE], rest[EVP_MAX_BLOCK_LENGTH];
    int length;
    memcpy(expected, tag, sizeof expected);
    int result = run(context, nonce, first, first_length, second, second_length, text, text_length);
    if (!result && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, sizeof expected, expected) != 1) result = -EIO;
    if (!result && EVP_CipherFinal_ex(context, rest, &length) != 1) result = -EBADMSG;
    if (result && text_length) memset(text, 0, text_length);
    return result;
}
