// AES-GCM with a key that is expanded once and used for many frames, in place, without allocating.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define RL_GCM_NONCE_SIZE 12
#define RL_GCM_TAG_SIZE 16

typedef struct rl_gcm rl_gcm;

// Expands a key of 16 or 32 octets, for sealing or for opening; -EINVAL for another length.
int rl_gcm_create(const void *key, size_t key_length, int seals, rl_gcm **handle);

// Erases the key.
void rl_gcm_destroy(rl_gcm *gcm);

// Encrypts `text` in place and writes the tag over the additional data, first and second part, and the text.
int rl_gcm_seal(
    rl_gcm *gcm, const void *nonce, const void *first, size_t first_length, const void *second, size_t second_length,
    void *text, size_t text_length, void *tag);

// The reverse. -EBADMSG when the tag does not match; the text is then all zeros.
int rl_gcm_open(
    rl_gcm *gcm, const void *nonce, const void *first, size_t first_length, const void *second, size_t second_length,
    void *text, size_t text_length, const void *tag);
