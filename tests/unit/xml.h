/* xml.h - is a text well-formed XML? A checker for tests: elements, attributes, text, the
 * five named entities and numeric ones; no DTD, comments or processing instructions. */
#ifndef XML_H
#define XML_H

#include <stddef.h>

/* NULL when it is well-formed, else what is wrong and, in *ret_at, where. */
const char *xml_fault(const char *text, size_t n, size_t *ret_at);

#endif
