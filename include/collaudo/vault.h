/* vault.h - the keys of the pilots, outside PostgreSQL.
 *
 * DIR/keys/ (0700) holds the installation key and one file per pilot: 32 random bytes sealed
 * with the installation key (hash.h). Identifiers become pseudonyms with the pilot's key before
 * anything is written; when the key is destroyed at the end of a pilot, no backup of the database
 * can undo it. Any thread; keys are cached in locked memory (where the limits of the process
 * allow it) and wiped at close. Two processes may share a DIR: whoever makes a key first wins.
 * Files that others may read are refused.
 */
#ifndef COLLAUDO_VAULT_H
#define COLLAUDO_VAULT_H

#include "collaudo/auto.h"
#include "collaudo/hash.h"

struct vault;

/* Makes DIR/keys and the installation key on first use. ERR_IO, ERR_INVALID (damaged). */
must_check bool vault_open(const char *data_dir, struct vault **ret, struct err *e);
void            vault_close(struct vault *v); /* NULL is fine */
AUTO_DEFINE_STRUCT(vault, vault_close)

/* The key of a pilot. make: create it when there is none (apply of a new pilot), else
 * ERR_NOT_FOUND. *ret stays valid until vault_close() or vault_destroy(). */
must_check bool vault_key(struct vault *v, int64_t workspace, int64_t pilot, bool make,
                          const struct hash_key **ret, struct err *e);

/* The end of a pilot: overwrites and removes the key's file. ERR_NOT_FOUND: there was none. */
must_check bool vault_destroy(struct vault *v, int64_t workspace, int64_t pilot, struct err *e);

/* The account pseudonym: HMAC(K, "account" 0 source 0 folded identifier). `mem`: scratch; look
 * at mem->denied before using what comes back. */
struct hash_id vault_account(const struct hash_key *key, const char *source, const char *identifier,
                             size_t n, struct arena *mem);
/* The person's reference: HMAC(K, "person" 0 folded identifier). */
struct hash_id vault_person(const struct hash_key *key, const char *identifier, size_t n,
                            struct arena *mem);

#endif
