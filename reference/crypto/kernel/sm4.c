/* SM4 in ECB (GB/T 32907, GB/T 17964) on x86-64 processors with AES instructions: `reference.crypto.kernel._sm4`.
 *
 * The S-boxes of SM4 and AES are both the inverse in a field of 256 elements between two affine maps, and the fields are
 * isomorphic. So S_sm4(x) = post(S_aes(pre(x))) with two affine maps, each looked up by halves of a byte in a register;
 * AESENCLAST with a key of zeros is S_aes after a shift of rows. No table lies in memory, so that the time taken tells
 * nothing of key or text. tests/reference/crypto/test_kernel.py derives both maps anew from the two standards.
 *
 * Four blocks lie in four registers, one word of each block in one lane; two such groups hide each other's
 * latency. Round keys are vectors too: the same for all lanes, or of four keys for four texts.
 */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define BLOCK 16
#define LANES 4
#define ROUNDS 32
#define LONG_TEXT 65536 /* bytes after which Python's lock is let go */

typedef struct {
    __m128i key[ROUNDS];
} schedule;

static const uint32_t FK[4] = {0xa3b1bac6, 0x56aa3350, 0x677d9197, 0xb27022dc};

static inline __m128i halves(__m128i x, __m128i low, __m128i high)
{
    const __m128i mask = _mm_set1_epi8(0x0f);
    return _mm_xor_si128(_mm_shuffle_epi8(low, _mm_and_si128(x, mask)),
                         _mm_shuffle_epi8(high, _mm_and_si128(_mm_srli_epi16(x, 4), mask)));
}

/* The S-box on each byte. */
static inline __m128i substituted(__m128i x)
{
    const __m128i pre_low = _mm_setr_epi8(0x3e, (char)0xb2, 0x0e, (char)0x82, (char)0xbb, 0x37, (char)0x8b, 0x07,
                                          (char)0xa1, 0x2d, (char)0x91, 0x1d, 0x24, (char)0xa8, 0x14, (char)0x98);
    const __m128i pre_high = _mm_setr_epi8(0x00, (char)0xdc, 0x2e, (char)0xf2, (char)0xc5, 0x19, (char)0xeb, 0x37,
                                           0x08, (char)0xd4, 0x26, (char)0xfa, (char)0xcd, 0x11, (char)0xe3, 0x3f);
    const __m128i post_low = _mm_setr_epi8(0x6c, (char)0xd4, (char)0xa6, 0x1e, 0x52, (char)0xea, (char)0x98, 0x20,
                                           0x0b, (char)0xb3, (char)0xc1, 0x79, 0x35, (char)0x8d, (char)0xff, 0x47);
    const __m128i post_high = _mm_setr_epi8(0x00, (char)0xe0, 0x50, (char)0xb0, (char)0x9d, 0x7d, (char)0xcd, 0x2d,
                                            (char)0xc0, 0x20, (char)0x90, 0x70, 0x5d, (char)0xbd, 0x0d, (char)0xed);
    const __m128i rows_back = _mm_setr_epi8(0, 13, 10, 7, 4, 1, 14, 11, 8, 5, 2, 15, 12, 9, 6, 3);
    x = _mm_aesenclast_si128(halves(x, pre_low, pre_high), _mm_setzero_si128());
    return halves(_mm_shuffle_epi8(x, rows_back), post_low, post_high);
}

static inline __m128i rotated(__m128i x, int bits)
{
    return _mm_or_si128(_mm_slli_epi32(x, bits), _mm_srli_epi32(x, 32 - bits));
}

/* L(b) = b + b<<<2 + b<<<10 + b<<<18 + b<<<24, whole bytes by a shuffle. */
static inline __m128i diffused(__m128i b)
{
    const __m128i by_8 = _mm_setr_epi8(3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14);
    const __m128i by_16 = _mm_setr_epi8(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
    const __m128i by_24 = _mm_setr_epi8(1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
    __m128i twice = _mm_xor_si128(b, _mm_xor_si128(_mm_shuffle_epi8(b, by_8), _mm_shuffle_epi8(b, by_16)));
    return _mm_xor_si128(_mm_xor_si128(b, _mm_shuffle_epi8(b, by_24)), rotated(twice, 2));
}

/* The words of four blocks, big-endian, one lane a block; the same function turns them back. */
static inline void transposed(__m128i x[4])
{
    __m128i a = _mm_unpacklo_epi32(x[0], x[1]), b = _mm_unpacklo_epi32(x[2], x[3]);
    __m128i c = _mm_unpackhi_epi32(x[0], x[1]), d = _mm_unpackhi_epi32(x[2], x[3]);
    x[0] = _mm_unpacklo_epi64(a, b);
    x[1] = _mm_unpackhi_epi64(a, b);
    x[2] = _mm_unpacklo_epi64(c, d);
    x[3] = _mm_unpackhi_epi64(c, d);
}

static inline __m128i swapped(__m128i x)
{
    return _mm_shuffle_epi8(x, _mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
}

/* GB/T 32907, 7.3: the round keys of four keys at once; for deciphering in reverse. */
static void expand(schedule *into, const uint8_t *const keys[LANES], int decipher)
{
    __m128i k[4];
    for (int lane = 0; lane < LANES; lane++)
        k[lane] = swapped(_mm_loadu_si128((const __m128i *)keys[lane]));
    transposed(k);
    for (int word = 0; word < 4; word++)
        k[word] = _mm_xor_si128(k[word], _mm_set1_epi32((int)FK[word]));
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t ck = 0;
        for (int byte = 0; byte < 4; byte++)
            ck = ck << 8 | (uint8_t)((4 * round + byte) * 7);
        __m128i b = _mm_xor_si128(_mm_xor_si128(k[1], k[2]), _mm_xor_si128(k[3], _mm_set1_epi32((int)ck)));
        b = substituted(b);
        b = _mm_xor_si128(b, _mm_xor_si128(rotated(b, 13), rotated(b, 23)));
        __m128i next = _mm_xor_si128(k[0], b);
        k[0] = k[1], k[1] = k[2], k[2] = k[3], k[3] = next;
        into->key[decipher ? ROUNDS - 1 - round : round] = next;
    }
}

static void expand_one(schedule *into, const uint8_t *key, int decipher)
{
    const uint8_t *const keys[LANES] = {key, key, key, key};
    expand(into, keys, decipher);
}

/* GB/T 32907, 7.1: `groups` times four blocks. */
static inline __attribute__((always_inline)) void rounds(__m128i x[][4], const int groups, const schedule *keys)
{
    for (int group = 0; group < groups; group++) {
        for (int lane = 0; lane < LANES; lane++)
            x[group][lane] = swapped(x[group][lane]);
        transposed(x[group]);
    }
    for (int round = 0; round < ROUNDS; round += 4) {
        for (int word = 0; word < 4; word++) {
            for (int group = 0; group < groups; group++) {
                __m128i b = _mm_xor_si128(_mm_xor_si128(x[group][(word + 1) & 3], x[group][(word + 2) & 3]),
                                          _mm_xor_si128(x[group][(word + 3) & 3], keys->key[round + word]));
                x[group][word] = _mm_xor_si128(x[group][word], diffused(substituted(b)));
            }
        }
    }
    for (int group = 0; group < groups; group++) {
        __m128i out[4] = {x[group][3], x[group][2], x[group][1], x[group][0]};
        transposed(out);
        for (int lane = 0; lane < LANES; lane++)
            x[group][lane] = swapped(out[lane]);
    }
}

#define PAIR (2 * LANES)

/* All blocks of one text under one key. */
static void apply(const schedule *keys, const uint8_t *text, uint8_t *into, size_t blocks)
{
    __m128i x[2][4];
    for (; blocks >= PAIR; blocks -= PAIR, text += PAIR * BLOCK, into += PAIR * BLOCK) {
        memcpy(x, text, PAIR * BLOCK);
        rounds(x, 2, keys);
        memcpy(into, x, PAIR * BLOCK);
    }
    if (blocks) {
        memset(x, 0, sizeof x);
        memcpy(x, text, blocks * BLOCK);
        if (blocks > LANES)
            rounds(x, 2, keys);
        else
            rounds(x, 1, keys);
        memcpy(into, x, blocks * BLOCK);
    }
    explicit_bzero(x, sizeof x);
}

/* Up to four texts of the same length, each under its own key. */
static void apply_each(const schedule *keys, const uint8_t *texts, uint8_t *into, size_t length, size_t lanes)
{
    __m128i x[1][4];
    memset(x, 0, sizeof x);
    for (size_t at = 0; at < length; at += BLOCK) {
        for (size_t lane = 0; lane < lanes; lane++)
            memcpy(&x[0][lane], texts + lane * length + at, BLOCK);
        rounds(x, 1, keys);
        for (size_t lane = 0; lane < lanes; lane++)
            memcpy(into + lane * length + at, &x[0][lane], BLOCK);
    }
    explicit_bzero(x, sizeof x);
}

static int bytes_of(PyObject *object, const uint8_t **start, Py_ssize_t *length)
{
    char *found;
    if (PyBytes_AsStringAndSize(object, &found, length) < 0)
        return -1;
    *start = (const uint8_t *)found;
    return 0;
}

static PyObject *apply_to(PyObject *const *arguments, Py_ssize_t count, int decipher)
{
    const uint8_t *key, *text;
    Py_ssize_t key_length, length;
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "a key and a text are wanted");
        return NULL;
    }
    if (bytes_of(arguments[0], &key, &key_length) < 0 || bytes_of(arguments[1], &text, &length) < 0)
        return NULL;
    if (key_length != BLOCK || length % BLOCK) {
        PyErr_SetString(PyExc_ValueError, "a key of 16 bytes and whole blocks are wanted");
        return NULL;
    }
    PyObject *result = PyBytes_FromStringAndSize(NULL, length);
    if (result == NULL)
        return NULL;
    uint8_t *into = (uint8_t *)PyBytes_AsString(result);
    schedule keys;
    expand_one(&keys, key, decipher);
    if (length < LONG_TEXT) {
        apply(&keys, text, into, (size_t)length / BLOCK);
    } else {
        Py_BEGIN_ALLOW_THREADS
        apply(&keys, text, into, (size_t)length / BLOCK);
        Py_END_ALLOW_THREADS
    }
    explicit_bzero(&keys, sizeof keys);
    return result;
}

static PyObject *encipher(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    return apply_to(arguments, count, 0);
}

static PyObject *decipher(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    return apply_to(arguments, count, 1);
}

static PyObject *decipher_each(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    const uint8_t *keys, *texts;
    Py_ssize_t keys_length, length;
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "keys and texts are wanted");
        return NULL;
    }
    if (bytes_of(arguments[0], &keys, &keys_length) < 0 || bytes_of(arguments[1], &texts, &length) < 0)
        return NULL;
    Py_ssize_t people = keys_length / BLOCK;
    if (keys_length % BLOCK || (people ? length % (people * BLOCK) : length)) {
        PyErr_SetString(PyExc_ValueError, "keys of 16 bytes and as many texts of the same whole blocks are wanted");
        return NULL;
    }
    PyObject *result = PyBytes_FromStringAndSize(NULL, length);
    if (result == NULL || !people)
        return result;
    uint8_t *into = (uint8_t *)PyBytes_AsString(result);
    size_t each = (size_t)(length / people);
    schedule round_keys;
    for (Py_ssize_t first = 0; first < people; first += LANES) {
        size_t lanes = people - first < LANES ? (size_t)(people - first) : LANES;
        const uint8_t *of_lane[LANES];
        for (size_t lane = 0; lane < LANES; lane++)
            of_lane[lane] = keys + ((size_t)first + (lane < lanes ? lane : 0)) * BLOCK;
        expand(&round_keys, of_lane, 1);
        apply_each(&round_keys, texts + (size_t)first * each, into + (size_t)first * each, each, lanes);
    }
    explicit_bzero(&round_keys, sizeof round_keys);
    return result;
}

static PyMethodDef methods[] = {
    {"encipher", (PyCFunction)(void (*)(void))encipher, METH_FASTCALL, "encipher(key, blocks, /) -> bytes"},
    {"decipher", (PyCFunction)(void (*)(void))decipher, METH_FASTCALL, "decipher(key, blocks, /) -> bytes"},
    {"decipher_each", (PyCFunction)(void (*)(void))decipher_each, METH_FASTCALL,
     "decipher_each(keys, texts, /) -> bytes"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_sm4", "SM4 in ECB with AES instructions.", -1, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__sm4(void)
{
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("aes") || !__builtin_cpu_supports("ssse3")) {
        PyErr_SetString(PyExc_ImportError, "this processor has no AES instructions");
        return NULL;
    }
    return PyModule_Create(&definition);
}
