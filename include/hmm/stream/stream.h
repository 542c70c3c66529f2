/* All of streams, for who reads and writes them. */
#ifndef HMM_STREAM_H
#define HMM_STREAM_H

#include "hmm/stream/dataset.h"
#include "hmm/stream/filter.h"
#include "hmm/stream/reader.h"
#include "hmm/stream/record.h"
#include "hmm/stream/step.h"
#include "hmm/stream/writer.h"

#endif
