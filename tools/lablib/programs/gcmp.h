// Bodies of data frames protected as with GCMP (IEEE Std 802.11-2020, 12.5.5) and a key of 128 bits, which agents do by default: packet
// number, ciphertext, tag; of the MAC header the addresses are protected. What a session costs beyond that shows beside an injector
// that pays for it, too.
#ifndef LAB_GCMP_H
#define LAB_GCMP_H

#include "common.h"

#include <openssl/evp.h>

enum { GCMP_HEADER = 8, GCMP_TAG = 16, GCMP_NONCE = 12, ADDRESSES = 4, TRANSMITTER = 10, ADDRESSES_LENGTH = 18 };

// Expands a key that both ends have: all zeros, since nothing is secret here.
static inline EVP_CIPHER_CTX *gcmp_key(int seals) {
    static const unsigned char key[16];
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (!context || EVP_CipherInit_ex(context, EVP_aes_128_gcm(), NULL, key, NULL, seals) != 1) fail("libcrypto");
    return context;
}

// Begins a frame: `mpdu` is where its MAC header is, of `header` octets, behind which its number goes or is.
static inline int gcmp_begin(EVP_CIPHER_CTX *context, const unsigned char *mpdu, int header) {
    unsigned char nonce[GCMP_NONCE];
    int length;
    memcpy(nonce, mpdu + TRANSMITTER, 6);
    const unsigned char *body = mpdu + header;
    for (int i = 0; i < 6; i++) nonce[6 + i] = body[i < 4 ? 7 - i : 5 - i];
    return EVP_CipherInit_ex(context, NULL, NULL, NULL, nonce, -1) == 1 && EVP_CipherUpdate(context, NULL, &length, mpdu + ADDRESSES, ADDRESSES_LENGTH) == 1;
}

// Writes a body of `size` octets behind the MAC header: `text` has GCMP_HEADER and GCMP_TAG fewer.
static inline void gcmp_seal(EVP_CIPHER_CTX *context, unsigned char *mpdu, int header, uint64_t number, const unsigned char *text, size_t size) {
    unsigned char *body = mpdu + header;
    unsigned char head[GCMP_HEADER] = {(unsigned char)number, (unsigned char)(number >> 8), 0, 0x20, (unsigned char)(number >> 16),
                                       (unsigned char)(number >> 24), (unsigned char)(number >> 32), (unsigned char)(number >> 40)};
    memcpy(body, head, sizeof head);
    int length = 0, rest = 0, text_length = (int)size - GCMP_HEADER - GCMP_TAG;
    if (!gcmp_begin(context, mpdu, header) || EVP_CipherUpdate(context, body + GCMP_HEADER, &length, text, text_length) != 1 ||
        EVP_CipherFinal_ex(context, body + GCMP_HEADER + length, &rest) != 1 ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, GCMP_TAG, body + GCMP_HEADER + text_length) != 1) fail("libcrypto");
}

// Opens a body into `text`; 0 when it is not authentic.
static inline int gcmp_open(EVP_CIPHER_CTX *context, const unsigned char *mpdu, int header, size_t size, unsigned char *text) {
    const unsigned char *body = mpdu + header;
    unsigned char tag[GCMP_TAG];
    int length = 0, rest = 0, text_length = (int)size - GCMP_HEADER - GCMP_TAG;
    if (text_length < 0) return 0;
    memcpy(tag, body + GCMP_HEADER + text_length, sizeof tag);
    return gcmp_begin(context, mpdu, header) && EVP_CipherUpdate(context, text, &length, body + GCMP_HEADER, text_length) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, GCMP_TAG, tag) == 1 && EVP_CipherFinal_ex(context, text + length, &rest) == 1;
}

#endif
