internal import COneDNN

/// What one thread needs to itself while it works: a stream and scratch memory.
///
/// Not shared: a worker serves one thread at a time.
final class Worker {
    let index: Int
    let stream: dnnl_stream_t
    /// oneDNN's own working memory.
    let scratchpad = AlignedBuffer()
    /// Unfolded patches, or the perceptron's inner numbers, of one tile.
    let wide = AlignedBuffer()
    /// Normalised tokens of one tile.
    let normalised = AlignedBuffer()
    /// Attention scores of one head and tile.
    let scores = AlignedBuffer()
    /// Their exponentials, where these are stored as bfloat16.
    let exponentials = AlignedBuffer()
    /// 1 / sum of the exponentials, per query.
    let factors = AlignedBuffer()
    /// What one head's queries gathered of the values.
    let gathered = AlignedBuffer()

    init(index: Int) throws(EncoderError) {
        var stream: dnnl_stream_t?
        try OneDNN.check(
            dnnl_stream_create(
                &stream, OneDNN.shared.engine, UInt32(dnnl_stream_default_flags.rawValue)),
            "a stream")
        guard let stream else { throw .engine(operation: "a stream", status: 0) }
        self.index = index
        self.stream = stream
    }

    deinit {
        dnnl_stream_destroy(stream)
    }
}
